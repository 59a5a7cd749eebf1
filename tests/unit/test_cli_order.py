"""Options and briefs of `copydesk write`, joined and checked before anything is opened."""

import os
from pathlib import Path

import pytest

from copydesk.cli.order import Order, read_file, read_order
from copydesk.domain.file import MAX_FILE_BYTES
from copydesk.errors import BodyTooLarge, ConfigurationError


def order(
    *, brief: Path | None = None, files: tuple[Path, ...] = (), outputs: tuple[Path, ...] = (), **given: object
) -> Order:
    """An order with a prompt, unless the options say otherwise."""
    body = {"user_prompt": None if brief else "Tea", **given}
    return read_order(body, brief=brief, files=files, outputs=outputs, citations="footnotes", as_json=False)


def write_brief(folder: Path, text: str) -> Path:
    """A brief file."""
    path = folder / "brief.toml"
    path.write_text(text, encoding="utf-8")
    return path


def sized(path: Path, size: int) -> Path:
    """A file of that many bytes, without the disk they would take."""
    path.touch()
    os.truncate(path, size)
    return path


def test_brief_is_a_body_when_read(tmp_path: Path) -> None:
    """Its names become the API's, and its files are found beside it, before those of the options."""
    (tmp_path / "tea.txt").write_text("Tea.")
    (tmp_path / "cup.txt").write_text("Cup.")
    brief = write_brief(
        tmp_path, 'prompt = "Tea"\nreferences = ["https://tea.example/"]\nfiles = ["tea.txt"]\nlanguage = "en"'
    )
    read = order(brief=brief, files=(tmp_path / "cup.txt",))
    assert read.body == {"user_prompt": "Tea", "reference_links": ["https://tea.example/"], "language": "en"}
    assert read.files == (tmp_path / "tea.txt", tmp_path / "cup.txt")


@pytest.mark.parametrize("said", [True, False])
def test_option_wins_when_the_brief_says_otherwise(tmp_path: Path, *, said: bool) -> None:
    """Also where the option says no."""
    brief = write_brief(tmp_path, f'prompt = "Tea"\nallow_ungrounded = {str(not said).lower()}')
    assert order(brief=brief, allow_ungrounded=said).body["allow_ungrounded"] is said
    assert order(brief=brief, allow_ungrounded=None).body["allow_ungrounded"] is not said


def test_file_is_refused_when_over_the_limit(tmp_path: Path) -> None:
    """25 MB pass, a byte more does not: the API's rule."""
    assert order(files=(sized(tmp_path / "a.txt", MAX_FILE_BYTES),)).files
    large = sized(tmp_path / "b.txt", MAX_FILE_BYTES + 1)
    with pytest.raises(BodyTooLarge, match=r"b\.txt' is larger than the limit of 25 MB"):
        order(files=(large,))
    with pytest.raises(BodyTooLarge, match=r"b\.txt"):  # it has grown since it was looked at
        read_file(large)


@pytest.mark.parametrize("name", ["absent.txt", ".", "a\0b.txt"])
def test_file_is_refused_when_it_is_none(tmp_path: Path, name: str) -> None:
    """An absent one, a folder, and a name that cannot be."""
    with pytest.raises(ConfigurationError, match="is not a file"):
        order(files=(tmp_path / name,))


def test_output_is_left_alone_when_tried(tmp_path: Path) -> None:
    """Trying an output makes its folder, but no file, and changes none that is there."""
    old = tmp_path / "old.md"
    old.write_text("Mine.")
    order(outputs=(old, tmp_path / "deep" / "folder" / "new.HTML"))
    assert old.read_text() == "Mine."
    assert list((tmp_path / "deep" / "folder").iterdir()) == []


def test_output_is_refused_when_it_cannot_be_written(tmp_path: Path) -> None:
    """A folder, a place below a file, and a folder that takes no files: each named."""
    (tmp_path / "folder.md").mkdir()
    (tmp_path / "file").touch()
    places = [tmp_path / "folder.md", tmp_path / "file" / "a.md"]
    if Path("/proc").exists():  # which takes nobody's files, not even the superuser's
        places.append(Path("/proc/a.md"))
    for place in places:
        with pytest.raises(ConfigurationError, match=f"{place.name}' cannot be written"):
            order(outputs=(place,))


def test_output_is_not_opened_when_it_is_a_pipe(tmp_path: Path) -> None:
    """Opening one would wait for its reader."""
    pipe = tmp_path / "pipe.md"
    os.mkfifo(pipe)
    assert order(outputs=(pipe,)).outputs == (pipe,)
