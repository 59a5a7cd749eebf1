"""Frames on a pipe, and the slots and the watch of the pool."""

import asyncio
import os
import struct
import threading
import time
from collections.abc import Iterator

import pytest

from copydesk.readers.frames import FrameReader, FrameTooLong, write_frames
from copydesk.readers.slots import Slots
from copydesk.readers.watch import CANCELLED, MEMORY, TIME, Errand, Watch


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """The two ends of a pipe."""
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            continue  # the test closed it


def test_frames_come_back_in_order(pipe: tuple[int, int]) -> None:
    """Two frames that were written together are read apart, and nothing is left."""
    write_frames(pipe[1], b"first", b"")
    reader = FrameReader(pipe[0])
    assert reader.read(limit=5) == b"first"
    assert not reader.at_rest
    assert reader.read(limit=0) == b""
    assert reader.at_rest


def test_large_frame_comes_back(pipe: tuple[int, int]) -> None:
    """A frame larger than the pipe arrives whole, and so does the one behind it."""
    content = os.urandom(3_000_000)
    writing = threading.Thread(target=write_frames, args=(pipe[1], content, b"next"))
    writing.start()
    reader = FrameReader(pipe[0])
    assert reader.read(limit=len(content)) == content
    assert reader.read(limit=4) == b"next"
    writing.join()


@pytest.mark.parametrize(
    ("content", "error"),
    [(struct.pack(">Q", 2**60), FrameTooLong), (struct.pack(">Q", 8) + b"short", EOFError), (b"\0", EOFError)],
)
def test_frame_is_refused_when_it_lies_about_its_length(
    pipe: tuple[int, int], content: bytes, error: type[Exception]
) -> None:
    """Nothing is allocated for a length that is over the limit."""
    os.write(pipe[1], content)
    os.close(pipe[1])
    with pytest.raises(error):
        FrameReader(pipe[0]).read(limit=1_000)


async def test_slots_are_given_in_the_order_of_asking() -> None:
    """Who asked first goes first; a free slot is taken at once."""
    slots, order = Slots(1), list[int]()

    async def take(number: int) -> None:
        await slots.take()
        order.append(number)
        slots.give()

    await slots.take()
    waiting = [asyncio.create_task(take(number)) for number in range(3)]
    await asyncio.sleep(0)
    assert order == []
    slots.give()
    await asyncio.gather(*waiting)
    assert order == [0, 1, 2]


async def test_slot_is_not_lost_when_its_waiter_is_cancelled() -> None:
    """Cancelled while waiting, or in the moment it was given: the next one gets it."""
    slots = Slots(1)
    await slots.take()
    first, second, third = (asyncio.create_task(slots.take()) for _ in range(3))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    slots.give()  # to the second
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.wait_for(third, 1)
    slots.give()
    await asyncio.wait_for(slots.take(), 1)


def test_slot_is_not_lost_when_the_loop_of_its_waiter_is_closed() -> None:
    """A loop that ended without asking again does not keep a slot."""
    slots = Slots(1)
    loop = asyncio.new_event_loop()

    async def wait() -> None:
        await slots.take()
        task = asyncio.ensure_future(slots.take())
        await asyncio.sleep(0)
        task.get_loop().call_soon(task.get_loop().stop)

    loop.run_until_complete(wait())
    pending = asyncio.all_tasks(loop)
    loop.close()
    slots.give()
    asyncio.run(asyncio.wait_for(slots.take(), 1))
    for task in pending:
        task._log_destroy_pending = False  # type: ignore[attr-defined]  # left pending on purpose
        task.get_coro().close()


async def test_everybody_is_let_through_when_slots_are_opened() -> None:
    """Nobody waits for what is closed."""
    slots = Slots(1)
    await slots.take()
    waiting = [asyncio.create_task(slots.take()) for _ in range(3)]
    await asyncio.sleep(0)
    slots.open_all()
    await asyncio.wait_for(asyncio.gather(*waiting), 1)


@pytest.mark.parametrize(
    ("seconds", "resident", "cancel", "limit"),
    [(0.0, 0, False, TIME), (60.0, 11, False, MEMORY), (60.0, 0, True, CANCELLED)],
)
def test_watch_kills_what_is_over_a_limit(seconds: float, resident: int, limit: str, *, cancel: bool) -> None:
    """The limit that was passed is named, and it is killed once."""
    watch, killed = Watch(), list[float]()
    errand = Errand(
        deadline=time.monotonic() + seconds, memory=10, resident=lambda: resident, kill=lambda: killed.append(1)
    )
    watch.begin(errand)
    if cancel:
        errand.cancelled.set()
    deadline = time.monotonic() + 5
    while not killed:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    watch.end(errand)
    watch.close()
    assert (errand.limit, len(killed)) == (limit, 1)


def test_watch_wakes_up_when_work_comes_after_a_long_rest() -> None:
    """The thread sleeps without work, and is there when it is needed."""
    watch, killed = Watch(), threading.Event()
    calm = Errand(deadline=time.monotonic() + 60, memory=1, resident=lambda: 0, kill=killed.set)
    watch.begin(calm)
    watch.end(calm)
    deadline = time.monotonic() + 10
    while not watch._sleeps:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    watch.begin(Errand(deadline=0, memory=1, resident=lambda: 0, kill=killed.set))
    assert killed.wait(5)
    watch.close()
