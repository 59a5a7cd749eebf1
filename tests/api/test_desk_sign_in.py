"""The desk's door: sessions, forms, the one-time link, and where errors lead."""

import re
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import update
from support.api import Api

from copydesk.domain.clock import now
from copydesk.errors import Unauthorized
from copydesk.services.sessions import LINK_TIME
from copydesk.store.schema import sign_in_links, web_sessions
from copydesk.web.access import COOKIE, SIGN_INS_PER_MINUTE

LISTS = ("/desk/tasks", "/desk/articles")


def _csrf(page: httpx2.Response) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page.text)
    assert found is not None
    return found[1]


async def _signed_in(api: Api, *, read_only: bool = False) -> httpx2.Response:
    """Sign in; answers the first page."""
    key = await api.key(read_only=read_only)
    response = await api.client.post("/desk/sign-in", data={"key": key})
    assert (response.status_code, response.headers["location"]) == (303, "/desk/tasks")
    return await api.client.get("/desk/tasks")


@pytest.mark.parametrize("path", LISTS)
async def test_stranger_is_led_to_the_sign_in_and_back(api: Api, path: str) -> None:
    """Without a session every page leads to the sign-in, which leads back to that page."""
    response = await api.client.get(path)
    assert (response.status_code, response.headers["location"]) == (303, f"/desk/sign-in?next={path}")
    key = await api.key()
    back = await api.client.post("/desk/sign-in", data={"key": key, "next": path})
    assert back.headers["location"] == path


async def test_cookie_is_out_of_reach_and_its_token_is_kept_as_a_hash(api: Api) -> None:
    """HttpOnly, SameSite and for the desk alone; Secure behind TLS; the database knows only a digest."""
    key = await api.key()
    for scheme, secure in (("http", False), ("https", True)):
        response = await api.client.post(f"{scheme}://copydesk.test/desk/sign-in", data={"key": key})
        cookie = response.headers["set-cookie"]
        assert all(part in cookie for part in ("HttpOnly", "SameSite=lax", "Path=/desk"))
        assert ("Secure" in cookie) is secure
        token = cookie.partition("=")[2].partition(";")[0]
        async with api.database.read() as connection:
            kept = (await connection.execute(web_sessions.select())).all()
        assert all(token not in str(row) for row in kept)


@pytest.mark.parametrize("key", ["", "x", "cd_" + "A" * 43, "k" * 201])
async def test_sign_in_says_what_is_wrong_with_the_key(api: Api, key: str) -> None:
    """A wrong key is refused on the page itself, without a session."""
    response = await api.client.post("/desk/sign-in", data={"key": key})
    assert response.status_code in {401, 422}
    assert "set-cookie" not in response.headers
    assert 'role="alert"' in response.text or 'aria-invalid="true"' in response.text


async def test_sign_in_leads_nowhere_else_when_told_to(api: Api) -> None:
    """An address outside the desk is not followed after the sign-in."""
    key = await api.key()
    for target in (
        "https://evil.test/",
        "//evil.test",
        "/desk//evil.test",
        "/desk/\\evil.test",
        "/api/v1",
        "/desk/a\r\nX: y",
    ):
        response = await api.client.post("/desk/sign-in", data={"key": key, "next": target})
        assert response.headers["location"] == "/desk/tasks", target


async def test_tries_are_limited(api: Api) -> None:
    """More tries a minute than a person makes are refused, with a page that says so."""
    for _ in range(SIGN_INS_PER_MINUTE):
        assert (await api.client.post("/desk/sign-in", data={"key": "x"})).status_code == 401
    response = await api.client.post("/desk/sign-in", data={"key": "x"})
    assert response.status_code == 429
    assert "too many tries" in response.text


async def test_session_ends_with_the_sign_out(api: Api) -> None:
    """Afterwards the same cookie opens nothing."""
    page = await _signed_in(api)
    assert page.status_code == 200
    token = api.client.cookies[COOKIE]
    response = await api.client.post("/desk/sign-out", data={"csrf": _csrf(page)})
    assert (response.status_code, response.headers["location"]) == (303, "/desk/sign-in")
    with pytest.raises(Unauthorized):
        await api.services.sessions.resume(token)


async def test_session_ends_when_its_key_is_revoked(api: Api) -> None:
    """The key is the account's; without it there is no session."""
    page = await _signed_in(api)
    assert page.status_code == 200
    (key,) = await api.services.access.list_keys()
    await api.services.access.revoke_key(key.key_id)
    assert (await api.client.get("/desk/tasks")).status_code == 303


async def test_session_ends_with_its_time(api: Api) -> None:
    """After two weeks one signs in again."""
    await _signed_in(api)
    async with api.database.write() as connection:
        await connection.execute(update(web_sessions).values(expires_at=now() - timedelta(seconds=1)))
    assert (await api.client.get("/desk/tasks")).status_code == 303


@pytest.mark.parametrize("given", [None, "", "0" * 64, "é"])
async def test_form_is_refused_when_it_was_not_made_for_the_session(api: Api, given: str | None) -> None:
    """Whatever changes something needs the session's own form token; another site cannot know it."""
    await _signed_in(api)
    data = {} if given is None else {"csrf": given}
    response = await api.client.post("/desk/sign-out", data=data)
    assert response.status_code == 403
    assert "reload the page" in response.text
    assert (await api.client.get("/desk/tasks")).status_code == 200


async def test_script_may_send_the_form_token_in_a_header(api: Api) -> None:
    """Parts of pages are asked for with a header instead of a field."""
    page = await _signed_in(api)
    response = await api.client.post("/desk/sign-out", headers={"X-CSRF-Token": _csrf(page)})
    assert response.status_code == 303


async def test_reader_may_sign_out(api: Api) -> None:
    """A key that may only read opens the pages, and can be left."""
    page = await _signed_in(api, read_only=True)
    response = await api.client.post("/desk/sign-out", data={"csrf": _csrf(page)})
    assert response.status_code == 303


async def test_link_signs_in_once(api: Api) -> None:
    """Looking at a link does not use it up, its button does; a second time it is refused."""
    token = await api.services.sessions.make_link("local")
    for _ in range(2):
        assert (await api.client.get(f"/desk/link/{token}")).status_code == 200
    response = await api.client.post(f"/desk/link/{token}")
    assert (response.status_code, response.headers["location"]) == (303, "/desk/tasks")
    page = await api.client.get("/desk/tasks")
    assert (page.status_code, "local" in page.text) == (200, True)
    again = await api.client.post(f"/desk/link/{token}")
    assert again.status_code == 401
    assert "has been used" in again.text


@pytest.mark.parametrize("token", ["x", "A" * 43])
async def test_link_is_refused_when_unknown(api: Api, token: str) -> None:
    """A made-up link opens nothing."""
    assert (await api.client.post(f"/desk/link/{token}")).status_code == 401


async def test_link_is_refused_when_too_old(api: Api) -> None:
    """It works for a few minutes."""
    token = await api.services.sessions.make_link("local")
    async with api.database.write() as connection:
        await connection.execute(update(sign_in_links).values(expires_at=now() - LINK_TIME))
    assert (await api.client.post(f"/desk/link/{token}")).status_code == 401


async def test_pages_carry_a_strict_policy(api: Api) -> None:
    """No script, style or address but the desk's own; nothing is kept by caches; pages stand in no frame."""
    page = await _signed_in(api)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["cache-control"] == "no-store"
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|style=", page.text)


async def test_static_files_are_kept_under_their_digest(api: Api) -> None:
    """Addresses on the page carry the content's digest and may be kept for a year; others are given, not kept."""
    page = await _signed_in(api)
    address, *_ = re.findall(r'href="(/desk/static/[^"]+\.css)"', page.text)
    response = await api.client.get(address)
    assert (response.status_code, response.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "immutable" in response.headers["cache-control"]
    old = await api.client.get(re.sub(r"static/\w+/", "static/old/", address))
    assert (old.status_code, old.headers["cache-control"]) == (200, "no-store")
    for name in ("no-such.js", "..%2Fen.toml", "__init__.py"):
        assert (await api.client.get(f"/desk/static/x/{name}")).status_code == 404


async def test_unknown_page_says_so(api: Api) -> None:
    """An unknown address below the desk is a page with a way back, not the API's JSON."""
    await _signed_in(api)
    response = await api.client.get("/desk/nowhere")
    assert response.status_code == 404
    assert "There is no such page." in response.text
    assert 'href="/desk/tasks"' in response.text


async def test_parameters_are_explained_when_they_are_wrong(api: Api) -> None:
    """A status that does not exist is said, on a page."""
    await _signed_in(api)
    response = await api.client.get("/desk/tasks?status=x")
    assert response.status_code == 422
    assert "status" in response.text


async def test_part_of_a_page_sends_the_browser_to_the_sign_in(api: Api) -> None:
    """A script's request without a session leads the whole browser to the sign-in."""
    response = await api.client.get("/desk/tasks", headers={"HX-Request": "true"})
    assert response.status_code == 401
    assert response.headers["hx-redirect"].startswith("/desk/sign-in")


async def test_prompt_is_shown_as_text(api: Api) -> None:
    """Markup in a prompt stands there as it was typed."""
    caller = await api.caller()
    await caller.create_task(user_prompt="<script>alert(1)</script> \"and\" 'more'")
    await api.client.post("/desk/sign-in", data={"key": caller.secret})
    page = await api.client.get("/desk/tasks")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


async def test_lists_show_what_the_account_has(api: Api) -> None:
    """Tasks and articles with their states; another account's are not there."""
    caller, other = await api.caller(), await api.caller("other")
    article = await api.article(caller)
    await other.create_task(user_prompt="Somebody else's topic")
    await api.client.post("/desk/sign-in", data={"key": caller.secret})
    tasks = (await api.client.get("/desk/tasks")).text
    assert "Completed" in tasks
    assert "Somebody else" not in tasks
    assert article.title in (await api.client.get("/desk/articles")).text
    empty = (await api.client.get("/desk/articles?status=archived")).text
    assert "No article has this status" in empty
