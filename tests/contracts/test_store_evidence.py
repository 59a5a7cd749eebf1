"""What the store promises of sources and passages, on every database."""

from datetime import UTC, datetime

from support.stored import stored_account, stored_task

from copydesk.domain.clock import new_id
from copydesk.domain.source import Brevity, Disposition, Omission, Passage, Place, Source, SourceKind
from copydesk.store import evidence
from copydesk.store.database import Database


def a_source(position: int) -> Source:
    """A page that was read, with all that may be known of it."""
    return Source(
        source_id=new_id(),
        position=position,
        kind=SourceKind.WEB,
        url=f"https://site.test/{position}",
        title="Coffee",
        site="Site",
        author="A. Writer",
        published_at=datetime(2025, 2, 1, tzinfo=UTC),
        accessed_at=datetime(2026, 2, 1, tzinfo=UTC),
        license="CC-BY-4.0",
        language="en",
        canonical_url="https://site.test/coffee",
        left_out=((Omission.BOILERPLATE, 2), (Omission.FRAGMENT, 1)),
    )


def a_passage(source: Source) -> Passage:
    """A passage with every kind of place."""
    place = Place(
        headings=("Coffee", "Trade"), page=3, sheet="Prices", first_row=2, last_row=9, spans=((4, 60), (80, 95))
    )
    return Passage(
        passage_id=f"s{source.position}p0",
        source_id=source.source_id,
        sentences=("Coffee was shipped to Mocha.", "It was dear."),
        place=place,
        language="en",
        position=0,
        stands_alone=False,
        computed=True,
        brevity=Brevity.COMPUTED,
    )


async def test_sources_and_passages_come_back_whole_when_stored(database: Database) -> None:
    """Every field of both is what went in, in the order of the task."""
    task_id = await stored_task(database, await stored_account(database))
    second, first = a_source(1), a_source(0)
    async with database.write() as connection:
        await evidence.put_sources(connection, task_id, [second, first])
        for source in (first, second):
            await evidence.update_source(connection, source)
            await evidence.put_passages(connection, task_id, source.source_id, [a_passage(source)])
    async with database.read() as connection:
        assert await evidence.list_sources(connection, task_id) == [first, second]
        assert await evidence.list_passages(connection, task_id) == [a_passage(first), a_passage(second)]


async def test_passages_are_replaced_when_their_source_is_read_again(database: Database) -> None:
    """A recovery stores the passages of a source once."""
    task_id = await stored_task(database, await stored_account(database))
    source = a_source(0)
    async with database.write() as connection:
        await evidence.put_sources(connection, task_id, [source])
        for _ in range(2):
            await evidence.put_passages(connection, task_id, source.source_id, [a_passage(source)])
        await evidence.put_sources(connection, task_id, [a_source(0)])
        await evidence.set_dispositions(connection, {source.source_id: (Disposition.READ, None)})
    async with database.read() as connection:
        assert len(await evidence.list_passages(connection, task_id)) == 1
        assert [found.disposition for found in await evidence.list_sources(connection, task_id)] == [Disposition.READ]


async def test_results_stay_as_they_are_when_stored_again(database: Database) -> None:
    """The first result of a name counts; all text of a task can be forgotten."""
    task_id = await stored_task(database, await stored_account(database))
    async with database.write() as connection:
        await evidence.put_result(connection, task_id, "vectors:a", {"one": 1})
        await evidence.put_result(connection, task_id, "vectors:a", {"two": 2})
        await evidence.put_result(connection, task_id, "vectors:b", [3])
        await evidence.put_result(connection, task_id, "outline", {})
    async with database.read() as connection:
        assert await evidence.get_result(connection, task_id, "vectors:a") == {"one": 1}
        assert await evidence.list_results(connection, task_id, "vectors:") == {
            "vectors:a": {"one": 1},
            "vectors:b": [3],
        }
    async with database.write() as connection:
        await evidence.forget_text(connection, task_id)
    async with database.read() as connection:
        assert await evidence.list_results(connection, task_id, "") == {}
