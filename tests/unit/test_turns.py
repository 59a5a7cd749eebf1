"""Who may ask a host when."""

import asyncio
import time

import pytest

from copydesk.outbound.turns import MAX_CONNECTIONS, HostTurns


async def visit(turns: HostTurns, host: str, *, pause: float, begun: list[float], stay: float = 0.0) -> None:
    """Take a turn, noting when it began."""
    async with turns.turn(host, pause=pause):
        begun.append(time.monotonic())
        await asyncio.sleep(stay)


async def test_turns_begin_a_pause_apart() -> None:
    """The pause is between beginnings, first to last, in order; the first waits for nothing."""
    turns, begun = HostTurns(), [time.monotonic()]
    await asyncio.gather(*(visit(turns, "a", pause=0.1, begun=begun) for _ in range(4)))
    assert begun[1] - begun[0] < 0.3
    assert begun[-1] - begun[0] >= 0.3
    assert begun == sorted(begun)


async def test_turns_are_two_at_a_time() -> None:
    """Without a pause two have a turn at once, and a third when one of them ends."""
    turns = HostTurns()
    busy: list[int] = []
    inside = 0

    async def stay() -> None:
        nonlocal inside
        async with turns.turn("a", pause=0.0):
            inside += 1
            busy.append(inside)
            await asyncio.sleep(0.01)
            inside -= 1

    await asyncio.gather(*(stay() for _ in range(7)))
    assert max(busy) == MAX_CONNECTIONS == 2
    assert len(busy) == 7


async def test_hosts_do_not_wait_for_one_another() -> None:
    """A slow host holds nobody else up."""
    turns, begun = HostTurns(), [time.monotonic()]
    slow = [asyncio.create_task(visit(turns, "slow", pause=9, begun=[], stay=9)) for _ in range(3)]
    await asyncio.sleep(0)
    await visit(turns, "other", pause=9, begun=begun)
    assert begun[1] - begun[0] < 1
    for task in slow:
        task.cancel()
    await asyncio.gather(*slow, return_exceptions=True)


async def test_turn_is_free_again_when_a_visitor_is_cancelled() -> None:
    """Waiting or in its turn, whoever is cancelled leaves its place."""
    turns = HostTurns()
    visitors = [asyncio.create_task(visit(turns, "a", pause=0.0, begun=[], stay=9)) for _ in range(5)]
    await asyncio.sleep(0.01)
    for visitor in visitors:
        visitor.cancel()
    await asyncio.gather(*visitors, return_exceptions=True)
    async with asyncio.timeout(1):
        await visit(turns, "a", pause=0.0, begun=[])


@pytest.mark.parametrize("pause", [0.0, 30.0])
async def test_idle_hosts_are_forgotten_and_busy_ones_not(pause: float) -> None:
    """After a thousand hosts those that nobody waits for go; a pause that runs is remembered."""
    turns = HostTurns()
    async with turns.turn("busy", pause=0.0):
        for number in range(2_000):
            await visit(turns, str(number), pause=pause, begun=[])
        assert "busy" in turns._hosts
    assert (len(turns._hosts) <= 1_001) is (pause == 0.0)
