"""The outline of a PDF (its bookmarks): a hint at which lines are headings."""

import re
from itertools import islice
from typing import Any

_MOST = 3_000  # entries; of longer outlines the first ones count
_NUMBERING = re.compile(r"^(?:chapter|section|appendix|kapitel|abschnitt)?\s*(?:\d+|[A-Z]|[IVX]+)(?:\.\d+)*[.:)]?\s+")
_SIGNS = re.compile(r"[\W_]+")

Outline = dict[tuple[int, str], int]  # page (1-based) and `title_key`: its depth, from 1


def read_outline(document: Any) -> Outline:
    """The entries of the outline that lead to a page.

    Damage of the outline is none of the text: what cannot be followed is left out.
    """
    import pypdfium2  # noqa: PLC0415 -- heavy; only the sandbox process reads

    outline: Outline = {}
    for entry in islice(document.get_toc(max_depth=6), _MOST):
        try:
            target, title = entry.get_dest(), entry.get_title()
            page = target.get_index() if target is not None else None
        except (pypdfium2.PdfiumError, UnicodeDecodeError):
            continue
        if page is not None and (key := title_key(title)):
            outline.setdefault((page + 1, key), entry.level + 1)
    return outline


def title_key(title: str) -> str:
    """A heading without its number, signs and case, as it is compared with an entry."""
    return _SIGNS.sub("", _NUMBERING.sub("", title.strip()).casefold())
