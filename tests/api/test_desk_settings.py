"""The page of settings: the account's own keys, tests of endpoints, and what this service is."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx2
import pytest
import pytest_asyncio
from support.api import Api, running
from support.seated import Seat, seated

from copydesk.domain.clock import now
from copydesk.errors import ConfigurationError, Forbidden, NotFound, Unauthorized, ValidationError
from copydesk.services.access import MAX_KEY_DAYS, MAX_KEY_NAME
from copydesk.services.sessions import LINK_KEY_NAME
from copydesk.store.database import Database
from copydesk.web.pages.settings import TESTS_PER_MINUTE

MARKUP = "<script>alert(1)</script> \"and\" 'more'"


async def made(seat: Seat, **fields: str) -> httpx2.Response:
    """Send the form of a new key."""
    return await seat.post("/settings/keys", {"name": "For the shop", **fields})


def secret_of(page: httpx2.Response) -> str:
    """The new key, as the page shows it."""
    found = re.search(r'id="secret" readonly value="(cd_[^"]+)"', page.text)
    assert found is not None
    return found[1]


async def own_key(seat: Seat) -> str:
    """The id of the key that somebody is signed in with."""
    return (await seat.api.services.sessions.resume(seat.token)).key.key_id


async def test_stranger_is_led_to_the_sign_in(api: Api) -> None:
    """Nobody sees or changes settings without a session."""
    assert (await api.client.get("/desk/settings")).headers["location"] == "/desk/sign-in?next=/desk/settings"
    response = await api.client.post("/desk/settings/keys", data={"name": "x"})
    assert (response.status_code, len(await api.services.access.list_keys())) == (303, 0)


async def test_keys_of_the_account_are_listed(api: Api) -> None:
    """Each with name, prefix, rights and state; another account's are not there, secrets nowhere."""
    seat = await seated(api)
    key, secret = await api.services.access.create_key("acme", name="Nightly import", read_only=True)
    old, _ = await api.services.access.create_key("acme", name="Old", expires_at=now() - timedelta(days=1))
    other, _ = await api.services.access.create_key("other", name="Somebody else's")
    page = (await seat.get("/settings")).text
    for shown in (key.prefix, "Nightly import", "may only read", old.prefix, "Expired", "you are signed in with it"):
        assert shown in page
    assert other.prefix not in page
    assert "Somebody else" not in page
    assert secret not in page
    assert "style=" not in page


async def test_key_is_shown_once_when_made(api: Api) -> None:
    """It opens the door, has the name and rights that were asked for, and is not shown again."""
    seat = await seated(api)
    page = await made(seat, expires_in="7", read_only="yes")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    secret = secret_of(page)
    key = await api.services.access.authenticate(secret)
    assert (key.name, key.read_only, key.account_id) == ("For the shop", True, seat.account_id)
    assert key.expires_at is not None
    assert timedelta(days=6, hours=23) < key.expires_at - now() <= timedelta(days=7)
    again = (await seat.get("/settings")).text
    assert secret not in again
    assert "For the shop" in again


async def test_key_never_expires_when_no_days_are_given(api: Api) -> None:
    """Empty days are no limit, and without the check it may write."""
    key = await api.services.access.authenticate(secret_of(await made(await seated(api))))
    assert (key.expires_at, key.read_only) == (None, False)


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"name": ""}, "name", "Say what the key is for"),
        ({"name": "  "}, "name", "Say what the key is for"),
        ({"name": "n" * (MAX_KEY_NAME + 1)}, "name", "at most 100 characters"),
        ({"name": "a\nb"}, "name", "no line breaks"),
        ({"expires_in": "0"}, "expires_in", "1 to 36,500"),
        ({"expires_in": "-1"}, "expires_in", "1 to 36,500"),
        ({"expires_in": "soon"}, "expires_in", "1 to 36,500"),
        ({"expires_in": str(MAX_KEY_DAYS + 1)}, "expires_in", "1 to 36,500"),
        ({"expires_in": "9" * 90}, "expires_in", "1 to 36,500"),
    ],
)
async def test_wrong_key_is_said_at_its_field(api: Api, fields: dict[str, str], field: str, said: str) -> None:
    """Nothing is made, what was typed stays, and the field says what is wrong with it."""
    seat = await seated(api)
    page = await made(seat, **fields)
    assert page.status_code == 422
    found = re.search(rf'id="{field}-problem">([^<]*)</p>', page.text)
    assert found is not None
    assert said in found[1]
    assert f'aria-describedby="{field}-problem"' in page.text
    assert len(await api.services.access.list_keys()) == 1


async def test_name_is_shown_as_text(api: Api) -> None:
    """Markup in a name stands there as it was typed, on every page that shows it."""
    seat = await seated(api)
    page = await made(seat, name=MARKUP)
    key = await api.services.access.authenticate(secret_of(page))
    for shown in (page, await seat.get("/settings"), await seat.get(f"/settings/keys/{key.key_id}/revoke")):
        assert "<script>alert" not in shown.text
        assert "&lt;script&gt;alert(1)" in shown.text


async def test_key_is_revoked_after_a_question(api: Api) -> None:
    """Looking at the question changes nothing; its button revokes, and the list says so."""
    seat = await seated(api)
    key, secret = await api.services.access.create_key("acme", name="Lost")
    question = await seat.get(f"/settings/keys/{key.key_id}/revoke")
    assert "Lost" in question.text
    assert "you will be signed out" not in question.text
    await api.services.access.authenticate(secret)
    response = await seat.post(f"/settings/keys/{key.key_id}/revoke")
    assert (response.status_code, response.headers["location"]) == (303, "/desk/settings")
    with pytest.raises(Unauthorized):
        await api.services.access.authenticate(secret)
    assert "Revoked" in (await seat.get("/settings")).text


async def test_revoking_ones_own_key_signs_out(api: Api) -> None:
    """The question says so, and the session ends."""
    seat = await seated(api)
    key_id = await own_key(seat)
    assert "you will be signed out" in (await seat.get(f"/settings/keys/{key_id}/revoke")).text
    response = await seat.post(f"/settings/keys/{key_id}/revoke")
    assert response.headers["location"] == "/desk/sign-in"
    assert (await seat.get("/settings")).status_code == 303


@pytest.mark.parametrize("which", ["other's", "unknown", "prefix"])
async def test_only_keys_of_the_account_can_be_revoked(api: Api, which: str) -> None:
    """Another account's key, an unknown id and a prefix are not found, and nothing is revoked."""
    seat = await seated(api)
    other, secret = await api.services.access.create_key("other")
    key_id = {"other's": other.key_id, "unknown": "no-such-key", "prefix": other.prefix}[which]
    assert (await seat.get(f"/settings/keys/{key_id}/revoke")).status_code == 404
    assert (await seat.post(f"/settings/keys/{key_id}/revoke")).status_code == 404
    await api.services.access.authenticate(secret)


async def test_reader_can_change_nothing(api: Api) -> None:
    """A key that may only read sees the page without buttons, and is refused by page and service."""
    seat = await seated(api, read_only=True)
    key = (await api.services.sessions.resume(seat.token)).key
    page = (await seat.get("/settings")).text
    assert "may only read" in page
    assert "/settings/test" not in page
    assert (await made(seat)).status_code == 403
    assert (await seat.post(f"/settings/keys/{key.key_id}/revoke")).status_code == 403
    assert (await seat.post("/settings/test", {"kind": "search", "name": "wikipedia"})).status_code == 403
    with pytest.raises(Forbidden):
        await api.services.access.create_own_key(key, name="x", read_only=True, expires_in=None)
    with pytest.raises(Forbidden):
        await api.services.access.revoke_own_key(key, key.key_id)
    assert [found.revoked_at for found in await api.services.access.list_keys()] == [None]


@pytest.mark.parametrize("path", ["/settings/keys", "/settings/keys/{key}/revoke", "/settings/test"])
async def test_form_is_refused_when_it_was_not_made_for_the_session(api: Api, path: str) -> None:
    """Without the session's own token nothing is made, revoked or tried."""
    seat = await seated(api)
    response = await seat.post(path.format(key=await own_key(seat)), {"csrf": "0" * 64, "name": "x"})
    assert response.status_code == 403
    assert [found.revoked_at for found in await api.services.access.list_keys()] == [None]


async def test_service_makes_and_finds_own_keys_alone(api: Api) -> None:
    """The service holds the rules, whoever asks it."""
    access = api.services.access
    key, _ = await access.create_key("acme")
    other, _ = await access.create_key("other")
    made_key, _ = await access.create_own_key(key, name=" Shop ", read_only=False, expires_in=None)
    assert made_key.name == "Shop"
    assert [found.key_id for found in await access.list_own_keys(key)] == [key.key_id, made_key.key_id]
    for refused in (access.get_own_key, access.revoke_own_key):
        with pytest.raises(NotFound):
            await refused(key, other.key_id)
    with pytest.raises(ValidationError) as caught:
        await access.create_own_key(key, name="", read_only=False, expires_in=0)
    assert [detail["field"] for detail in caught.value.details] == ["name", "expires_in"]
    with pytest.raises(ConfigurationError, match="1 to 100 printable"):
        await access.create_key("acme", name="n" * 101)


async def test_key_of_a_sign_in_link_is_named(api: Api) -> None:
    """The key behind a one-time link can be told from others."""
    token = await api.services.sessions.follow_link(await api.services.sessions.make_link("local"))
    assert (await api.services.sessions.resume(token)).key.name == LINK_KEY_NAME


async def test_account_and_version_are_shown(api: Api) -> None:
    """And that no language model is set."""
    page = (await (await seated(api)).get("/settings")).text
    assert re.search(r"<dd>acme</dd>", page)
    assert re.search(r"<dd>Copydesk \d+\.\d+", page)
    assert "No language model is set" in page


@pytest_asyncio.fixture
async def bare(database: Database) -> AsyncIterator[Api]:
    """An application whose search engine and models cannot be reached: nothing listens there."""
    async with running(
        database,
        search=("searxng",),
        searxng_url="http://127.0.0.1:9",
        search_seconds=2,
        model="scripted",
        model_base_url="http://127.0.0.1:9/v1",
        model_api_key="sk-very-secret",
        model_seconds=2,
        model_tries=1,
        embedding_model="openai:embedder",
    ) as found:
        yield found


async def test_endpoint_is_tried_and_its_problem_said(bare: Api) -> None:
    """A script gets the outcome alone, a form the whole page with it; no secret is shown."""
    seat = await seated(bare)
    page = await seat.get("/settings")
    assert all(name in page.text for name in ("scripted", "openai:embedder", "searxng"))
    for kind, name in (("model", "scripted"), ("search", "searxng")):
        part = await seat.script("POST", "/settings/test", data={"kind": kind, "name": name})
        assert part.status_code == 200
        assert re.fullmatch(r'\s*<p class="problem">[^<]+</p>\s*', part.text)
    whole = await seat.post("/settings/test", {"kind": "search", "name": "searxng"})
    assert "<h1>" in whole.text
    assert '<p class="problem">' in whole.text
    assert "sk-very-secret" not in page.text + part.text + whole.text


async def test_endpoint_is_not_found_when_the_settings_do_not_name_it(bare: Api) -> None:
    """Nobody can have another address or engine asked."""
    seat = await seated(bare)
    for kind, name in (("search", "brave"), ("model", "searxng"), ("x", "scripted"), ("", ""), ("search", "none")):
        assert (await seat.post("/settings/test", {"kind": kind, "name": name})).status_code == 404


async def test_tests_are_limited(bare: Api) -> None:
    """More tests a minute than a person makes are refused; other accounts are not held up."""
    seat, other = await seated(bare), await seated(bare, "other")
    form = {"kind": "search", "name": "searxng"}
    for _ in range(TESTS_PER_MINUTE):
        assert (await seat.post("/settings/test", form)).status_code == 200
    refused = await seat.post("/settings/test", form)
    assert (refused.status_code, "too many tests" in refused.text) == (429, True)
    assert (await other.post("/settings/test", form)).status_code == 200
