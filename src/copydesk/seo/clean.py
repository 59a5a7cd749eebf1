"""Clean text (quality.md's section 3): what a finished article must not have."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from copydesk.domain.markdown import MarkdownText, parse
from copydesk.domain.source import BlockKind
from copydesk.domain.words import count_words, words_of, writes_without_spaces
from copydesk.seo.language import foreign_paragraphs
from copydesk.seo.phrasing import ends_sentence
from copydesk.seo.repetition import near_repeats, repeated_sentences
from copydesk.seo.tells import model_talk_in, placeholder_in, url_in

_EXCERPT = 120  # characters of an excerpt
_LABEL_WORDS = 3  # a paragraph of so few words may be a label or caption
_PROMPT_WORDS = 5  # a run of the prompt this long that holds an instruction was not written for the reader
_INSTRUCTIONS = (
    "write explain describe compose article essay blog post words tone audience include focus "
    "schreibe schreib verfasse erkläre beschreibe artikel beitrag wörter écris écrivez rédige rédigez explique mots "
    "escribe redacta explica artículo palabras scrivi redigi spiega articolo parole escreva redija artigo palavras "
    "schrijf leg artikel woorden napisz opisz wyjaśnij artykuł słów viết soạn"
)
_PROSE = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.QUOTE)
_INTRODUCES = (":", "\uff1a")  # may end a paragraph before a list, table, quotation or code


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """One thing that makes the text unclean."""

    kind: str  # opening, heading, repeated, unfinished, placeholder, model_talk, prompt, footnote, url, language, fence
    message: str  # a sentence for the writer
    excerpt: str  # where: at most 120 characters of the text


def find_unclean(content: str | MarkdownText, *, title: str, language: str, prompt: str | None) -> list[Flaw]:
    """Everything that is unclean about an article's Markdown, in no more than linear time.

    Args:
        content: Its Markdown with footnotes, or the parsed text.
        title: Its title, which stands outside the content.
        language: BCP 47 tag that every longer paragraph must be written in.
        prompt: What was asked for; words of the prompt itself are no placeholder. None: not known.
    """
    text = parse(content) if isinstance(content, str) else content
    finders = (_fence, _opening, _headings, _unfinished, _footnotes)
    flaws = [flaw for find in finders for flaw in find(text)]
    flaws += _heading_is_title(text, title)
    flaws += _tells(text, (prompt or "").casefold())
    flaws += _prompt_left(text, prompt or "")
    flaws += _repeats(text, language)
    flaws += [
        _flaw("language", f"This paragraph is not written in {language!r} but in {found!r}.", paragraph)
        for paragraph, found in foreign_paragraphs([b.text for b in text.blocks if b.kind in _PROSE], language)
    ]
    return flaws


def _flaw(kind: str, message: str, excerpt: str) -> Flaw:
    line = " ".join(excerpt.split())
    return Flaw(kind=kind, message=message, excerpt=line if len(line) <= _EXCERPT else f"{line[: _EXCERPT - 1]}\u2026")


def _fence(text: MarkdownText) -> Iterator[Flaw]:
    if len(text.blocks) == 1 and text.blocks[0].kind is BlockKind.CODE:
        yield _flaw("fence", "The whole text stands inside a code block; take it out.", text.blocks[0].text)


def _opening(text: MarkdownText) -> Iterator[Flaw]:
    if not text.blocks:
        yield _flaw("opening", "The text is empty.", "")
    elif text.blocks[0].kind is not BlockKind.PARAGRAPH:
        yield _flaw("opening", "Open with a paragraph before the first heading.", text.blocks[0].text)


def _headings(text: MarkdownText) -> Iterator[Flaw]:
    seen: set[str] = set()
    level = 1  # the title's
    for heading in text.headings:
        if heading.level == 1:
            yield _flaw("heading", "The title is the only first-level heading; start sections with ##.", heading.text)
        elif heading.level > level + 1:
            yield _flaw("heading", f"A heading of level {heading.level} follows one of level {level}.", heading.text)
        level = heading.level
        folded = _folded(heading.text)
        if not folded:
            yield _flaw("heading", "A heading is empty.", heading.text)
        elif folded in seen:
            yield _flaw("heading", "Two headings are the same; rename or join them.", heading.text)
        seen.add(folded)


def _heading_is_title(text: MarkdownText, title: str) -> Iterator[Flaw]:
    folded = _folded(title)
    for heading in text.headings:
        if folded and _folded(heading.text) == folded:
            yield _flaw("heading", "A heading repeats the title; rename it.", heading.text)


def _folded(text: str) -> str:
    return " ".join(words_of(text.casefold()))


def _unfinished(text: MarkdownText) -> Iterator[Flaw]:
    for block, after in zip_longest(text.blocks, text.blocks[1:]):
        if block.kind not in (BlockKind.PARAGRAPH, BlockKind.QUOTE) or not _is_prose(block.text):
            continue
        introduces = after is not None and after.kind not in (BlockKind.PARAGRAPH, BlockKind.HEADING)
        if block.text.rstrip().endswith(("...", "\u2026")):
            yield _flaw("unfinished", "This paragraph trails off; finish its last sentence.", block.text[-_EXCERPT:])
        elif not (ends_sentence(block.text) or (introduces and block.text.rstrip().endswith(_INTRODUCES))):
            yield _flaw("unfinished", "The last sentence of this paragraph is not finished.", block.text[-_EXCERPT:])


def _is_prose(text: str) -> bool:
    """Thai, Lao, Khmer and Myanmar end sentences without a mark; Chinese and Japanese do not."""
    if writes_without_spaces(text) and not any("\u3040" <= character <= "\u9fff" for character in text):
        return False
    return count_words(text) > _LABEL_WORDS


def _footnotes(text: MarkdownText) -> Iterator[Flaw]:
    marked, defined = dict.fromkeys(text.marks), set(text.definitions)
    for label in marked:
        if label not in defined:
            yield _flaw("footnote", f"The mark [^{label}] has no definition.", f"[^{label}]")
    for label in dict.fromkeys(text.definitions):
        if label not in marked:
            yield _flaw("footnote", f"The footnote [^{label}] is defined but nowhere marked.", f"[^{label}]:")
        if text.definitions.count(label) > 1:
            yield _flaw("footnote", f"The footnote [^{label}] is defined more than once.", f"[^{label}]:")


def _tells(text: MarkdownText, prompt: str) -> Iterator[Flaw]:
    for block in text.blocks:
        if block.kind is BlockKind.CODE:
            continue
        said = block.text
        for code in block.code:
            said = said.replace(code, " ", 1)
        placeholder = placeholder_in(said)
        if placeholder and placeholder.casefold() not in prompt:
            yield _flaw("placeholder", f"Replace the placeholder {placeholder!r}.", block.text)
        talk = model_talk_in(said)
        if talk and talk.casefold() not in prompt:
            yield _flaw("model_talk", f"Remove what speaks of the writer instead of the topic: {talk!r}.", block.text)
        url = url_in(said)
        if url:
            yield _flaw("url", "Cite an address in a footnote or link words to it; none stands in the text.", url)


def _prompt_left(text: MarkdownText, prompt: str) -> Iterator[Flaw]:
    words = words_of(prompt.casefold())
    instructions = frozenset(_INSTRUCTIONS.split())
    cuts = (words[start : start + _PROMPT_WORDS] for start in range(len(words) - _PROMPT_WORDS + 1))
    runs = {" ".join(cut) for cut in cuts if not instructions.isdisjoint(cut)}
    for block in text.blocks if runs else ():
        found = words_of(block.text.casefold())
        starts = range(len(found) - _PROMPT_WORDS + 1)
        if any(" ".join(found[start : start + _PROMPT_WORDS]) in runs for start in starts):
            yield _flaw("prompt", "This repeats the words of the request; write it for the reader.", block.text)


def _repeats(text: MarkdownText, language: str) -> Iterator[Flaw]:
    paragraphs = [block.text for block in text.blocks if block.kind in _PROSE]
    for sentence in repeated_sentences(paragraphs, language):
        yield _flaw("repeated", "This sentence stands more than once; keep it where it fits best.", sentence)
    for paragraph in near_repeats(paragraphs):
        yield _flaw("repeated", "This paragraph says almost what an earlier one says; remove one.", paragraph)
