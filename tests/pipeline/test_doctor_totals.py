"""What `doctor` says of the totals that lists show."""

import asyncio
from pathlib import Path

from sqlalchemy import delete
from support.stored import stored_account, stored_task

from copydesk.cli.doctor import Finding, examine_totals
from copydesk.settings import Settings
from copydesk.store.database import Database
from copydesk.store.schema import counters
from copydesk.wiring import migrate_all


async def broken(settings: Settings) -> tuple[Finding, Finding, Finding]:
    """Its findings before a total is lost, after that, and once more."""
    await migrate_all(settings)
    database = Database.of(settings)
    await stored_task(database, await stored_account(database))
    before = await examine_totals(settings)
    async with database.write() as connection:
        await connection.execute(delete(counters))
    await database.close()
    return before, await examine_totals(settings), await examine_totals(settings)


def test_totals_are_set_right_when_they_were_changed_by_hand(tmp_path: Path) -> None:
    """What is wrong is named once, and right from then on."""
    before, after, again = asyncio.run(broken(Settings(_env_file=None, data_dir=tmp_path)))
    assert (before.ok, after.ok, again.ok) == (True, False, True)
    assert "tasks pending" in after.message


def test_totals_are_no_finding_of_need_when_the_database_is_away(tmp_path: Path) -> None:
    """Where the database cannot be opened, that is another finding's to fail by."""
    (tmp_path / "copydesk.sqlite").write_bytes(b"no database" * 100)
    finding = asyncio.run(examine_totals(Settings(_env_file=None, data_dir=tmp_path)))
    assert (finding.ok, finding.needed) == (False, False)
