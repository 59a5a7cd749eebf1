"""What `doctor` says of where files are kept."""

import asyncio
from pathlib import Path

import pytest
from support.s3 import s3_server, s3_settings

from copydesk.cli.doctor import Finding, examine_files
from copydesk.settings import Settings
from copydesk.wiring import migrate_all


def look(settings: Settings) -> Finding:
    """The finding of that name."""
    asyncio.run(migrate_all(settings))
    return asyncio.run(examine_files(settings))


@pytest.mark.parametrize("blobs", ["database", "directory"])
def test_store_is_tried_when_it_works(tmp_path: Path, blobs: str) -> None:
    """Written, read, deleted: nothing is left."""
    finding = look(Settings(_env_file=None, data_dir=tmp_path, blobs=blobs))
    assert (finding.name, finding.ok, finding.needed) == ("files", True, True)
    assert f"{blobs}: a trial file was written, read and deleted" in finding.message
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []


def test_bucket_is_tried_when_it_is_there_and_when_not(tmp_path: Path) -> None:
    """Working, without its bucket, and without a server: each says what it is."""
    with s3_server(tmp_path / "s3") as server:
        assert look(server.settings(tmp_path / "data")).ok
        missing = look(server.settings(tmp_path / "data", blobs="s3://other-bucket"))
        assert (missing.ok, "no bucket" in missing.message) == (False, True)
    away = look(s3_settings("http://127.0.0.1:1", tmp_path / "data"))
    assert (away.ok, away.needed, "cannot be reached" in away.message) == (False, True, True)


def test_folder_is_tried_when_it_cannot_be_written(tmp_path: Path) -> None:
    """A file stands in its place."""
    (tmp_path / "files").write_text("x")
    finding = look(Settings(_env_file=None, data_dir=tmp_path, blobs="directory"))
    assert not finding.ok
    assert "folder of uploaded files" in finding.message
