"""Passages as data in a prompt: numbered, fenced, without authority, and no more than the model's window holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from copydesk.domain.source import Evidence, Passage
from copydesk.language.orders import gives_orders

OPEN, CLOSE = "<passages>", "</passages>"
# Characters of a source that could end the fence, or look like a turn of the conversation, become look-alikes.
_DEFUSED = str.maketrans({"<": "\u2039", ">": "\u203a", "[": "(", "]": ")"})
_CHARACTERS_PER_TOKEN = 3.2  # of European text, on the safe side; measured tokenizers take 3.5 to 4.5
_TOKENS_PER_WIDE_CHARACTER = 1.3  # of Chinese, Japanese and Korean
_WIDE_FROM = 0x2E80


@dataclass(frozen=True, kw_only=True)
class Fenced:
    """Numbered passages as they stand in one prompt."""

    text: str
    ids: tuple[str, ...]  # ids[n - 1] is the passage numbered n


def estimate_tokens(text: str) -> int:
    """Tokens that `text` takes at most, near enough for a budget: no tokenizer is exact for every model."""
    wide = sum(ord(character) >= _WIDE_FROM for character in text)
    return round((len(text) - wide) / _CHARACTERS_PER_TOKEN + wide * _TOKENS_PER_WIDE_CHARACTER) + 1


def defused(text: str) -> str:
    """The text on one line, without characters that could end a fence or pass for a citation."""
    return " ".join(text.translate(_DEFUSED).split())


def fence(passages: Sequence[Passage], evidence: Evidence, *, tokens: int, words: int | None = None) -> Fenced:
    """Number and fence `passages`, best first; the last ones go where `tokens` do not hold them all.

    Args:
        passages: Best first.
        evidence: What names their sources.
        tokens: The room there is; one passage always stays, cut to it if need be.
        words: Words shown of each; None: all.
    """
    lines: list[str] = []
    room = tokens - estimate_tokens(f"{OPEN}\n{CLOSE}")
    for number, passage in enumerate(passages, start=1):
        line = _line(number, passage, evidence, words)
        cost = estimate_tokens(line)
        if cost > room and lines:
            break
        if cost > room:
            line = line[: max(0, int(room * _CHARACTERS_PER_TOKEN))]
        lines.append(line)
        room -= cost
    ids = tuple(passage.passage_id for passage in passages[: len(lines)])
    return Fenced(text="\n".join([OPEN, *lines, CLOSE]), ids=ids)


def _line(number: int, passage: Passage, evidence: Evidence, words: int | None) -> str:
    source = evidence.by_source_id.get(passage.source_id)
    named = (source.title or source.site or source.url or "") if source is not None else ""
    if gives_orders(named):
        named = ""  # a title can give orders too
    text = defused(passage.text)
    if words is not None:
        shown = text.split()
        text = " ".join(shown[:words]) + (" \u2026" if len(shown) > words else "")
    return f"[{number}] ({defused(named)[:60]}) {text}" if named else f"[{number}] {text}"
