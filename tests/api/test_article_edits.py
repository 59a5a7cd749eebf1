"""PATCH of an article: what may change, what comes of it, and what is refused."""

import asyncio
from typing import Any

import pytest
from support.api import CONTENT, Api, Caller

from copydesk.domain.article import Notice

EDITS: list[tuple[str, Any, Any]] = [  # field, sent, shown
    ("title", "x", "x"),
    ("title", " \U0001f30d " + "x" * 998, "\U0001f30d " + "x" * 998),
    ("content", "x", "x"),
    ("content", "x" * 1_000_000, "x" * 1_000_000),
    ("slug", "a", "a"),
    ("slug", "a" * 75, "a" * 75),
    ("slug", "stra\u00dfe-2-\u0645\u0646\u062d\u0646\u0649", "stra\u00dfe-2-\u0645\u0646\u062d\u0646\u0649"),
    ("seo_title", "Short", "Short"),
    ("seo_description", "Short", "Short"),
    ("excerpt", "A sentence.", "A sentence."),
    ("excerpt", "", ""),
    ("excerpt", None, None),
    ("keywords", [], []),
    ("keywords", ["Air", "air", " CO2 "], ["Air", "CO2"]),
    ("metadata", {}, {}),
    ("metadata", {"k": " v "}, {"k": " v "}),
    ("publication_status", "archived", "archived"),
]

REFUSED: list[tuple[str, Any, str]] = [
    *[(name, None, name) for name in ("title", "content", "slug", "seo_title", "seo_description", "keywords")],
    ("metadata", None, "metadata"),
    ("publication_status", None, "publication_status"),
    ("title", "", "title"),
    ("title", "  ", "title"),
    ("title", "x" * 1_001, "title"),
    ("title", 5, "title"),
    ("title", "a\0", "title"),
    ("content", "", "content"),
    ("content", "x" * 1_000_001, "content"),
    ("slug", "", "slug"),
    ("slug", "a" * 76, "slug"),
    ("slug", "Upper", "slug"),
    ("slug", "a b", "slug"),
    ("slug", "a--b", "slug"),
    ("slug", "-a", "slug"),
    ("slug", "a/b", "slug"),
    ("seo_title", "", "seo_title"),
    ("seo_description", "x" * 1_001, "seo_description"),
    ("excerpt", 5, "excerpt"),
    ("excerpt", "x" * 10_001, "excerpt"),
    ("keywords", ["x"] * 11, "keywords"),
    ("keywords", [""], "keywords.0"),
    ("keywords", "x", "keywords"),
    ("metadata", {"k": 1}, "metadata.k"),
    ("publication_status", "deleted", "publication_status"),
    ("article_id", "x", "article_id"),
    ("word_count", 5, "word_count"),
    ("word_count", True, "word_count"),
    ("published_at", "2026-03-14T09:26:53.589Z", "published_at"),
    ("content_html", "<p>x</p>", "content_html"),
    ("version", 2, "version"),
    ("seo", {"score": 100, "checks": []}, "seo"),
    ("typo", "x", "typo"),
    ("account_id", "x", "account_id"),
    ("revision", 1, "revision"),
]


@pytest.mark.parametrize(("field", "sent", "shown"), EDITS)
async def test_patch_changes_field_when_inside_its_rule(api: Api, field: str, sent: Any, shown: Any) -> None:
    """A value inside its rule is stored and shown; ETag and updated_at move."""
    acme = await api.caller()
    path = f"/articles/{(await api.article(acme, metadata={'old': 'x'})).article_id}"
    before = await acme.get(path)
    response = await acme.patch(path, {field: sent})
    assert response.status_code == 200, response.text
    assert response.json()[field] == shown
    after = await acme.get(path)
    assert after.json() == response.json()
    assert after.headers["etag"] == response.headers["etag"] != before.headers["etag"]
    assert after.json()["updated_at"] > before.json()["updated_at"]
    assert after.json()["created_at"] == before.json()["created_at"]


@pytest.mark.parametrize(("field", "sent", "named"), REFUSED)
async def test_patch_names_field_when_outside_its_rule(api: Api, field: str, sent: Any, named: str) -> None:
    """A value outside its rule, a changed read-only field, an unknown one: 422, and nothing changes."""
    acme = await api.caller()
    path = f"/articles/{(await api.article(acme)).article_id}"
    before = await acme.get(path)
    response = await acme.patch(path, {"title": "Changed", field: sent})
    assert response.status_code == 422
    assert [detail["field"] for detail in response.json()["details"]] == [named]
    after = await acme.get(path)
    assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])


async def test_patch_reports_everything_when_much_is_wrong(api: Api) -> None:
    """All broken fields stand in details at once."""
    acme = await api.caller()
    path = f"/articles/{(await api.article(acme)).article_id}"
    details = (await acme.patch(path, {"title": "", "slug": "A", "version": 9, "typo": 1})).json()["details"]
    assert {detail["field"] for detail in details} == {"title", "slug", "version", "typo"}


@pytest.mark.parametrize("body", [[], "x", None])
async def test_patch_refuses_body_when_it_is_no_object(api: Api, body: Any) -> None:
    """A JSON body that is no object is a 422 about the body."""
    acme = await api.caller()
    path = f"/articles/{(await api.article(acme)).article_id}"
    raw = {"content": b"null", "headers": {"Content-Type": "application/json"}}
    response = await acme.request("PATCH", path, **({"json": body} if body is not None else raw))
    assert (response.status_code, response.json()["details"][0]["field"]) == (422, "body")


async def test_patch_changes_nothing_when_body_is_empty_or_equal(api: Api) -> None:
    """`{}`, and values equal to the stored ones, make no version, no ETag and no updated_at."""
    acme = await api.caller()
    path = f"/articles/{(await api.article(acme)).article_id}"
    before = await acme.get(path)
    shown = before.json()
    for body in ({}, {"title": shown["title"]}, {"excerpt": shown["excerpt"], "metadata": {}}, shown):
        response = await acme.patch(path, body)
        assert response.status_code == 200
        assert (response.content, response.headers["etag"]) == (before.content, before.headers["etag"])
    assert (await acme.get(f"{path}/versions")).json()["total"] == 1


async def test_patch_takes_whole_answer_when_it_was_edited(api: Api) -> None:
    """GET, edit, PATCH works: read-only and derived fields as they were read are no hindrance."""
    acme = await api.caller()
    path = f"/articles/{(await api.article(acme, keywords=tuple(f'k{n}' for n in range(12)))).article_id}"
    shown = (await acme.get(path)).json()
    response = await acme.patch(path, {**shown, "title": "Edited", "content": CONTENT + "\nOne line more."})
    assert response.status_code == 200, response.text
    assert response.json()["title"] == "Edited"
    again = await acme.patch(path, {**response.json(), "excerpt": None})
    assert (again.status_code, again.json()["excerpt"]) == (200, None)
    stale = await acme.patch(path, {**shown, "title": "Stale"})
    assert stale.status_code == 422
    assert "word_count" in {detail["field"] for detail in stale.json()["details"]}


async def test_patch_makes_version_when_content_changes(api: Api) -> None:
    """Changed content is counted, rendered, scored and kept; a change of anything else is no version."""
    acme = await api.caller()
    article = await api.article(acme)
    path = f"/articles/{article.article_id}"
    retitled = (await acme.patch(path, {"title": "Another title"})).json()
    assert retitled["version"] == 1
    changed = (await acme.patch(path, {"content": "## Air\n\nCarbon dioxide rises."})).json()
    assert (changed["version"], changed["word_count"]) == (2, 4)
    assert "Carbon dioxide rises." in changed["content_html"]
    assert changed["json_ld"]["@graph"][0]["wordCount"] == 4
    versions = (await acme.get(f"{path}/versions")).json()
    assert [(version["version"], version["word_count"]) for version in versions["versions"]] == [
        (2, 4),
        (1, article.word_count),
    ]
    assert versions["versions"][1]["content"] == CONTENT
    second = (await acme.get(f"{path}/versions?page=2&page_size=1")).json()
    assert ([version["version"] for version in second["versions"]], second["total"], second["pages"]) == ([1], 2, 2)
    assert (await acme.get(f"{path}/versions?page=3&page_size=1")).json()["versions"] == []


async def test_patch_scores_again_when_keywords_change(api: Api) -> None:
    """The score is that of what stands there now."""
    acme = await api.caller()
    path = f"/articles/{(await api.article(acme)).article_id}"
    fitting = (await acme.patch(path, {"keywords": ["keeling curve"], "title": "The Keeling Curve"})).json()
    missing = (await acme.patch(path, {"keywords": ["zirconium"]})).json()
    none = (await acme.patch(path, {"keywords": []})).json()
    assert 0 < missing["seo"]["score"] < fitting["seo"]["score"] <= 100
    assert none["seo"]["score"] > missing["seo"]["score"]
    assert {check["status"] for check in missing["seo"]["checks"]} <= {"pass", "warn", "fail"}


async def test_patch_warns_when_text_is_worse_but_never_refuses(api: Api) -> None:
    """Range, citations and search checks are reported; warnings of the pipeline stay, and mended ones go."""
    acme = await api.caller()
    notice = Notice(code="SOURCE_BLOCKED", subject="https://example.com/", message="Not public.")
    path = f"/articles/{(await api.article(acme, warnings=(notice,))).article_id}"
    worse = (await acme.patch(path, {"content": "One.[^7] Two.[^8]\n\n[^8]: A note of mine."})).json()
    found = {(warning["code"], warning["subject"]) for warning in worse["warnings"]}
    assert {("SOURCE_BLOCKED", notice.subject), ("CITATION_UNRESOLVED", "7"), ("CITATION_UNRESOLVED", "8")} <= found
    assert "SOURCE_NOT_CITED" in {code for code, _ in found}
    assert ("SEO_CHECK_UNMET", "word_range") in found
    better = (await acme.patch(path, {"content": CONTENT})).json()
    codes = [warning["code"] for warning in better["warnings"]]
    assert codes[0] == "SOURCE_BLOCKED"
    assert not {"CITATION_UNRESOLVED", "SOURCE_NOT_CITED"} & set(codes)
    assert "word_range" not in {warning["subject"] for warning in better["warnings"]}
    assert better["version"] == 3


async def test_evidence_goes_when_its_sentence_was_removed(api: Api) -> None:
    """No evidence is shown for a sentence that does not stand in the text any more."""
    acme = await api.caller()
    path = f"/articles/{(await api.article(acme)).article_id}"
    await acme.patch(path, {"content": CONTENT + "\nOne line more.\n"})
    assert len((await acme.get(f"{path}/evidence")).json()["sentences"]) == 1
    await acme.patch(path, {"content": "Nothing of it."})
    assert (await acme.get(f"{path}/evidence")).json() == {"sentences": []}


async def test_publishing_keeps_time_when_status_moves(api: Api) -> None:
    """Any move into published records the time, staying keeps it, archived keeps it, draft clears it."""
    acme = await api.caller()
    path = f"/articles/{(await api.article(acme)).article_id}"

    async def move(status: str, **more: Any) -> str | None:
        await asyncio.sleep(0.003)
        shown = (await acme.patch(path, {"publication_status": status, **more})).json()
        assert shown["publication_status"] == status
        published_at: str | None = shown["published_at"]
        return published_at

    assert await move("archived") is None
    first = await move("published")
    assert first is not None
    assert await move("published") == first
    assert await move("published", title="Edited while published") == first
    assert await move("archived") == first
    second = await move("published")
    assert second is not None
    assert second > first
    assert await move("draft") is None
    assert await move("draft", title="Edited as draft") is None


async def test_slug_conflicts_when_another_article_has_it(api: Api) -> None:
    """A slug is unique in the account, and free in others."""
    acme, globex = await api.caller("acme"), await api.caller("globex")
    first, second, foreign = await api.article(acme), await api.article(acme), await api.article(globex)
    response = await acme.patch(f"/articles/{second.article_id}", {"slug": first.slug})
    assert (response.status_code, response.json()["code"]) == (409, "CONFLICT")
    assert (await acme.patch(f"/articles/{first.article_id}", {"slug": first.slug})).status_code == 200
    assert (await globex.patch(f"/articles/{foreign.article_id}", {"slug": first.slug})).status_code == 200


async def test_slug_goes_to_one_when_many_want_it_at_once(api: Api) -> None:
    """Of parallel PATCHes to one slug, one wins and the others are 409."""
    acme = await api.caller()
    paths = [f"/articles/{(await api.article(acme)).article_id}" for _ in range(5)]
    answers = await asyncio.gather(*(acme.patch(path, {"slug": "wanted"}) for path in paths))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]


@pytest.mark.parametrize(
    ("tag", "status"),
    [
        ('"1"', 200),
        ("*", 200),
        ('"7", "1"', 200),
        ('"7","8"', 412),
        ('"2"', 412),
        ('W/"1"', 412),
        ("1", 412),
        ('""', 412),
        ('"' + "9" * 30 + '"', 412),
        ('"one"', 412),
    ],
)
async def test_patch_minds_precondition_when_there_is_one(api: Api, tag: str, status: int) -> None:
    """If-Match compares strongly; `*` and lists are understood; 412 changes nothing, not even with `{}`."""
    acme = await api.caller()
    path = f"/articles/{(await api.article(acme)).article_id}"
    for body in ({}, {"title": "Edited"}):
        response = await acme.patch(path, body, headers={"If-Match": tag})
        assert response.status_code == status
        if status == 412:
            assert response.json()["code"] == "PRECONDITION_FAILED"
    assert ((await acme.get(path)).json()["title"] == "Edited") is (status == 200)


async def test_one_writer_wins_when_both_name_the_same_version(api: Api) -> None:
    """Of parallel PATCHes with one ETag exactly one succeeds."""
    acme = await api.caller()
    path = f"/articles/{(await api.article(acme)).article_id}"
    answers = await asyncio.gather(
        *(acme.patch(path, {"title": f"Title {n}"}, headers={"If-Match": '"1"'}) for n in range(6))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 5


async def test_all_writers_win_when_none_names_a_version(api: Api) -> None:
    """Without If-Match parallel PATCHes of different fields lose nothing of each other."""
    acme = await api.caller()
    path = f"/articles/{(await api.article(acme)).article_id}"
    bodies: list[dict[str, Any]] = [{"title": "T"}, {"excerpt": "E"}, {"seo_title": "S"}, {"metadata": {"k": "v"}}]
    answers = await asyncio.gather(*(acme.patch(path, body) for body in bodies))
    assert [answer.status_code for answer in answers] == [200] * 4
    shown = (await acme.get(path)).json()
    assert (shown["title"], shown["excerpt"], shown["seo_title"]) == ("T", "E", "S")
    assert shown["metadata"] == {"k": "v"}


async def test_patch_refuses_body_when_it_is_malformed(api: Api) -> None:
    """PATCH has the same limits of body, type and JSON as POST."""
    acme = await api.caller()
    path = f"/articles/{(await api.article(acme)).article_id}"
    for content, kind, status in ((b"{", "application/json", 400), (b"{}", "text/plain", 415), (b"", "", 415)):
        assert (await _raw(acme, path, content, kind)).status_code == status
    assert (await _raw(acme, path, b" " * 2_097_153, "application/json")).status_code == 413
    surrogate = await _raw(acme, path, rb'{"title": "\ud800"}', "application/json")
    assert (surrogate.status_code, surrogate.json()["details"][0]["field"]) == (422, "title")


async def _raw(caller: Caller, path: str, content: bytes, kind: str) -> Any:
    return await caller.request("PATCH", path, content=content, headers={"Content-Type": kind})
