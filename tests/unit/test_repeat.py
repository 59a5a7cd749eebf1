"""The worker's loops go on."""

import asyncio

import pytest
from structlog.testing import capture_logs

from copydesk.errors import DatabaseError
from copydesk.worker.running import repeat


@pytest.mark.parametrize(
    ("error", "event"), [(DatabaseError("away"), "database away"), (ZeroDivisionError("defect"), "watch failed")]
)
async def test_looking_goes_on_when_a_look_fails(error: Exception, event: str) -> None:
    """What went wrong is logged, and the next look comes."""
    looks = 0

    async def look() -> None:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise error

    with capture_logs() as logs:
        loop = asyncio.create_task(repeat(look, 0.001))
        async with asyncio.timeout(10):
            while looks < 3:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.001)
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
    assert [entry["event"] for entry in logs] == [event]
