"""The script behind `make corpus`: what it chooses, and what it says where it cannot fetch."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

LIST = """
[[package]]
name = "words"
from = "debian"
take = { txt = ["*.txt"], pdf = ["*.pdf"] }
most = 3
encodings = "folder"

[[package]]
name = "absent"
from = "debian"
take = { txt = ["*.txt"] }
"""


def run(tmp_path: Path) -> tuple[int, str, list[dict[str, str]]]:
    """Run the script on `LIST`, with no programs to be found; its exit code, output and manifest."""
    (tmp_path / "list.toml").write_text(LIST)
    folder = tmp_path / "corpus"
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "corpus.py"), str(folder), str(tmp_path / "list.toml")],
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": str(tmp_path)},
    )
    return done.returncode, done.stdout, json.loads((folder / "manifest.json").read_text())


def unpack(tmp_path: Path, files: dict[str, bytes]) -> None:
    """Lay down a package as if it had been fetched."""
    for name, content in files.items():
        path = tmp_path / "corpus" / "unpacked" / "words" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def test_missing_programs_are_named_when_not_on_debian(tmp_path: Path) -> None:
    """It ends with 1 and says which package needs what, and which kinds are too few."""
    code, output, samples = run(tmp_path)
    assert (code, samples) == (1, [])
    assert "missing: absent: it is a Debian package, and there is no apt-get and dpkg-deb here" in output
    assert "Fewer than 50 files of: pdf, docx, xlsx, csv, txt." in output


def test_files_are_taken_once_and_only_when_they_are_what_they_are_named(tmp_path: Path) -> None:
    """No doubles, no empty files, no PDF without a PDF's mark, no text that is not in its encoding."""
    unpack(
        tmp_path,
        {
            "cp1252/a.txt": "größer".encode("cp1252"),
            "cp1252/same.txt": "größer".encode("cp1252"),
            "utf-8/broken.txt": "größer".encode("cp1252") + b"!",
            "utf-8/empty.txt": b"",
            "real.pdf": b"%PDF-1.4 and more",
            "fake.pdf": b"no such thing",
        },
    )
    _, output, samples = run(tmp_path)
    assert [(Path(s["path"]).name, s["kind"], s["encoding"]) for s in samples] == [
        ("real.pdf", "pdf", None),
        ("cp1252__a.txt", "txt", "cp1252"),
    ]
    assert "pdf: 1, docx: 0, xlsx: 0, csv: 0, txt: 1" in output


def test_files_are_spread_when_a_package_has_many(tmp_path: Path) -> None:
    """At most as many as the list says, from all over the package."""
    unpack(tmp_path, {f"ascii/{n:02d}.txt": f"text {n}".encode() for n in range(30)})
    _, _, samples = run(tmp_path)
    assert [Path(s["path"]).name for s in samples] == ["ascii__00.txt", "ascii__10.txt", "ascii__20.txt"]
    assert (tmp_path / "corpus" / samples[1]["path"]).read_text() == "text 10"
