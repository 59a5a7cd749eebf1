"""Three ways for citations to stand in an article's Markdown."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Literal
from urllib.parse import urlsplit

from copydesk.domain.article import DataSource
from copydesk.domain.markdown.text import is_number, new_parser

CitationStyle = Literal["footnotes", "links", "none"]

_MARK_OR_VERBATIM = re.compile(
    r"""
    (?P<verbatim> \\. | (?<!`)(?P<ticks>`+)(?!`) .*? (?<!`)(?P=ticks)(?!`) )
    | (?P<space> [ \t]* ) (?P<marks> (?: \[\^[^\]\s]+\] (?: [ \t]*[,;]?[ \t]* (?=\[\^[^\]\s]+\]) )? )+ )
    """,
    re.VERBOSE | re.DOTALL,
)
_LABEL = re.compile(r"\[\^([^\]\s]+)\]")
_MARKDOWN_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~#&!])")
_FOLLOWS_CLOSELY = re.compile(r"[\s.,;:!?)\]}*_\u2019\u201d\u00bb\u3001\u3002\uff0c\uff01\uff1f\uff09]")
_CJK = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")


def with_citations(content: str, data_sources: Sequence[DataSource], style: CitationStyle) -> str:
    """Set the citations of an article another way.

    - `footnotes`: as stored, unchanged.
    - `links`: each run of marks becomes ` ([Site](url), [Other](url))`; a source without a URL stands as
      its title. Notes that are no source's (an editor's own) keep mark and definition.
    - `none`: every mark and definition is gone.

    Code is never touched.
    """
    if style == "footnotes":
        return content
    by_label = {str(source.number): source for source in data_sources} if style == "links" else {}
    lines = content.split("\n")
    kinds, labels = _line_kinds(content, len(lines), by_label, keep_notes=style == "links")
    out: list[str] = []
    for kind, group in groupby(zip(kinds, lines, strict=True), key=itemgetter(0)):
        text = "\n".join(line for _, line in group)
        if kind == "code":
            out.append(text)
        elif kind == "text":
            out.append(_set_marks(text, by_label, labels))
    return "\n".join(out).rstrip() + ("\n" if content.endswith("\n") else "")


@dataclass(frozen=True, kw_only=True)
class _Labels:
    """What becomes of the labels that name no source."""

    kept: frozenset[str]  # mark and definition stay
    gone: frozenset[str]  # both go


def _line_kinds(
    content: str, count: int, by_label: Mapping[str, DataSource], *, keep_notes: bool
) -> tuple[list[str], _Labels]:
    """Of each line `text`, `code` or `gone`; and the labels whose definitions stay or go."""
    kinds = ["text"] * count
    kept: set[str] = set()
    gone: set[str] = set()
    for token in new_parser(always_match=True, move_to_end=False).parse(content, {}):
        if token.map is None:
            continue
        span = slice(token.map[0], min(token.map[1], count))
        if token.type in ("fence", "code_block") and kinds[span.start] != "gone":
            kinds[span] = ["code"] * len(kinds[span])
        elif token.type == "footnote_reference_open":
            label = token.meta["label"]
            if keep_notes and label not in by_label:
                kept.add(label)
            else:
                gone.add(label)
                kinds[span] = ["gone"] * len(kinds[span])
    return kinds, _Labels(kept=frozenset(kept), gone=frozenset(gone))


def _set_marks(text: str, by_label: Mapping[str, DataSource], labels: _Labels) -> str:
    def replace(match: re.Match[str]) -> str:
        if match["verbatim"] is not None:
            return match[0]
        return _set_run(match, by_label, labels)

    return _MARK_OR_VERBATIM.sub(replace, text)


def _set_run(match: re.Match[str], by_label: Mapping[str, DataSource], labels: _Labels) -> str:
    run = list(dict.fromkeys(_LABEL.findall(match["marks"])))
    stays = [f"[^{label}]" for label in run if label not in by_label and _stays(label, labels)]
    cited = [_citation(by_label[label]) for label in run if label in by_label]
    if len(stays) == len(run):
        return match[0]
    before, after = match.string[: match.start()][-1:], match.string[match.end() : match.end() + 1]
    line_start = before in ("", "\n")
    if cited:
        lead = match["space"] if line_start else "" if _CJK.match(before) else " "
        tail = "" if not after or _FOLLOWS_CLOSELY.match(after) else " "
        return f"{''.join(stays)}{lead}({', '.join(cited)}){tail}"
    if stays:
        leads = f"[^{run[0]}]" == stays[0] or not labels.kept.isdisjoint(run)
        return f"{match['space'] if leads else ' '}{''.join(stays)}"
    if line_start:
        return match["space"]
    if not after or _FOLLOWS_CLOSELY.match(after):
        return ""
    return " " if after.isalnum() and not _CJK.match(after) else match["space"]


def _stays(label: str, labels: _Labels) -> bool:
    """An editor's note stays; so does a "mark" such as `[^a-z]` without definition, which is text."""
    return label in labels.kept or (label not in labels.gone and not is_number(label))


def _citation(source: DataSource) -> str:
    if source.url is None or urlsplit(source.url).scheme not in ("http", "https"):
        return _escape(source.title or source.site or str(source.number))
    name = source.site or urlsplit(source.url).hostname or source.title or str(source.number)
    return f"[{_escape(name)}]({_link_target(source.url)})"


def _escape(text: str) -> str:
    return _MARKDOWN_SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _link_target(url: str) -> str:
    """A URL safe in a Markdown link and in a table cell."""
    unsafe = '()<>|\\ `[]"\t\n\r'
    return "".join(f"%{ord(character):02X}" if character in unsafe else character for character in url)
