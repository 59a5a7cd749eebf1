"""The parts of a Word document's package: its body, styles, numbering, notes and properties."""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote

from copydesk.errors import ReadError
from copydesk.readers.blocks import Limits
from copydesk.readers.package import vet_package

if TYPE_CHECKING:
    from lxml.etree import _Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_DC, _TERMS = "{http://purl.org/dc/elements/1.1/}", "{http://purl.org/dc/terms/}"
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?)?")
_TEMPLATE_DATE = datetime(2013, 12, 23, 23, 15, tzinfo=UTC)  # what python-docx's own template has


@dataclass(frozen=True, kw_only=True)
class Properties:
    """What a document says about itself."""

    title: str | None = None
    author: str | None = None
    language: str | None = None
    changed_at: datetime | None = None


class Parts:
    """The XML parts of one package, found by their relationships.

    A relationship to a part that is not there is none: such files are common, and legal readers open them.

    Raises:
        ReadError: With `reason` `encrypted`, `bomb`, or `damaged` where there is no body.
    """

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._package = zipfile.ZipFile(io.BytesIO(vet_package(data, limits)))
        self._names = {name.replace("\\", "/").lstrip("/").casefold(): name for name in self._package.namelist()}
        self._body = next(self._targets("", "officeDocument"), "")
        document = self._parse(self._body) if self._body else None
        body = document.find(f"{W}body") if document is not None else None
        if body is None:
            msg = "The file is damaged: it has no Word document in it."
            raise ReadError(msg, reason="damaged")
        self.body: _Element = body

    def related(self, kind: str) -> "_Element | None":
        """The root of the part that the body is related to as `kind`, as in "footnotes"."""
        return next((self._parse(name) for name in self._targets(self._body, kind)), None)

    def properties(self) -> Properties:
        """The core properties (ECMA-376 part 2, 11.1)."""
        root = next((self._parse(name) for name in self._targets("", "core-properties")), None)
        if root is None:
            return Properties()
        dates = (_date(root.findtext(f"{_TERMS}{name}") or "") for name in ("modified", "created"))
        return Properties(
            title=root.findtext(f"{_DC}title"),
            author=root.findtext(f"{_DC}creator"),
            language=root.findtext(f"{_DC}language") or None,
            changed_at=next((date for date in dates if date is not None), None),
        )

    def _targets(self, source: str, kind: str) -> Iterator[str]:
        """Parts that `source` is related to; "" is the package itself."""
        folder, name = posixpath.split(source)
        relations = self._names.get(posixpath.join(folder, "_rels", f"{name}.rels").casefold())
        if relations is None:
            return
        for relation in self._parse(relations).iter(_RELATIONSHIP):
            if relation.get("TargetMode") == "External" or posixpath.basename(relation.get("Type", "")) != kind:
                continue
            target = unquote(relation.get("Target", "")).replace("\\", "/")
            path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            if path.casefold() in self._names:
                yield self._names[path.casefold()]

    def _parse(self, name: str) -> "_Element":
        from lxml import etree  # noqa: PLC0415 -- heavy; only the sandbox process reads

        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
        try:
            return etree.fromstring(self._package.read(name), parser)
        except (etree.XMLSyntaxError, zipfile.BadZipFile) as error:
            msg = f"The file is damaged: {name!r} in it is no XML ({error})."
            raise ReadError(msg, reason="damaged") from error


def _date(text: str) -> datetime | None:
    """A W3C date; None for one that cannot be, and for the one of a template."""
    found = _DATE.match(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        date = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return None if date == _TEMPLATE_DATE or date > datetime.now(tz=UTC) else date
