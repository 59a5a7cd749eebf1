"""Set sections as one Markdown text with footnotes, the list of sources and the evidence of every sentence."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from copydesk.domain.article import (
    Assembled,
    DataSource,
    EvidencePassage,
    EvidenceSentence,
    Paragraph,
    ParagraphKind,
    SectionDraft,
    Sentence,
    SupportStatus,
)
from copydesk.domain.language import primary_language
from copydesk.domain.markdown import count_markdown_words
from copydesk.domain.source import Evidence, Passage, Source
from copydesk.evidence.doubt import holds

# Quotation marks by primary language; others take the English ones (CLDR, `delimiters`).
_QUOTES = {
    "de": ("\u201e", "\u201c"),
    "fr": ("\u00ab\u00a0", "\u00a0\u00bb"),
    "es": ("\u00ab", "\u00bb"),
    "it": ("\u00ab", "\u00bb"),
    "pt": ("\u00ab", "\u00bb"),
    "ru": ("\u00ab", "\u00bb"),
    "ja": ("\u300c", "\u300d"),
    "zh": ("\u201c", "\u201d"),
}
_ENGLISH_QUOTES = ("\u201c", "\u201d")
# "Licence" and "accessed" in footnotes.
_LABELS = {
    "en": ("Licence", "Accessed"),
    "de": ("Lizenz", "Abgerufen"),
    "fr": ("Licence", "Consulté le"),
    "es": ("Licencia", "Consultado el"),
    "it": ("Licenza", "Consultato il"),
    "pt": ("Licença", "Acedido em"),
    "nl": ("Licentie", "Geraadpleegd op"),
    "pl": ("Licencja", "Dostęp"),
    "vi": ("Giấy phép", "Truy cập ngày"),
    "zh": ("许可", "访问日期"),
    "ja": ("ライセンス", "閲覧日"),
}
_SPECIAL = re.compile(r"[\\`*_\[\]<>|~#]")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_ADDRESS = re.compile(r"(?<=[a-z])(?=://)|(?<=\bwww)(?=\.)|(?<=\w)(?=@\w)", re.IGNORECASE)
_AT_LINE_START = re.compile(r"^(?:([+=:-])|(\d{1,9})([.)]))")
_WIDE_END = re.compile(r"[\u3000-\u303f\uff00-\uffef]$")
_CREATIVE_COMMONS = re.compile(r"creativecommons\.org/(licenses|publicdomain)/([a-z-]+)/(\d\.\d)", re.IGNORECASE)


def assemble(sections: Sequence[SectionDraft], evidence: Evidence, *, language: str) -> Assembled:
    """Set sections as Markdown.

    Every cited sentence carries its footnote marks after its closing punctuation, one number a source,
    numbered by first use; definitions stand at the end. Text of sentences and headings is escaped: it
    can never make Markdown or HTML structure. Passage ids that the evidence does not know are dropped;
    a sentence left without any stands uncited. Sections without text are left out, with their heading.

    Args:
        sections: In order.
        evidence: Holds the cited passages and their sources.
        language: The article's BCP 47 tag; decides quotation marks and the footnotes' labels.
    """
    setter = _Setter(evidence, language)
    blocks = [block for section in sections if section.paragraphs for block in setter.section(section)]
    definitions = [setter.definition(number, source) for source, number in setter.numbered()]
    content = "\n\n".join([*blocks, "\n".join(definitions)] if definitions else blocks) + "\n"
    return Assembled(
        content=content,
        data_sources=tuple(_data_source(number, source) for source, number in setter.numbered()),
        evidence=tuple(setter.sentences),
        word_count=count_markdown_words(content),
    )


def escape(text: str) -> str:
    """Plain text as Markdown that shows exactly that text, on one line."""
    line = " ".join(text.split())
    line = _SPECIAL.sub(r"\\\g<0>", line)
    line = _ENTITY.sub(r"\\&", line)
    line = _ADDRESS.sub(r"\\", line)
    return _AT_LINE_START.sub(_escaped_start, line)


def _escaped_start(match: re.Match[str]) -> str:
    return f"\\{match[1]}" if match[1] else f"{match[2]}\\{match[3]}"


def join_sentences(sentences: Iterable[str]) -> str:
    """Sentences set one after the other: with a space, except after the full-width stops of East Asia."""
    joined = ""
    for sentence in sentences:
        # Marks and closing quotes after a wide stop do not make it narrow.
        bare = re.sub(r"(?:\[\^\d+\])+$", "", joined)
        joined += sentence if not joined or _WIDE_END.search(bare) else f" {sentence}"
    return joined


class _Setter:
    """Sets sections one after the other and numbers the sources as they come."""

    def __init__(self, evidence: Evidence, language: str) -> None:
        self._evidence = evidence
        self._language = primary_language(language)
        self._numbers: dict[str, int] = {}
        self.sentences: list[EvidenceSentence] = []

    def numbered(self) -> Iterator[tuple[Source, int]]:
        """The cited sources with their numbers."""
        for source_id, number in self._numbers.items():
            yield self._evidence.by_source_id[source_id], number

    def section(self, section: SectionDraft) -> Iterator[str]:
        """The section's Markdown blocks."""
        if section.heading is not None:
            yield f"{'#' * section.level} {escape(section.heading)}"
        for kind, run in groupby(section.paragraphs, key=lambda paragraph: paragraph.kind):
            texts = [self._paragraph(paragraph) for paragraph in run]
            if kind is ParagraphKind.LIST_ITEM:
                yield "\n".join(f"- {text}" for text in texts)
            else:
                yield from (f"> {text}" if kind is ParagraphKind.QUOTE else text for text in texts)

    def _paragraph(self, paragraph: Paragraph) -> str:
        set_sentences: list[str] = []
        for _, run in groupby(paragraph.sentences, key=lambda s: (s.quoted, s.passage_ids if s.quoted else ())):
            set_sentences.extend(self._run(list(run)))
        return join_sentences(set_sentences)

    def _run(self, run: Sequence[Sentence]) -> Iterator[str]:
        """Sentences of which all or none are quoted; quoted ones share a pair of quotation marks."""
        opening, closing = _QUOTES.get(self._language, _ENGLISH_QUOTES) if run[0].quoted else ("", "")
        for index, sentence in enumerate(run):
            before = opening if index == 0 else ""
            after = closing if index == len(run) - 1 else ""
            yield f"{before}{escape(sentence.text)}{after}{self._marks(sentence)}"

    def _marks(self, sentence: Sentence) -> str:
        cited = [self._evidence.by_passage_id[i] for i in sentence.passage_ids if i in self._evidence.by_passage_id]
        for passage in cited:
            self._numbers.setdefault(passage.source_id, len(self._numbers) + 1)
        numbers = tuple(dict.fromkeys(self._numbers[passage.source_id] for passage in cited))
        shown = tuple(self._shown(passage) for passage in cited)
        support = support_of(sentence, cited, self._language)
        self.sentences.append(
            EvidenceSentence(
                text=sentence.text, citations=numbers, passages=shown, support=support, judged=sentence.judged
            )
        )
        return "".join(f"[^{number}]" for number in numbers)

    def _shown(self, passage: Passage) -> EvidencePassage:
        place = passage.place
        sources = self._evidence.by_source_id
        return EvidencePassage(
            source_number=self._numbers[passage.source_id],
            text=passage.text,
            place=place.describe(),
            headings=place.headings,
            page=place.page,
            sheet=place.sheet,
            first_row=place.first_row,
            last_row=place.last_row,
            spans=place.spans,
            language=passage.language,
            published_at=sources[passage.source_id].published_at,
            corroborated_by=tuple(_name(sources[other]) for other in passage.corroborated_by),
        )

    def definition(self, number: int, source: Source) -> str:
        """The footnote of a source: title, author, site, date, address, licence, access."""
        licence_label, accessed_label = _LABELS.get(self._language, _LABELS["en"])
        parts = [source.title or source.site or source.url or str(source.file_id)]
        parts += [text for text in (source.author, source.site) if text and text != parts[0]]
        if source.published_at is not None:
            parts.append(source.published_at.date().isoformat())
        parts = [escape(part).rstrip(".") for part in parts]
        if source.url is not None:
            parts.append(f"<{link_target(source.url)}>")
        if source.license is not None:
            parts.append(f"{licence_label}: {escape(license_name(source.license))}")
        if source.url is not None and source.accessed_at is not None:
            parts.append(f"{accessed_label} {source.accessed_at.date().isoformat()}")
        return f"[^{number}]: {'. '.join(parts)}."


def _name(source: Source) -> str:
    return source.url or source.title or str(source.file_id)


def support_of(sentence: Sentence, cited: Sequence[Passage], language: str) -> SupportStatus:
    """What the check finds of one sentence and its known passages."""
    if sentence.ungrounded and not cited:
        return SupportStatus.UNGROUNDED
    known = replace(sentence, passage_ids=tuple(passage.passage_id for passage in cited))
    if not holds(known, cited, language):
        return SupportStatus.UNSUPPORTED
    return SupportStatus.SUPPORTED if cited else SupportStatus.UNCITED


def license_name(license_: str) -> str:
    """A licence as readers know it: the name of a Creative Commons address, else the id, or the bare address."""
    match = _CREATIVE_COMMONS.search(license_)
    if match is None:
        return re.sub(r"^https?://", "", license_)
    name = {"zero": "CC0", "mark": "Public Domain Mark"}.get(match[2].lower(), f"CC {match[2].upper()}")
    return f"{name} {match[3]}"


def link_target(url: str) -> str:
    """A URL that may stand between `<` and `>` in Markdown."""
    return "".join(f"%{ord(character):02X}" if character in " <>\\`|\t\n\r" else character for character in url)


def _data_source(number: int, source: Source) -> DataSource:
    return DataSource(
        number=number,
        source_id=source.source_id,
        kind=source.kind,
        url=source.url,
        file_id=source.file_id,
        title=source.title,
        site=source.site,
        author=source.author,
        published_at=source.published_at,
        accessed_at=source.accessed_at,
        license=source.license,
    )
