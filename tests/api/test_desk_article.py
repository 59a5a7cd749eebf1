"""The desk's article and its list: checked, saved, refused, compared, exported and deleted, without a browser."""

import re
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from lxml import etree, html
from support.api import CONTENT, Api, Caller

from copydesk.domain.article import Article, DataSource, PublicationStatus
from copydesk.domain.clock import new_id
from copydesk.domain.source import SourceKind
from copydesk.seo.rules import RULES
from copydesk.services import articles as service
from copydesk.services.previewing import Flaw
from copydesk.store import articles
from copydesk.web.pages.articles import MAX_CHOSEN
from copydesk.web.texts import text

PART = {"HX-Request": "true"}
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)>\"'{{7*7}}"


def _csrf(page: httpx2.Response) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page.text)
    assert found is not None
    return found[1]


class _Editor:
    """Somebody at the desk with one article."""

    def __init__(self, api: Api, caller: Caller, article: Article, csrf: str) -> None:
        self.api = api
        self.caller = caller
        self.article = article
        self.csrf = csrf
        self.path = f"/desk/articles/{article.article_id}"

    async def get(self, below: str = "", **options: Any) -> httpx2.Response:
        return await self.api.client.get(self.path + below, **options)

    async def post(
        self, below: str = "", data: dict[str, Any] | None = None, *, part: bool = False, csrf: str | None = None
    ) -> httpx2.Response:
        sent = {"csrf": self.csrf if csrf is None else csrf, **(data or {})}
        return await self.api.client.post(self.path + below, data=sent, headers=PART if part else {})

    async def save(self, *, part: bool = False, revision: int | str = 1, **fields: Any) -> httpx2.Response:
        return await self.post(data={**_fields(self.article), "revision": str(revision), **fields}, part=part)

    async def stored(self) -> Article:
        return await self.api.services.articles.get(
            account_id=self.article.account_id, article_id=self.article.article_id
        )


def _fields(article: Article) -> dict[str, str]:
    """The form as a browser sends it untouched: lines end with CRLF."""
    fields = {name: getattr(article, name) or "" for name in ("title", "slug", "seo_title", "seo_description")}
    fields |= {"content": article.content, "excerpt": article.excerpt or "", "keywords": "\n".join(article.keywords)}
    return {name: value.replace("\n", "\r\n") for name, value in fields.items()}


async def _sign_in(api: Api, secret: str) -> str:
    await api.client.post("/desk/sign-in", data={"key": secret})
    return _csrf(await api.client.get("/desk/tasks"))


async def _editor(api: Api, **changes: Any) -> _Editor:
    caller = await api.caller()
    article = await api.article(caller, **changes)
    return _Editor(api, caller, article, await _sign_in(api, caller.secret))


async def _reader(api: Api, editor: _Editor) -> _Editor:
    """The same article before somebody whose key may only read."""
    key = await api.key(read_only=True)
    return _Editor(api, editor.caller, editor.article, await _sign_in(api, key))


async def test_page_shows_the_article_and_what_was_found(api: Api) -> None:
    """Text, fields, rendered text with linked footnotes, score, counts, sources, versions, and the task."""
    editor = await _editor(api)
    page = await editor.get()
    assert page.status_code == 200
    for expected in (
        "How the Keeling Curve Is Measured",
        'href="#fn1"',
        'href="#fnref1"',
        f"/desk/tasks/{editor.article.task_id}",
        "mauna-loa.csv",
        "keeling curve",
        "Version 1",
        f"{editor.path}/export/md",
        f"{editor.path}/delete",
    ):
        assert expected in page.text, expected
    assert 'name="revision" value="1"' in page.text
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|\sstyle=", page.text)


@pytest.mark.parametrize(
    ("method", "below"),
    [
        ("GET", ""),
        ("GET", "/delete"),
        ("GET", "/evidence"),
        ("GET", "/support?number=1"),
        ("GET", "/versions"),
        ("GET", "/versions/1"),
        ("GET", "/export/md"),
        ("POST", "/preview"),
        ("POST", "/versions/1"),
        ("POST", "/delete"),
        ("POST", ""),
    ],
)
async def test_article_is_not_there_for_another_account(api: Api, method: str, below: str) -> None:
    """Another account's article answers like one that does not exist, and stays as it is."""
    theirs = await _editor(api)
    other = await api.caller("other")
    csrf = await _sign_in(api, other.secret)
    for article_id in (theirs.article.article_id, new_id(), "x"):
        data = {"csrf": csrf, "revision": "1", "title": "Mine"}
        response = await api.client.request(
            method, f"/desk/articles/{article_id}{below}", data=data if method == "POST" else None
        )
        assert response.status_code == 404, response.text
        assert "ARTICLE_NOT_FOUND" in response.text
    assert await theirs.stored() == theirs.article


@pytest.mark.parametrize("below", ["", "/preview", "/delete", "/versions/1"])
async def test_form_of_another_session_changes_nothing(api: Api, below: str) -> None:
    """Without the session's own token nothing is saved, restored or deleted."""
    editor = await _editor(api)
    response = await editor.post(below, {"revision": "1", "title": "Changed"}, csrf="0" * 64)
    assert response.status_code == 403
    assert await editor.stored() == editor.article


@pytest.mark.parametrize("below", ["", "/preview", "/delete", "/versions/1"])
async def test_reader_changes_nothing(api: Api, below: str) -> None:
    """A key that may only read sees the article without buttons that change it, and is refused if it tries."""
    reader = await _reader(api, await _editor(api))
    page = await reader.get()
    assert page.status_code == 200
    assert "data-save" not in page.text
    assert "data-delete" not in page.text
    assert re.search(r'id="content"[^>]* readonly', page.text)
    response = await reader.post(below, {"revision": "1", "title": "Changed"})
    assert response.status_code == 403
    assert await reader.stored() == reader.article


async def test_save_changes_only_what_was_changed(api: Api) -> None:
    """A form sent untouched changes nothing; a changed title and text do, and the text is a new version."""
    editor = await _editor(api)
    response = await editor.save()
    assert (response.status_code, response.headers["location"]) == (303, editor.path)
    assert await editor.stored() == editor.article
    content = CONTENT.replace("1958", "1957").replace("\n", "\r\n")
    response = await editor.save(title="Another Title", content=content, keywords="one\r\n\r\n two ", excerpt="")
    assert response.status_code == 303
    after = await editor.stored()
    assert (after.title, after.keywords, after.excerpt) == ("Another Title", ("one", "two"), None)
    assert (after.content, after.version) == (CONTENT.replace("1958", "1957").strip(), 2)


async def test_save_answers_parts_when_a_script_asks(api: Api) -> None:
    """The parts that a save changes, with the new revision; no page around them."""
    editor = await _editor(api)
    response = await editor.save(part=True, title="Another Title")
    assert response.status_code == 200
    assert "<html" not in response.text
    for part in ('id="state"', 'data-revision="2"', 'id="text"', 'id="flaws"', 'id="checks"', 'id="versions"'):
        assert part in response.text, part


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("slug", "Not A Slug", "lower case words"),
        ("title", " ", "at least 1 character"),
        ("content", "", "at least 1 character"),
        ("keywords", "\n".join(f"k{n}" for n in range(11)), "at most 10 items"),
        ("seo_title", "x" * 1_001, "at most 1000 characters"),
        ("title", "a\0b", "NUL"),
    ],
)
async def test_refusal_is_said_at_the_field(api: Api, field: str, value: str, said: str) -> None:
    """What the service refuses stands at its field, all that was typed is still there, and nothing is saved."""
    editor = await _editor(api)
    wrong: dict[str, Any] = {field: value}
    response = await editor.save(**{"seo_description": "Typed before", **wrong})
    assert response.status_code == 422
    problem = re.search(rf'id="{field}-problem">([^<]+)<', response.text)
    assert problem is not None
    assert said.casefold() in problem[1].casefold()
    assert "Typed before" in response.text
    part = await editor.save(part=True, **wrong)
    assert part.status_code == 422
    assert f'data-field="{field}"' in part.text
    assert await editor.stored() == editor.article


async def test_taken_slug_is_said_at_the_field(api: Api) -> None:
    """A slug of another article is a conflict that names it, while typing and when saving."""
    editor = await _editor(api)
    other = await api.article(editor.caller)
    response = await editor.save(slug=other.slug)
    assert response.status_code == 409
    assert re.search(r'id="slug-problem">[^<]*is taken', response.text)
    preview = await editor.post("/preview", {"slug": other.slug}, part=True)
    assert preview.status_code == 200
    assert 'data-field="slug"' in preview.text


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 10, "²"])
async def test_form_without_a_revision_is_refused(api: Api, revision: str) -> None:
    """A form that does not say what it was made for could overwrite what it never saw."""
    editor = await _editor(api)
    response = await editor.save(title="Changed", revision=revision)
    assert response.status_code == 422
    assert "reload the page" in response.text
    assert await editor.stored() == editor.article


async def test_both_texts_are_shown_when_somebody_else_saved(api: Api) -> None:
    """The later save is refused with both texts and what differs; saving it over keeps the other as a version."""
    editor = await _editor(api)
    theirs = CONTENT.replace("trees", "forests")
    await editor.save(content=theirs, title="Their title")
    mine = CONTENT.replace("towns", "villages")
    for part in (False, True):
        response = await editor.save(part=part, content=mine, title="My title", publication_status="published")
        assert response.status_code == 412
        assert ("<html" in response.text) is not part
        for expected in ("the forests and the towns", "the trees and the villages", "Their title", "My title"):
            assert expected in response.text, expected
        assert "<del>forests</del>" in response.text
        assert 'name="revision" value="2"' in response.text
        assert 'name="publication_status" value="published"' in response.text
    response = await editor.save(revision=2, content=mine, title="My title")
    assert response.status_code == 303
    versions, _ = await api.services.articles.versions(
        account_id=editor.article.account_id, article_id=editor.article.article_id, limit=10, offset=0
    )
    assert [version.content for version in versions] == [mine.strip(), theirs.strip(), CONTENT]


async def test_text_is_given_back_when_the_article_was_deleted_meanwhile(api: Api) -> None:
    """A save that comes too late shows what was typed, to be copied."""
    editor = await _editor(api)
    await editor.post("/delete")
    response = await editor.save(content="What I wrote <b>")
    assert response.status_code == 404
    assert "What I wrote &lt;b&gt;" in response.text
    assert (await editor.save(part=True, content="What I wrote")).status_code == 404


async def test_status_changes_with_the_text(api: Api) -> None:
    """Publishing saves what was typed with it; unpublishing clears the date, archiving keeps it."""
    editor = await _editor(api)
    response = await editor.save(publication_status="published", title="Published title")
    assert response.status_code == 303
    article = await editor.stored()
    assert (article.publication_status, article.title) == (PublicationStatus.PUBLISHED, "Published title")
    assert article.published_at is not None
    assert "Unpublish" in (await editor.get()).text
    await editor.save(revision=2, publication_status="archived", title="Published title")
    assert (await editor.stored()).published_at == article.published_at
    await editor.save(revision=3, publication_status="draft", title="Published title")
    assert (await editor.stored()).published_at is None
    response = await editor.save(revision=4, publication_status="lost", title="Published title")
    assert response.status_code == 422


async def test_preview_checks_without_saving(api: Api) -> None:
    """The text as typed, rendered, scored and counted; the article stays as it is."""
    editor = await _editor(api)
    content = CONTENT + "\r\n## Keeling Curve twice\r\n\r\nThe Keeling Curve was **begun** in 1958.\r\n"
    response = await editor.post("/preview", {**_fields(editor.article), "content": content}, part=True)
    assert response.status_code == 200
    assert "<strong>begun</strong>" in response.text
    assert "Keyword in a heading" in response.text
    assert re.search(r'<td dir="auto">keeling curve</td><td class="number">3</td>', response.text)
    assert await editor.stored() == editor.article


async def test_preview_goes_on_when_a_field_is_wrong(api: Api) -> None:
    """A field that would be refused is named, and the rest is checked all the same."""
    editor = await _editor(api)
    data = {**_fields(editor.article), "title": "", "slug": "A B", "content": "Fresh *text*."}
    response = await editor.post("/preview", data, part=True)
    assert response.status_code == 200
    assert "<em>text</em>" in response.text
    assert {"title", "slug"} == set(re.findall(r'data-field="(\w+)"', response.text))


async def test_sentences_without_support_are_flagged(api: Api) -> None:
    """Cited sentences that were reworded, facts without a footnote; not what stands as it was checked."""
    editor = await _editor(api)
    content = CONTENT.replace("3,397 metres", "3,400 metres") + "\nIt rained in Hilo on 3 May 2020. Nice weather.\n"
    account, article_id = editor.article.account_id, editor.article.article_id
    found = await api.services.articles.preview(account_id=account, article_id=article_id, body={"content": content})
    assert [(flaw.flaw, flaw.text[:23]) for flaw in found.flaws] == [
        (Flaw.CHANGED, "The Keeling Curve shows"),
        (Flaw.CHANGED, "The station stands at 3"),
        (Flaw.UNCITED, "It rained in Hilo on 3 "),
    ]
    as_stored = await api.services.articles.preview(account_id=account, article_id=article_id, body={})
    assert [flaw.text[:17] for flaw in as_stored.flaws] == ["The Keeling Curve"]
    page = await editor.post("/preview", {"content": content}, part=True)
    assert "3 sentences without support" in page.text


async def test_footnote_shows_its_passage(api: Api) -> None:
    """The source, the passage with its place, and the words that it shares with the sentence marked."""
    editor = await _editor(api)
    before = "Text before. The station stands at 3,397 metres, above the trees and the towns of the island."
    response = await editor.get("/support", params={"number": 1, "before": before}, headers=PART)
    assert response.status_code == 200
    assert "<html" not in response.text
    for expected in (
        "mauna-loa.csv",
        "page 2, The Station",
        "<mark>station stands</mark>",
        "<mark>3,397 metres</mark>",
    ):
        assert expected in response.text, expected
    whole = await editor.get("/support", params={"number": 1, "before": before})
    assert "<html" in whole.text


@pytest.mark.parametrize(
    ("number", "before", "said"),
    [
        ("1", "A sentence that nobody has checked.", "changed or added after"),
        ("1", "The station stands at 3,397 metres, above the trees and the towns of the island. More.", "changed or"),
        ("2", "The station stands at 3,397 metres.", "leads to no source"),
        ("0", "", "leads to no source"),
        ("99999999999999999999", "", "leads to no source"),
    ],
)
async def test_footnote_says_when_nothing_supports_it(api: Api, number: str, before: str, said: str) -> None:
    """A changed sentence has no passage any more, and an unknown number no source."""
    editor = await _editor(api)
    response = await editor.get("/support", params={"number": number, "before": before}, headers=PART)
    assert response.status_code == 200
    assert said in response.text


async def test_evidence_is_listed(api: Api) -> None:
    """Every sentence with its passages; past the end the page says that there is none."""
    editor = await _editor(api)
    page = await editor.get("/evidence")
    assert "The station stands at 3,397 metres" in page.text
    assert "<mark>" in page.text
    assert "No evidence is kept" in (await editor.get("/evidence?page=99999999999")).text


async def test_versions_are_compared_and_restored(api: Api) -> None:
    """The difference stands word by word; restoring makes the old text a new version."""
    editor = await _editor(api)
    await editor.save(content=CONTENT.replace("1958", "1957"))
    page = await editor.get("/versions/1")
    assert "<del>1958.[^1]</del><ins>1957.[^1]</ins>" in page.text
    assert "This version" not in page.text
    assert "same as this version" in (await editor.get("/versions/2")).text
    assert "Version 1" in (await editor.get("/versions")).text
    response = await editor.post("/versions/1", {"revision": "2"})
    assert (response.status_code, response.headers["location"]) == (303, editor.path)
    after = await editor.stored()
    assert (after.content, after.version) == (CONTENT.strip(), 3)


@pytest.mark.parametrize("version", ["0", "2", "-1", "99999999999999999999"])
async def test_version_is_not_found_when_there_is_none(api: Api, version: str) -> None:
    """A number that no version has is a 404, to look at and to restore."""
    editor = await _editor(api)
    assert (await editor.get(f"/versions/{version}")).status_code == 404
    assert (await editor.post(f"/versions/{version}", {"revision": "1"})).status_code == 404


async def test_restoring_is_refused_when_the_article_changed_meanwhile(api: Api) -> None:
    """What somebody else saved after the page was made is not overwritten."""
    editor = await _editor(api)
    await editor.save(content="Another text.")
    response = await editor.post("/versions/1", {"revision": "1"})
    assert response.status_code == 412
    assert (await editor.stored()).content == "Another text."


@pytest.mark.parametrize(
    ("name", "kind", "begins"),
    [
        ("md", "text/markdown", "# How the Keeling"),
        ("html", "text/html", "<!DOCTYPE html>"),
        ("json", "application/json", "{"),
    ],
)
async def test_export_is_a_download(api: Api, name: str, kind: str, begins: str) -> None:
    """Each format comes as a file named by the slug, and never as a page of the desk's origin."""
    editor = await _editor(api, slug="mauna-loa-\u5c71")
    response = await editor.get(f"/export/{name}")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith(kind)
    assert response.headers["content-disposition"] == f"attachment; filename*=UTF-8''mauna-loa-%E5%B1%B1.{name}"
    assert response.headers["content-security-policy"].startswith("sandbox")
    assert response.text.startswith(begins)


async def test_export_to_an_unknown_format_is_not_found(api: Api) -> None:
    """There is no such page."""
    editor = await _editor(api)
    assert (await editor.get("/export/exe")).status_code == 404


async def test_delete_asks_first(api: Api) -> None:
    """A page asks; its button deletes for good and leads to the list, which says so."""
    editor = await _editor(api)
    page = await editor.get("/delete")
    assert "This cannot be undone." in page.text
    assert await editor.stored() == editor.article
    response = await editor.post("/delete")
    assert (response.status_code, response.headers["location"]) == (303, "/desk/articles?deleted=1")
    assert "1 article was deleted." in (await api.client.get("/desk/articles?deleted=1")).text
    assert (await editor.get()).status_code == 404


async def test_markup_is_shown_as_text(api: Api) -> None:
    """Script, handlers, addresses that run, SVG and style in every field and in the text stay text or go."""
    content = (
        f"{MARKUP}\n\n[run](javascript:alert(4)) [also](data:text/html,x) ![pic](https://elsewhere.test/x.png)\n\n"
        '<div style="position:fixed">over all</div>\n'
    )
    source = DataSource(
        number=1,
        source_id=new_id(),
        kind=SourceKind.WEB,
        url="javascript:alert(5)",
        file_id=None,
        title=MARKUP,
        site=MARKUP,
        author=MARKUP,
        published_at=None,
        accessed_at=None,
        license=None,
    )
    changes = dict.fromkeys(("title", "seo_title", "seo_description", "excerpt"), MARKUP)
    editor = await _editor(api, content=content, data_sources=(source,), keywords=(MARKUP[:60],), **changes)
    evidence = tuple(replace(each, text=MARKUP) for each in editor.article.evidence)
    async with api.database.write() as connection:
        after = replace(editor.article, revision=2, evidence=evidence)
        await articles.update_article(connection, after, revision=1)
    pages = [await editor.get(below) for below in ("", "/evidence", "/versions/1", "/delete")]
    pages.append(await editor.get("/support", params={"number": 1, "before": MARKUP}))
    pages.append(await editor.post("/preview", {"content": content}, part=True))
    pages.append(await editor.save(revision=1, content=content + "more"))
    pages.append(await api.client.get("/desk/articles", params={"q": MARKUP}))
    for page in pages:
        assert page.status_code in {200, 412}
        for element in html.fromstring(page.text).iter(etree.Element):
            assert not [name for name in element.attrib if str(name).startswith("on") or name == "style"]
            assert element.tag not in {"svg", "style", "iframe", "object", "embed", "base"}
            assert element.tag != "script" or str(element.attrib["src"]).startswith("/desk/static/")
            for address in (str(element.get(name, "")) for name in ("href", "src", "action")):
                assert address.startswith(("/desk", "#")) or not address, address
    assert "&lt;script&gt;alert(1)" in pages[0].text


def test_every_check_has_a_name() -> None:
    """The panel names each check of search optimization."""
    assert all(text(f"article.check.{rule.id}") for rule in RULES)


async def test_list_takes_an_empty_choice_for_all(api: Api) -> None:
    """The choice of all sends an empty value, which is no error; an unknown status or order is one."""
    editor = await _editor(api)
    for query in ("", "?status=", "?status=&q=&sort=", "?status=draft", "?page=0", "?sort=score"):
        page = await api.client.get(f"/desk/articles{query}")
        assert page.status_code == 200, query
        assert editor.article.title in page.text
    for query in ("?status=lost", "?sort=colour", "?page=x"):
        assert (await api.client.get(f"/desk/articles{query}")).status_code == 422
    past = await api.client.get("/desk/articles?page=99999999999999")
    assert "The list is shorter" in past.text


async def test_list_is_sought_and_sorted(api: Api) -> None:
    """Every word must stand in the title, whatever its case; each order puts its first first."""
    caller = await api.caller()
    for title, words in (("Äpfel und Birnen", 300), ("Birnen", 100), ("Zitronen", 200)):
        await api.article(caller, title=title, word_count=words)
    other = await api.article(await api.caller("other"), title="Birnen of others")
    await _sign_in(api, caller.secret)

    async def titles(query: str) -> list[str]:
        page = (await api.client.get(f"/desk/articles?{query}")).text
        assert other.title not in page
        return re.findall(r'<td class="named"><a[^>]*>([^<]+)<', page)

    assert await titles("q=birnen+ÄPFEL") == ["Äpfel und Birnen"]
    assert await titles("q=birnen&sort=words") == ["Äpfel und Birnen", "Birnen"]
    assert await titles("sort=title") == ["Birnen", "Zitronen", "Äpfel und Birnen"]
    assert await titles("q=birnen&status=published") == []
    assert "No article has these words" in (await api.client.get("/desk/articles?q=mango")).text


async def test_list_says_when_it_looked_through_the_newest_alone(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are more articles than are looked through, the page says so."""
    monkeypatch.setattr(service, "SOUGHT", 1)
    caller = await api.caller()
    for title in ("Old", "New"):
        await api.article(caller, title=title)
    await _sign_in(api, caller.secret)
    assert "newest" in (await api.client.get("/desk/articles?sort=words")).text
    assert "looked through" not in (await api.client.get("/desk/articles")).text


async def test_list_pages_keep_the_filter(api: Api) -> None:
    """The way to older articles keeps what was asked for."""
    caller = await api.caller()
    for _ in range(21):
        await api.article(caller)
    await _sign_in(api, caller.secret)
    page = await api.client.get("/desk/articles?q=keeling&status=draft")
    assert "/desk/articles?status=draft&amp;q=keeling&amp;page=2" in page.text


@pytest.mark.parametrize(("action", "done"), [("archive", "archived"), ("delete", "deleted")])
async def test_many_are_changed_once_that_is_confirmed(api: Api, action: str, done: str) -> None:
    """A page asks first; what was deleted meanwhile is counted apart, and another account's is not touched."""
    editor = await _editor(api)
    second = await api.article(editor.caller)
    theirs = await api.article(await api.caller("other"))
    ids = [editor.article.article_id, second.article_id, theirs.article_id]
    data = {"csrf": editor.csrf, "action": action, "article": ids}
    ask = await api.client.post("/desk/articles", data=data)
    assert ask.status_code == 200
    assert theirs.article_id not in ask.text
    assert await editor.stored() == editor.article
    response = await api.client.post("/desk/articles", data={**data, "confirmed": "yes"})
    assert response.headers["location"] == f"/desk/articles?{done}=2&missing=1"
    page = await api.client.get(response.headers["location"])
    assert f"2 articles were {done}. 1 was not there any more." in " ".join(page.text.split())
    kept = await api.services.articles.get(account_id=theirs.account_id, article_id=theirs.article_id)
    assert kept == theirs


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"action": "archive"}, "at least one"),
        ({"article": "x"}, "archive or to delete"),
        ({"action": "burn", "article": "x"}, "archive or to delete"),
        ({"action": "delete", "article": [str(number) for number in range(MAX_CHOSEN + 1)]}, "at most 100"),
    ],
)
async def test_change_of_many_is_refused_when_it_says_too_little(api: Api, data: dict[str, Any], said: str) -> None:
    """No article, no action or too many articles: said, and nothing is changed."""
    editor = await _editor(api)
    response = await api.client.post("/desk/articles", data={"csrf": editor.csrf, **data})
    assert response.status_code == 422
    assert said in response.text


async def test_change_of_many_is_refused_to_readers_and_other_forms(api: Api) -> None:
    """Neither a key that may only read nor another session's form changes anything."""
    editor = await _editor(api)
    data = {"action": "delete", "article": editor.article.article_id, "confirmed": "yes"}
    assert (await api.client.post("/desk/articles", data={"csrf": "0" * 64, **data})).status_code == 403
    reader = await _reader(api, editor)
    assert (await api.client.post("/desk/articles", data={"csrf": reader.csrf, **data})).status_code == 403
    assert 'type="checkbox"' not in (await api.client.get("/desk/articles")).text
    assert await editor.stored() == editor.article
