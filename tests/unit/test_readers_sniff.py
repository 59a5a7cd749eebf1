"""What a file is by its name and its first look, and what it may be called."""

import pytest
from support import documents, hostile

from copydesk.domain.file import FileKind
from copydesk.errors import ReadError
from copydesk.readers.sniff import clean_filename, detect_kind

GOOD = {
    "a.pdf": (FileKind.PDF, documents.pdf_of_lines(["Text"])),
    "a.docx": (FileKind.DOCX, documents.docx_report()),
    "a.xlsx": (FileKind.XLSX, documents.xlsx_report()),
    "a.csv": (FileKind.CSV, b"a,b\n1,2\n"),
    "a.txt": (FileKind.TXT, b"a,b\n1,2\n"),
    "a.md": (FileKind.TXT, b"# Title\n"),
    "A.B.PDF": (FileKind.PDF, b"\n\n%PDF-1.4 and more"),
    "latin.txt": (FileKind.TXT, "Größe".encode("latin-1")),
    "utf16.csv": (FileKind.CSV, "a;b\n1;2".encode("utf-16")),
    "unmarked.txt": (FileKind.TXT, "no mark at the start".encode("utf-16-le")),
    "unmarked-be.txt": (FileKind.TXT, "no mark at the start".encode("utf-16-be")),
    "page.txt": (FileKind.TXT, b"<html><body>Hello</body></html>"),
}
BAD = {
    "no-extension": ("report", b"text", "unsupported"),
    "program": ("a.exe", b"MZ\x90", "unsupported"),
    "empty": ("a.txt", b"", "empty"),
    "blank": ("a.csv", b" \r\n\t\n", "empty"),
    "only-a-mark": ("a.txt", b"\xef\xbb\xbf\n", "empty"),
    "zeros": ("a.pdf", b"\0" * 100, "empty"),
    "text-as-pdf": ("a.pdf", b"only text", "mismatch"),
    "pdf-as-text": ("a.txt", GOOD["a.pdf"][1], "mismatch"),
    "xlsx-as-docx": ("a.docx", GOOD["a.xlsx"][1], "mismatch"),
    "docx-as-xlsx": ("a.xlsx", GOOD["a.docx"][1], "mismatch"),
    "docx-as-csv": ("a.csv", GOOD["a.docx"][1], "mismatch"),
    "zip-as-docx": ("a.docx", documents.zip_of({"readme": "text"}), "mismatch"),
    "odt-as-docx": ("a.docx", documents.zip_of({"content.xml": "<a/>", "META-INF/manifest.xml": "<a/>"}), "mismatch"),
    "slides-as-docx": ("a.docx", documents.zip_of({"ppt/presentation.xml": "<a/>"}), "mismatch"),
    "png-as-pdf": ("a.pdf", b"\x89PNG\r\n\x1a\n", "mismatch"),
    "old-word": ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x01" * 600, "mismatch"),
    "binary-as-text": ("a.txt", bytes(range(256)) * 10, "mismatch"),
    "control-characters": ("a.csv", b"\x01\x02\x03\x04 some text", "mismatch"),
    "rtf-as-text": ("a.txt", b"{\\rtf1 Hello}", "mismatch"),
    "office-password": ("a.xlsx", hostile.ole_encrypted(), "encrypted"),
    "zip-password": ("a.docx", hostile.zip_encrypted(), "encrypted"),
    "zip-without-directory": ("a.docx", GOOD["a.docx"][1][:400], "damaged"),
}


@pytest.mark.parametrize("name", GOOD)
def test_kind_when_name_and_content_agree(name: str) -> None:
    """The extension says the kind, in any case, and text may be in any encoding."""
    kind, data = GOOD[name]
    assert detect_kind(name, data) is kind


@pytest.mark.parametrize("case", BAD)
def test_kind_is_refused_when_it_cannot_be_read(case: str) -> None:
    """The error has the reason, and its sentence names the file."""
    name, data, reason = BAD[case]
    with pytest.raises(ReadError) as caught:
        detect_kind(name, data)
    assert caught.value.reason == reason
    assert caught.value.message.endswith(".")


OFFICE = {".pdf": GOOD["a.pdf"][1], ".docx": GOOD["a.docx"][1], ".xlsx": GOOD["a.xlsx"][1]}
TEXTS = {".csv": GOOD["a.csv"][1], ".txt": GOOD["a.txt"][1], ".md": GOOD["a.md"][1]}
OTHERS = {
    "png": b"\x89PNG\r\n\x1a\n",
    "jpeg": b"\xff\xd8\xff\xe0",
    "gif": b"GIF89a",
    "gzip": b"\x1f\x8b\x08",
    "bzip2": b"BZh91AY",
    "xz": b"\xfd7zXZ\0",
    "7z": b"7z\xbc\xaf\x27\x1c",
    "rar": b"Rar!\x1a\x07",
    "elf": b"\x7fELF\x02",
    "exe": b"MZ\x90\0",
    "rtf": b"{\\rtf1 Hello}",
    "postscript": b"%!PS-Adobe",
    "old-office": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "pickle": b"\x80\x04\x95\x1d\0\0\0\0\0\0\0\x8c\x05posix\x94",
}


@pytest.mark.parametrize("extension", [*OFFICE, *TEXTS])
@pytest.mark.parametrize("content", [*OFFICE, *TEXTS, *OTHERS])
def test_kind_is_refused_when_the_content_is_of_any_other(extension: str, content: str) -> None:
    """Every content under every name: accepted are its own, and any text as CSV, TXT or Markdown."""
    data = {**OFFICE, **TEXTS, **OTHERS}[content]
    if extension == content or (extension in TEXTS and content in TEXTS):
        assert detect_kind(f"a{extension}", data).value in {extension[1:], "txt"}
        return
    with pytest.raises(ReadError) as caught:
        detect_kind(f"a{extension}", data)
    assert caught.value.reason == "mismatch"


def test_mismatch_sentence_names_both_kinds() -> None:
    """Who misnamed a file reads what it was named as and what it is."""
    with pytest.raises(ReadError, match=r"'a\.docx' is named as a Word document \(DOCX\), but its content is an Excel"):
        detect_kind("a.docx", GOOD["a.xlsx"][1])


def test_kind_is_found_soon_when_zip_directory_is_huge() -> None:
    """A directory of a million entries is not walked to its end."""
    entry = b"PK\x01\x02" + b"\0" * 24 + b"\x01\0" + b"\0" * 16 + b"x"
    with pytest.raises(ReadError, match="zip archive"):
        detect_kind("a.docx", b"PK\x03\x04" + entry * 500_000)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ada\\report.docx", "report.docx"),
        ("a/b\\c.txt", "c.txt"),
        ("re\x00po\nrt.txt", "report.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("\u2066\u200fname\u2069.csv", "name.csv"),
        ("\ud800x.txt", "x.txt"),
        ("tag\U000e0041.txt", "tag.txt"),
        ("  spaced.txt ", "spaced.txt"),
        ("Übersicht 年.md", "Übersicht 年.md"),
        ("", "file"),
        ("..", "file"),
        ("folder/", "file"),
        ("\u202e", "file"),
    ],
)
def test_filename_is_cleaned(raw: str, clean: str) -> None:
    """Paths, control and direction characters go; the rest stays as it is."""
    assert clean_filename(raw) == clean


@pytest.mark.parametrize(("length", "kept"), [(255, 255), (256, 255), (5_000, 255)])
def test_filename_keeps_its_extension_when_it_is_cut(length: int, kept: int) -> None:
    """At most 255 characters, the extension among them."""
    name = clean_filename("x" * (length - 5) + ".docx")
    assert len(name) == kept
    assert name.endswith(".docx")


def test_filename_is_cut_when_its_extension_is_the_long_part() -> None:
    """An extension of hundreds of characters is not kept."""
    assert len(clean_filename("a." + "x" * 400)) == 255
