"""Articles: listed, shown, deleted; their versions and evidence."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from support.api import CONTENT, Api

from copydesk.domain.clock import new_id
from copydesk.domain.source import Passage, Place, Source, SourceKind
from copydesk.store import evidence
from copydesk.store.schema import article_evidence, article_versions, articles, passages, stage_results

FIELDS = {
    *("article_id", "task_id", "title", "content", "slug", "seo_title", "seo_description", "keywords"),
    *("featured_images", "data_sources", "publication_status", "published_at", "created_at", "updated_at", "excerpt"),
    *(
        "content_html",
        "language",
        "word_count",
        "reading_minutes",
        "seo",
        "json_ld",
        "outline",
        "writer",
        "prompts",
        "support",
    ),
    *("warnings", "metadata", "publications", "version"),
}


async def test_get_shows_every_field_when_article_is_stored(api: Api) -> None:
    """Every field of the contract is there, with null where it has no value, and an ETag."""
    acme = await api.caller()
    article = await api.article(acme)
    response = await acme.get(f"/articles/{article.article_id}")
    shown = response.json()
    assert set(shown) == FIELDS
    assert re.fullmatch(r'"[^"]+"', response.headers["etag"])
    assert shown["content"] == CONTENT
    assert shown["created_at"] == "2026-03-14T09:26:53.589Z"
    assert (shown["published_at"], shown["featured_images"], shown["publications"]) == (None, [], [])
    assert (shown["word_count"], shown["reading_minutes"]) == (article.word_count, 1)
    assert shown["outline"]["sections"] == [{"section_id": "intro", "heading": None, "level": 2, "words": 40}]
    assert set(shown["data_sources"][0]) == {
        *("number", "url", "file_id", "title", "site", "author", "published_at", "accessed_at", "license", "kind")
    }
    assert "<h2" in shown["content_html"]


async def test_get_sets_citations_when_asked(api: Api) -> None:
    """`citations` changes how they stand in `content`, and nothing else."""
    acme = await api.caller()
    article = await api.article(acme)
    path = f"/articles/{article.article_id}"
    plain = (await acme.get(path)).json()
    for style, mark in (("footnotes", True), ("links", False), ("none", False)):
        shown = (await acme.get(f"{path}?citations={style}")).json()
        assert ("[^1]" in shown["content"]) is mark
        assert {**shown, "content": None} == {**plain, "content": None}


async def test_list_leaves_text_out_when_paged(api: Api) -> None:
    """Pages are newest first, without content; `pages` counts them, and 0 when there are none."""
    acme = await api.caller()
    empty = (await acme.get("/articles")).json()
    assert empty == {"articles": [], "total": 0, "page": 1, "page_size": 20, "pages": 0}
    stored = [await api.article(acme) for _ in range(5)]
    stored = sorted(stored, key=lambda article: (article.created_at, article.article_id), reverse=True)
    page = (await acme.get("/articles?page=2&page_size=2")).json()
    assert [item["article_id"] for item in page["articles"]] == [article.article_id for article in stored[2:4]]
    assert (page["total"], page["page"], page["page_size"], page["pages"]) == (5, 2, 2, 3)
    assert set(page["articles"][0]) == FIELDS - {"content", "content_html"}
    for size, pages in ((1000, 1), (5, 1), (4, 2), (1, 5)):
        assert (await acme.get(f"/articles?page_size={size}")).json()["pages"] == pages
    beyond = (await acme.get("/articles?page=2147483647&page_size=1000")).json()
    assert (beyond["articles"], beyond["total"], beyond["pages"]) == ([], 5, 1)


async def test_list_filters_when_publication_status_is_asked(api: Api) -> None:
    """Only articles in that status are listed and counted."""
    acme = await api.caller()
    draft, published = await api.article(acme), await api.article(acme)
    await acme.patch(f"/articles/{published.article_id}", {"publication_status": "published"})
    for status, expected in (("draft", [draft]), ("published", [published]), ("archived", [])):
        page = (await acme.get(f"/articles?publication_status={status}")).json()
        assert [item["article_id"] for item in page["articles"]] == [article.article_id for article in expected]
        assert page["total"] == len(expected)


async def test_list_hides_no_article_when_some_are_inserted_between_pages(api: Api) -> None:
    """Whoever walks the pages while others insert sees every article that was there."""
    acme = await api.caller()
    there = {(await api.article(acme)).article_id for _ in range(4)}
    seen: set[str] = set()
    for page in range(1, 5):
        answer = (await acme.get(f"/articles?page={page}&page_size=2")).json()
        seen |= {item["article_id"] for item in answer["articles"]}
        newest = await api.article(acme)
        await _move(api, newest.article_id, timedelta(days=page))
    assert there <= seen


async def test_evidence_is_shown_when_article_has_some(api: Api) -> None:
    """Each sentence stands with its citations and the passages that support it."""
    acme = await api.caller()
    article = await api.article(acme)
    assert (await acme.get(f"/articles/{article.article_id}/evidence")).json() == {
        "sentences": [
            {
                "text": "The station stands at 3,397 metres, above the trees and the towns of the island.",
                "citations": [1],
                "passages": [
                    {
                        "source_number": 1,
                        "text": "The station stands at 3,397 metres.",
                        "place": "page 2, The Station",
                        "headings": ["The Station"],
                        "page": 2,
                        "sheet": None,
                        "first_row": None,
                        "last_row": None,
                        "spans": [[120, 155]],
                        "language": "en",
                        "published_at": "2025-02-01T00:00:00.000Z",
                        "corroborated_by": ["https://site.test/station"],
                    }
                ],
                "support": "supported",
            }
        ]
    }


async def test_delete_leaves_nothing_when_article_is_deleted(api: Api) -> None:
    """204, then 404; versions, evidence, passages, results and checkpoints are gone, and the task stays completed."""
    acme = await api.caller()
    kept, article = await api.article(acme), await api.article(acme)
    for found in (kept, article):
        await _store_material(api, found.task_id)
    await acme.patch(f"/articles/{article.article_id}", {"content": "New text about carbon dioxide."})
    response = await acme.delete(f"/articles/{article.article_id}")
    assert (response.status_code, response.content) == (204, b"")
    for path in ("", "/evidence", "/versions"):
        assert (await acme.get(f"/articles/{article.article_id}{path}")).status_code == 404
    assert (await acme.delete(f"/articles/{article.article_id}")).status_code == 404
    assert api.queue.forgotten == [f"{article.task_id}:1"]
    task = (await acme.get(f"/tasks/{article.task_id}")).json()
    assert (task["status"], task["article_ids"]) == ("completed", [])
    assert (await acme.get(f"/tasks/{article.task_id}/articles")).json() == {"articles": []}
    async with api.database.read() as connection:
        for table in (article_versions, article_evidence, passages, stage_results):
            assert (await connection.execute(select(func.count()).select_from(table))).scalar_one() == 1
    assert (await acme.get(f"/articles/{kept.article_id}")).status_code == 200


async def test_delete_keeps_article_when_engine_is_away(api: Api) -> None:
    """Where checkpoints cannot be deleted, nothing is: 503, and a repetition succeeds."""
    acme = await api.caller()
    article = await api.article(acme)
    api.queue.away = True
    response = await acme.delete(f"/articles/{article.article_id}")
    assert (response.status_code, response.json()["code"]) == (503, "DATABASE_ERROR")
    assert "retry-after" in response.headers
    assert (await acme.get(f"/articles/{article.article_id}")).status_code == 200
    api.queue.away = False
    assert (await acme.delete(f"/articles/{article.article_id}")).status_code == 204


@pytest.mark.parametrize(("tag", "status"), [('"1"', 204), ("*", 204), ('"2"', 412), ('W/"1"', 412)])
async def test_delete_minds_precondition_when_there_is_one(api: Api, tag: str, status: int) -> None:
    """If-Match holds for DELETE as for PATCH."""
    acme = await api.caller()
    article = await api.article(acme)
    response = await acme.delete(f"/articles/{article.article_id}", headers={"If-Match": tag})
    assert response.status_code == status


async def test_deleted_text_leaves_the_file_when_database_is_sqlite(api: Api) -> None:
    """On SQLite no byte of a deleted text stays in the database file."""
    if not api.database.is_sqlite:
        return  # Postgres vacuums on its own
    acme = await api.caller()
    article = await api.article(acme, content="Zirconium-marmalade stands here.\n" * 200)
    path = api.database.engine.url.database
    assert path is not None
    assert (await acme.delete(f"/articles/{article.article_id}")).status_code == 204
    async with api.database.engine.connect() as connection:
        await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    for suffix in ("", "-wal"):
        assert b"Zirconium-marmalade" not in _bytes_of(path + suffix)


def _bytes_of(path: str) -> bytes:
    with open(path, "rb") as file:  # noqa: PTH123 - a name with its suffix
        return file.read()


async def _move(api: Api, article_id: str, by: timedelta) -> None:
    """Make an article newer."""
    async with api.database.write() as connection:
        table = articles
        row = (
            await connection.execute(select(table.c.created_at).where(table.c.article_id == article_id))
        ).scalar_one()
        await connection.execute(table.update().where(table.c.article_id == article_id).values(created_at=row + by))


async def _store_material(api: Api, task_id: str) -> None:
    """What the pipeline keeps of a task."""
    source = Source(source_id=new_id(), position=0, kind=SourceKind.WEB, url="https://example.com/")
    passage = Passage(
        passage_id="s0p0",
        source_id=source.source_id,
        sentences=("A sentence.",),
        place=Place(),
        language="en",
        position=0,
    )
    async with api.database.write() as connection:
        await evidence.put_sources(connection, task_id, [source])
        await evidence.put_passages(connection, task_id, source.source_id, [replace(passage)])
        await evidence.put_result(connection, task_id, "outline", {"title": "x"})
