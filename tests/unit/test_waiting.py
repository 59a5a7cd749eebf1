"""How long a stage waits for its sources."""

import asyncio
import time

import pytest

from copydesk.domain.source import Source, SourceKind
from copydesk.pipeline.waiting import Arrived, Patience, Read, read_side_by_side


def sources(count: int) -> list[Source]:
    """Sources named by their number."""
    return [Source(source_id=str(number), position=number, kind=SourceKind.WEB) for number in range(count)]


def patience(seconds: float, grace: float | None = None) -> Patience:
    """From now on."""
    return Patience(until=asyncio.get_running_loop().time() + seconds, seconds=seconds, grace=grace)


def timed(*plan: tuple[float, float, bool]) -> tuple[Read, list[str]]:
    """A reader with a plan for each source: when its bytes arrive, how long reading takes, whether it is good."""
    read: list[str] = []

    async def one(source: Source, arrived: Arrived) -> bool:
        arrives, takes, good = plan[source.position]
        await asyncio.sleep(arrives)
        arrived()
        await asyncio.sleep(takes)
        read.append(source.source_id)
        return good

    return one, read


async def test_all_are_read_when_there_is_time() -> None:
    """Nothing is late, and the slowest ends the wait."""
    reader, read = timed((0.1, 0, True), (0, 0.1, True), (0, 0, False))
    assert await read_side_by_side(sources(3), reader, patience(5, grace=3)) == {}
    assert read[0] == "2"
    assert sorted(read) == ["0", "1", "2"]


async def test_nothing_is_waited_for_when_there_is_nothing() -> None:
    """No source is no wait."""
    reader, _ = timed()
    assert await read_side_by_side([], reader, patience(5)) == {}


async def test_the_rest_is_late_at_the_deadline() -> None:
    """Arrived or not: what is not read by then is dropped, with the stage's time in its sentence."""
    reader, read = timed((0, 0, True), (9, 0, True), (0, 9, True))
    begun = time.monotonic()
    late = await read_side_by_side(sources(3), reader, patience(0.2))
    assert time.monotonic() - begun < 2
    assert late == dict.fromkeys(["1", "2"], "It did not arrive within the stage's 0.2 s.")
    assert read == ["0"]


async def test_slow_ones_get_their_grace_when_most_are_read() -> None:
    """Four of five are enough: the fifth has the grace from then on, not the stage's time."""
    reader, read = timed((0, 0, True), (0, 0, True), (0, 0, True), (0.1, 0, True), (9, 0, True))
    begun = time.monotonic()
    late = await read_side_by_side(sources(5), reader, patience(9, grace=0.3))
    assert 0.38 < time.monotonic() - begun < 3
    assert late == {"4": "It did not arrive within 0.3 s of most other pages, and was not waited for."}
    assert sorted(read) == ["0", "1", "2", "3"]


async def test_slow_ones_are_read_when_they_arrive_in_their_grace() -> None:
    """What comes within the grace counts, and reading it may take longer than the grace."""
    reader, read = timed(*[(0.0, 0.0, True)] * 8, (0.1, 0.5, True), (9, 0, True))
    late = await read_side_by_side(sources(10), reader, patience(9, grace=0.3))
    assert list(late) == ["9"]
    assert "8" in read


async def test_what_arrives_in_its_grace_is_still_late_at_the_deadline() -> None:
    """The stage's time ends everything."""
    reader, _ = timed(*[(0.0, 0.0, True)] * 4, (0, 9, True))
    late = await read_side_by_side(sources(5), reader, patience(0.3, grace=0.05))
    assert late == {"4": "It did not arrive within the stage's 0.3 s."}


async def test_failures_are_not_missed_pages() -> None:
    """Of ten, five fail: four good ones are most of what is left, so that the tenth is not waited for."""
    reader, _ = timed(*[(0.0, 0.0, False)] * 5, *[(0.0, 0.0, True)] * 4, (9, 0, True))
    begun = time.monotonic()
    assert list(await read_side_by_side(sources(10), reader, patience(9, grace=0.1))) == ["9"]
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    "plan",
    [
        [(0.0, 0.0, False)] * 4 + [(0.4, 0.0, True)],
        [(0.0, 0.0, True)] * 3 + [(0.4, 0.0, True)],
        [(0.4, 0.0, True)],
    ],
    ids=["none-good", "three-of-four", "only-one"],
)
async def test_slow_ones_are_waited_for_when_too_few_are_read(plan: list[tuple[float, float, bool]]) -> None:
    """Less than four fifths in: the slow page may be the one that matters."""
    reader, read = timed(*plan)
    assert await read_side_by_side(sources(len(plan)), reader, patience(9, grace=0.05)) == {}
    assert len(read) == len(plan)


async def test_grace_runs_while_the_others_are_read() -> None:
    """Reading takes longer than the grace: the slow page is given up meanwhile, and costs no time of its own."""
    reader, read = timed(*[(0.0, 0.6, True)] * 4, (9, 0, True))
    begun = time.monotonic()
    assert list(await read_side_by_side(sources(5), reader, patience(9, grace=0.5))) == ["4"]
    assert time.monotonic() - begun < 1.1
    assert len(read) == 4


async def test_grace_is_taken_back_when_what_arrived_proves_to_be_nothing() -> None:
    """Pages that are here but empty do not make a slow one needless."""
    reader, read = timed(*[(0.0, 0.1, False)] * 4, (0.6, 0, True))
    assert await read_side_by_side(sources(5), reader, patience(9, grace=0.3)) == {}
    assert len(read) == 5


async def test_all_are_waited_for_when_there_is_no_grace() -> None:
    """A caller's links are read to the stage's end."""
    reader, read = timed(*[(0.0, 0.0, True)] * 9, (0.4, 0, True))
    assert await read_side_by_side(sources(10), reader, patience(9)) == {}
    assert len(read) == 10


async def test_others_are_stopped_when_one_meets_a_defect() -> None:
    """An error of ours is raised, and leaves nothing running."""
    stopped: list[str] = []

    async def one(source: Source, _arrived: Arrived) -> bool:
        if source.position == 1:
            msg = "a defect"
            raise RuntimeError(msg)
        try:
            await asyncio.sleep(9)
        finally:
            stopped.append(source.source_id)
        return True

    with pytest.raises(RuntimeError, match="a defect"):
        await read_side_by_side(sources(3), one, patience(9))
    assert sorted(stopped) == ["0", "2"]


async def test_others_are_stopped_when_the_wait_is_cancelled() -> None:
    """A cancelled task reads nothing further."""
    stopped: list[str] = []

    async def one(source: Source, _arrived: Arrived) -> bool:
        try:
            await asyncio.sleep(9)
        finally:
            stopped.append(source.source_id)
        return True

    waiting = asyncio.create_task(read_side_by_side(sources(2), one, patience(9)))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert sorted(stopped) == ["0", "1"]


async def test_what_ends_by_itself_while_it_is_stopped_is_not_late() -> None:
    """A reading that is stored in spite of the stop stays as it was stored."""

    async def one(source: Source, arrived: Arrived) -> bool:
        if source.position:
            arrived()
            return True
        try:
            await asyncio.sleep(9)
        except asyncio.CancelledError:
            return True  # it was just being stored
        return False

    assert await read_side_by_side(sources(2), one, patience(0.1)) == {}


async def test_further_sources_are_read_when_they_are_found_meanwhile() -> None:
    """The first ones do not wait for them, and none counts as slow before they are known."""
    reader, read = timed((0, 0, True), (0.3, 0, True), (0, 0, True))

    async def further() -> list[Source]:
        await asyncio.sleep(0.2)
        assert read == ["0"]
        return sources(3)[2:]

    assert await read_side_by_side(sources(2), reader, patience(9, grace=0.15), further()) == {}
    assert read == ["0", "2", "1"]


async def test_further_sources_are_not_waited_for_when_the_stage_ends() -> None:
    """Whoever looks for them is stopped at the stage's deadline."""
    reader, read = timed((0, 0, True))
    stopped: list[bool] = []

    async def further() -> list[Source]:
        try:
            await asyncio.sleep(30)
        finally:
            stopped.append(True)
        return []

    assert await read_side_by_side(sources(1), reader, patience(0.2), further()) == {}
    assert (read, stopped) == (["0"], [True])


async def test_error_is_raised_when_looking_for_further_sources_fails() -> None:
    """And what is being read is stopped."""
    reader, read = timed((30, 0, True))

    async def further() -> list[Source]:
        raise LookupError

    with pytest.raises(LookupError):
        await read_side_by_side(sources(1), reader, patience(60), further())
    assert read == []
