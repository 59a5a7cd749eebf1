"""What a file is, by its name and its first look; what a file may be called.

Nothing is parsed here: the checks look at magic bytes and at the names in a zip directory, so that
they can run on the event loop. Whether the file can be read is found out in the sandbox.
"""

import re
import struct
from pathlib import PurePosixPath

from copydesk.domain.file import FileKind
from copydesk.errors import ReadError

MAX_FILENAME = 255
_SAMPLE = 65_536  # bytes of a text file that are looked at closely
_PDF_WINDOW = 1_024  # readers accept a header anywhere in the first kilobyte (ISO 32000-1, annex H.3.4.1)
_MAX_CONTROL_SHARE = 0.02  # control characters in a sample of what may still be text
_MAX_ZIP_ENTRIES = 10_000
_SPACE_SHARE = 0.05
_PROSE_SHARE = 0.85  # letters, digits and spaces in text; random pairs of bytes are letters by 0.7

_KINDS = {
    ".pdf": FileKind.PDF,
    ".docx": FileKind.DOCX,
    ".csv": FileKind.CSV,
    ".xlsx": FileKind.XLSX,
    ".txt": FileKind.TXT,
    ".md": FileKind.TXT,
}
_NAMES = {
    FileKind.PDF: "a PDF",
    FileKind.DOCX: "a Word document (DOCX)",
    FileKind.XLSX: "an Excel workbook (XLSX)",
    FileKind.CSV: "a CSV table",
    FileKind.TXT: "plain text",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")  # MS-OFFCRYPTO 2.3.4.4
_ZIP = b"PK\x03\x04"
_ZIP_ENTRY = b"PK\x01\x02"  # APPNOTE 4.3.12, a header of the central directory
_BINARIES = (
    (_OLE, "an Office file of the old format (DOC, XLS)"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"{\\rtf", "an RTF document"),
    (b"%!PS", "a PostScript file"),
)
_PARTS = (
    ("word/", "a Word document (DOCX)"),
    ("xl/", "an Excel workbook (XLSX)"),
    ("ppt/", "a PowerPoint presentation"),
)
_UNICODE_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")  # \x1b stands in ISO-2022 texts
# Control and format characters, line separators, direction marks, unpaired surrogates, and the
# invisible tag characters; none belongs in a name that is shown to people.
_NOT_IN_NAMES = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def detect_kind(filename: str, data: bytes) -> FileKind:
    """Say what `data` is to be read as; the extension of `filename` must agree with the content.

    Only the extension tells CSV from TXT, and `.md` is TXT.

    Raises:
        ReadError: With `reason` `unsupported` (another extension), `empty`, `mismatch` (content of
            another kind), `encrypted`, or `damaged` (a zip archive without a directory).
    """
    kind = _KINDS.get(PurePosixPath(filename).suffix.lower())
    if kind is None:
        msg = f"{filename!r} has none of the extensions pdf, docx, csv, xlsx, txt or md."
        raise ReadError(msg, reason="unsupported")
    if not data.strip(b"\0 \t\r\n\f\xef\xbb\xbf"):
        msg = f"{filename!r} is empty."
        raise ReadError(msg, reason="empty")
    _refuse_encrypted(filename, data)
    found = _content(data)
    fits = found is None if kind in {FileKind.CSV, FileKind.TXT} else found == _NAMES[kind]
    if not fits:
        msg = f"{filename!r} is named as {_NAMES[kind]}, but its content is {found or 'plain text'}."
        raise ReadError(msg, reason="mismatch")
    return kind


def clean_filename(raw: str) -> str:
    """Answer the last path component of `raw`, fit to be shown and stored.

    Both separators count, control and direction characters are left out, and at most 255
    characters are kept, the extension among them. What has no name left is `file`.
    """
    name = _NOT_IN_NAMES.sub("", re.split(r"[/\\]", raw)[-1]).strip()
    if not name.strip("."):
        return "file"
    if len(name) > MAX_FILENAME:
        extension = PurePosixPath(name).suffix
        keep = extension if len(extension) <= MAX_FILENAME // 4 else ""
        name = name[: MAX_FILENAME - len(keep)].rstrip() + keep
    return name


def _refuse_encrypted(filename: str, data: bytes) -> None:
    ole = data.startswith(_OLE) and _ENCRYPTED_STREAM in data
    if ole or (data.startswith(_ZIP) and any(flags & 1 for flags, _ in _zip_entries(data))):
        msg = f"{filename!r} is encrypted; upload it without a password."
        raise ReadError(msg, reason="encrypted")


def _content(data: bytes) -> str | None:
    """Name what the content is; None for text."""
    if data.startswith(_ZIP):
        return _archive(data)
    for magic, name in _BINARIES:
        if data.startswith(magic):
            return name
    if b"%PDF-" in data[:_PDF_WINDOW]:
        return _NAMES[FileKind.PDF]
    return None if _is_text(data) else "binary data of an unknown kind"


def _archive(data: bytes) -> str:
    names = [name for _, name in _zip_entries(data)]
    if not names:
        msg = "The file is damaged: it is a zip archive whose directory is missing."
        raise ReadError(msg, reason="damaged")
    for prefix, kind in _PARTS:
        if any(name.startswith(prefix) for name in names):
            return kind
    return "an OpenDocument file" if "META-INF/manifest.xml" in names and "content.xml" in names else "a zip archive"


def _zip_entries(data: bytes) -> list[tuple[int, str]]:
    """Flags and names of the zip directory, found by its headers and not by trusting its offsets."""
    entries: list[tuple[int, str]] = []
    start = data.find(_ZIP_ENTRY)
    while 0 <= start <= len(data) - 46 and len(entries) < _MAX_ZIP_ENTRIES:
        (flags,) = struct.unpack_from("<H", data, start + 8)
        (length,) = struct.unpack_from("<H", data, start + 28)
        name = data[start + 46 : start + 46 + length].decode("utf-8", "replace").replace("\\", "/")
        entries.append((flags, name.removeprefix("/")))
        start = data.find(_ZIP_ENTRY, start + 46 + length)
    return entries


def _is_text(data: bytes) -> bool:
    if data.startswith(_UNICODE_MARKS):
        return True
    sample = data[:_SAMPLE]
    if b"\0" in data:
        return looks_utf16(sample) is not None
    return len(_CONTROL.findall(sample)) <= _MAX_CONTROL_SHARE * len(sample)


def looks_utf16(sample: bytes) -> str | None:
    """Guess the codec of UTF-16 without a byte order mark, from where its zero bytes stand.

    Latin letters, digits and spaces have a zero high byte, so one side is mostly zeros. Other scripts
    have it in spaces and line ends alone; there the characters must be letters and spaces as well.
    """
    half = len(sample) // 2
    if half == 0:
        return None
    even, odd = sample[0 : 2 * half : 2].count(0), sample[1 : 2 * half : 2].count(0)
    for codec, high, low in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if high > 0.3 * half and low < 0.01 * half:
            return codec
        if high > 0.02 * half and low == 0 and _is_prose(sample[: 2 * half].decode(codec, "replace")):
            return codec
    return None


def _is_prose(text: str) -> bool:
    spaces = text.count(" ") + text.count("\n")
    return spaces > _SPACE_SHARE * len(text) and spaces + sum(map(str.isalnum, text)) > _PROSE_SHARE * len(text)
