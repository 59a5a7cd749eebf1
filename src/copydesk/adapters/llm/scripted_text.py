"""What the scripted endpoint answers: queries, outlines and sections made from what the prompt shows it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import regex

from copydesk.adapters.llm.scripted_prose import about, length_of, retold, sentences_across, sentences_in_turn

_PASSAGE = regex.compile(r"^\[(\d+)\] (?:\([^()]*(?:\([^()]*\)[^()]*)*\) )?(.*)$", regex.MULTILINE)
_SOURCE = regex.compile(r"^\[(\d+)\] \(([^()]*(?:\([^()]*\)[^()]*)*)\) ", regex.MULTILINE)
_KINDS = (
    ("plan", "You plan the research"),
    ("outline", "You plan an article"),
    ("section", "You write one part"),
    ("judge", "You check sentences"),
    ("mend", "You correct sentences"),
    ("extend", "You lengthen"),
    ("tighten", "You shorten"),
    ("seo", "You write what a search engine"),
)
_ASPECTS = ("Background", "Purpose", "Practice", "Cost", "Benefit", "Risk", "Future", "Choice", "Care", "Use", "Scope")
_CLAIMS = (
    "is best understood by looking at how people meet it in daily life",
    "depends on where one stands and on what one hopes to reach",
    "rewards those who take their time and compare what they find",
    "changes slowly, and seldom in the way that was expected",
    "is often misjudged by those who know it from hearsay alone",
    "becomes clearer once the plain words for it are found",
    "calls for patience, a sound plan and an honest look back",
    "has many sides, of which only a few are talked about",
)
_STOP = frozenset({"that", "with", "from", "this", "have", "which", "their", "were", "been", "into", "also", "they"})


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request, understood."""

    kind: str  # which prompt it is: "plan", "outline", "section", ..., else "other"
    instructions: str
    prompt: str
    passages: tuple[tuple[int, str], ...]  # number and text
    words: int  # asked for, where they are; else 0
    tool: str | None  # the function to call
    structured: bool  # whether a JSON answer is wanted
    model: str = ""  # that is asked for
    key: str | None = None  # the Idempotency-Key that it came with


def read_request(body: Mapping[str, Any], *, schema: bool, tools: bool) -> Asked:
    """Understand a chat-completions request, as far as the endpoint knows schemas and functions."""
    messages = body.get("messages", [])
    instructions = "\n".join(_content(m) for m in messages if m.get("role") in {"system", "developer"})
    prompt = "\n".join(_content(m) for m in messages if m.get("role") == "user")
    functions = [tool["function"]["name"] for tool in body.get("tools") or [] if tool.get("type") == "function"]
    kind = next((name for name, opening in _KINDS if instructions.startswith(opening)), "other")
    words = regex.search(r"(?:Write|about|most) (\d+) (?:further )?words", instructions)
    tool = functions[0] if tools and functions else None
    wants_json = (schema and bool(body.get("response_format"))) or "one JSON object alone" in instructions
    return Asked(
        kind=kind,
        instructions=instructions,
        prompt=prompt,
        passages=tuple((int(n), text) for n, text in _PASSAGE.findall(prompt)),
        words=int(words[1]) if words else 0,
        tool=tool,
        structured=tool is not None or wants_json,
        model=str(body.get("model", "")),
    )


def write_answer(asked: Asked) -> str:
    """A good answer."""
    writers = {
        "plan": _plan,
        "outline": _outline,
        "section": _section,
        "extend": _section,
        "judge": _judge,
        "mend": _mend,
        "tighten": _tighten,
        "seo": _seo,
    }
    return writers.get(asked.kind, _other)(asked)


def _content(message: Mapping[str, Any]) -> str:
    content = message.get("content") or ""
    return content if isinstance(content, str) else " ".join(part.get("text", "") for part in content)


def _plan(asked: Asked) -> str:
    topic = _line(asked.prompt, "Article asked for:")
    return f"{topic} history and origin\n{topic} facts and figures"


def _outline(asked: Asked) -> str:
    wanted = regex.search(r"and (\d+) sections", asked.instructions)
    count = max(1, min(int(wanted[1]) if wanted else 3, len(asked.passages)))
    topic = _line(asked.prompt, "Article asked for:")
    keyword = regex.search(r'the phrase "([^"]+)"', asked.instructions)
    groups = _grouped(asked, count)
    sections = [{"heading": _heading(group), "passages": [n for n, _ in group[:6]]} for group in groups if group]
    if not asked.passages:
        sections = [
            {"heading": f"{aspect} of It", "passages": []} for aspect in _ASPECTS[: int(wanted[1] if wanted else 3)]
        ]
    title = f"{keyword[1]}: {topic}"[:60].rsplit(" ", 1)[0] if keyword and keyword[1] not in topic else topic[:60]
    if asked.structured:
        return json.dumps({"title": title, "sections": sections}, ensure_ascii=False)
    lines = [f"{s['heading']} | {', '.join(map(str, s['passages']))}" for s in sections]
    return "\n".join([f"Title: {title}", *lines])


def _grouped(asked: Asked, count: int) -> list[list[tuple[int, str]]]:
    """The passages in groups of one size, those of one source together, the source that comes first first."""
    sources = dict(_SOURCE.findall(asked.prompt))
    order = list(dict.fromkeys(sources.get(str(n), "") for n, _ in asked.passages))
    passages = sorted(asked.passages, key=lambda passage: order.index(sources.get(str(passage[0]), "")))
    size, longer = divmod(len(passages), count)
    ends = [(number + 1) * size + min(number + 1, longer) for number in range(count)]
    return [passages[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _heading(group: Sequence[tuple[int, str]]) -> str:
    """The longest words of the group's first passage, in order."""
    words = [w for w in regex.findall(r"\p{L}{4,}", group[0][1]) if w.lower() not in _STOP]
    chosen = set(sorted(words, key=len, reverse=True)[:3])
    return " ".join(dict.fromkeys(w.capitalize() for w in words if w in chosen)) or "Further Points"


def _section(asked: Asked) -> str:
    """Sentences of the passages, retold, each with its number, until about the words are reached."""
    part = _line(asked.prompt, "Now write this part:")
    if not asked.passages:
        return _unsourced(asked, asked.words or 100)
    goal = about(asked.words or 100, part)
    phrase = regex.search(r'first sentence has the phrase "([^"]+)"', asked.prompt)
    sentences = list((sentences_across if _is_frame(part) else sentences_in_turn)(asked.passages))
    if phrase:  # the first that has it comes first
        sentences.sort(key=lambda pair: phrase[1].lower() not in pair[1].lower())
    written: list[str] = []
    count = 0
    for number, sentence in sentences:
        told = retold(sentence, part)
        words = length_of(told)
        if count and abs(count + words - goal) > abs(count - goal):
            break
        written.append(f"{told} [{number}]")
        count += words
    middle = len(written) // 2
    parts = [written[:middle], written[middle:]] if len(written) > 3 else [written]  # noqa: PLR2004 - worth two paragraphs
    return "\n\n".join(" ".join(part) for part in parts if part)


def _is_frame(part: str) -> bool:
    """Whether a part is the article's opening or its summary, as the prompt names them."""
    return "Opening:" in part or "the most important points" in part


def _unsourced(asked: Asked, budget: int) -> str:
    """Sentences without a fact, no two alike, until the words are reached."""
    part = _line(asked.prompt, "Now write this part:") or asked.prompt[-40:]
    start = sum(map(ord, part))
    written: list[str] = []
    for number in range(len(_ASPECTS) * len(_CLAIMS)):
        index = (start + number) % (len(_ASPECTS) * len(_CLAIMS))
        aspect, claim = _ASPECTS[index % len(_ASPECTS)], _CLAIMS[index // len(_ASPECTS) % len(_CLAIMS)]
        written.append(f"The {aspect.lower()} of the matter {claim}.")
        if sum(len(sentence.split()) for sentence in written) >= budget:
            break
    return " ".join(written)


def _judge(asked: Asked) -> str:
    """The words of the passage sentence that shares most with each sentence, if they share a third."""
    lines = []
    for letter, text in regex.findall(r"^([a-z]): (.*)$", asked.prompt, regex.MULTILINE):
        words = set(regex.findall(r"\w{4,}", text.lower()))
        scored = [
            (len(words.intersection(regex.findall(r"\w{4,}", said.lower()))), -n, said)
            for n, said in sentences_in_turn(asked.passages)
        ]
        shared, number, said = max(scored, default=(0, 0, ""))
        copied = " ".join(said.split()[:8])
        lines.append(f"{letter}: {copied} [{-number}]" if 3 * shared >= len(words) > 0 else f"{letter}: -")
    return "\n".join(lines)


def _mend(asked: Asked) -> str:
    """Each failing sentence exchanged for the nearest sentence of the passages."""
    lines = []
    for letter, text in regex.findall(r"^([a-z]): (.*)$", asked.prompt, regex.MULTILINE):
        words = set(regex.findall(r"\w{4,}", text.lower()))
        best = max(
            sentences_in_turn(asked.passages),
            key=lambda pair: len(words.intersection(regex.findall(r"\w{4,}", pair[1].lower()))),
            default=None,
        )
        lines.append(f"{letter}: {retold(best[1], letter)} [{best[0]}]" if best else f"{letter}: -")
    return "\n".join(lines)


def _tighten(asked: Asked) -> str:
    """The text's first sentences, as many as the words hold."""
    budget, kept = asked.words or 50, list[str]()
    for sentence in regex.findall(r"[^.!?]+[.!?]+(?:\s*\[\d+\])*", asked.prompt):
        if kept and sum(len(s.split()) for s in [*kept, sentence]) > budget:
            break
        kept.append(sentence.strip())
    return " ".join(kept)


def _seo(asked: Asked) -> str:
    keyword = regex.search(r'the phrase "([^"]+)"', asked.instructions)
    phrase = keyword[1] if keyword else _line(asked.prompt, "Title:")
    title = _line(asked.prompt, "Title:")
    fields = {
        "title": f"{title if phrase.lower() in title.lower() else f'{phrase}: {title}'}"[:60],
        "description": f"Read what the sources say about {phrase}: how it came about, what is known of it today, "
        "and which questions remain open for those who look closely.",
        "excerpt": f"What the sources say about {phrase}.",
        "slug": "-".join(regex.findall(r"\w+", phrase.lower())[:6]),
    }
    if asked.structured:
        return json.dumps(fields, ensure_ascii=False)
    return "\n".join(f"{name.capitalize()}: {value}" for name, value in fields.items())


def _other(asked: Asked) -> str:
    said = f"You said: {asked.prompt[:200]}"
    return json.dumps({"answer": said}, ensure_ascii=False) if asked.structured else said


def _line(prompt: str, opening: str) -> str:
    return next((line.removeprefix(opening).strip() for line in prompt.splitlines() if line.startswith(opening)), "")
