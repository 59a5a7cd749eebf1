"""How a language model's endpoint misbehaves: one fault a request."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from typing import Any

import regex
from starlette.responses import JSONResponse, Response

from copydesk.adapters.llm.scripted_text import Asked


class Fault(StrEnum):
    """What goes wrong with one answer."""

    RATE_LIMIT = "rate_limit"  # 429 without Retry-After
    RATE_LIMIT_SECONDS = "rate_limit_seconds"  # 429, Retry-After in seconds
    RATE_LIMIT_DATE = "rate_limit_date"  # 429, Retry-After as a date
    SERVER_ERROR = "server_error"  # 500
    UNAVAILABLE = "unavailable"  # 503
    BAD_KEY = "bad_key"  # 401
    NO_SUCH_MODEL = "no_such_model"  # 404
    CONTEXT_OVERFLOW = "context_overflow"  # 400
    RESET = "reset"  # the connection is cut before the answer
    RESET_IN_STREAM = "reset_in_stream"  # and in the middle of it
    SILENCE = "silence"  # no answer at all
    TRUNCATED_JSON = "truncated_json"
    OTHER_SCHEMA = "other_schema"
    EMPTY = "empty"
    LENGTH = "length"  # cut off, finish_reason=length
    LOOP = "loop"  # the same sentence forever
    THINK = "think"  # thoughts before the answer
    FENCED = "fenced"  # a code fence around everything
    CHATTER = "chatter"  # preamble and apology
    REFUSAL = "refusal"
    OTHER_LANGUAGE = "other_language"
    TOO_LONG = "too_long"  # ten times
    TOO_SHORT = "too_short"  # a tenth
    INVENTED_MARKS = "invented_marks"  # footnote numbers that nothing stands behind
    INVENTED_NUMBERS = "invented_numbers"  # in cited sentences
    WRONG_SOURCE = "wrong_source"  # another passage's fact under a number
    INVENTED_LINKS = "invented_links"
    PLACEHOLDER = "placeholder"
    SCRIPT = "script"  # Markdown with script and event handlers
    HEADINGS = "headings"  # skipped levels and duplicates
    LOOSE = "loose"  # so free a paraphrase that the words alone leave its support in doubt

    @property
    def breaks_structure(self) -> bool:
        """Whether a structured answer comes as plain words under this fault."""
        return self in {Fault.REFUSAL, Fault.CHATTER, Fault.LOOP, Fault.EMPTY}


_OTHER_WORDS = ("broadly", "setting", "roughly", "matter", "largely", "manner", "mostly", "aspect")
_STATUS = {
    Fault.RATE_LIMIT: (429, "rate_limit_exceeded", "Too many requests."),
    Fault.RATE_LIMIT_SECONDS: (429, "rate_limit_exceeded", "Too many requests."),
    Fault.RATE_LIMIT_DATE: (429, "rate_limit_exceeded", "Too many requests."),
    Fault.SERVER_ERROR: (500, "server_error", "The server had an error."),
    Fault.UNAVAILABLE: (503, "server_error", "The server is overloaded."),
    Fault.BAD_KEY: (401, "invalid_api_key", "Incorrect API key provided."),
    Fault.NO_SUCH_MODEL: (404, "model_not_found", "The model does not exist."),
    Fault.CONTEXT_OVERFLOW: (400, "context_length_exceeded", "This model's maximum context length is exceeded."),
}


def failed_response(fault: Fault) -> Response | None:
    """The error answer of a fault that has one."""
    if fault not in _STATUS:
        return None
    status, code, message = _STATUS[fault]
    headers = {}
    if fault is Fault.RATE_LIMIT_SECONDS:
        headers["Retry-After"] = "1"
    if fault is Fault.RATE_LIMIT_DATE:
        headers["Retry-After"] = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    body = {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}
    return JSONResponse(body, status_code=status, headers=headers)


def spoiled(text: str, fault: Fault, asked: Asked) -> str:
    """A good answer as the fault leaves it; faults of the connection leave it alone."""
    sentences = [part for part in text.split(". ") if part]
    first = sentences[0].rstrip(".") if sentences else "Nothing"
    if fault is Fault.LOOSE:
        return _loosened(text, asked)
    made = {
        Fault.TRUNCATED_JSON: text[: len(text) // 2],
        Fault.OTHER_SCHEMA: json.dumps({"result": {"ok": True, "items": [1, 2, 3]}}),
        Fault.EMPTY: "",
        Fault.LOOP: f"{first}. " * 400,
        Fault.THINK: f"<think>The user wants an article. Let me plan: 1, 2, 3.</think>\n{text}",
        Fault.FENCED: f"```\n{text}\n```",
        Fault.CHATTER: f"Sure! Here is what you asked for:\n\n{text}\n\nI apologize if this is not what you need.",
        Fault.REFUSAL: "I'm sorry, but I can't help with that request.",
        Fault.OTHER_LANGUAGE: "Je ne peux r\u00e9pondre qu'en fran\u00e7ais; rien de ceci n'a de source. [1]",
        Fault.TOO_LONG: "\n\n".join([text] * 10),
        Fault.TOO_SHORT: text[: len(text) // 10],
        Fault.INVENTED_MARKS: text.replace("]", "7]"),
        Fault.INVENTED_NUMBERS: text.replace(". [", ", which is 8,417 percent more than in 1903. ["),
        Fault.WRONG_SOURCE: _shifted(text, len(asked.passages)),
        Fault.INVENTED_LINKS: text.replace(". [", " (see https://www.invented-source.example/page). ["),
        Fault.PLACEHOLDER: f"{text}\n\n[Insert a quotation here.] Lorem ipsum dolor sit amet. See example.com.",
        Fault.SCRIPT: f'<script>alert(1)</script><img src=x onerror="alert(2)">\n{text}\n<a href="javascript:x">Go</a>',
        Fault.HEADINGS: f"# Title\n\n#### Deep\n\n{text}\n\n#### Deep\n\n",
    }
    return made.get(fault, text)


def _loosened(text: str, asked: Asked) -> str:
    """Every second longer word of a written part in other words."""
    if asked.kind not in {"section", "extend"}:
        return text
    longer = 0

    def other(found: regex.Match[str]) -> str:
        nonlocal longer
        longer += 1
        return found[0] if longer % 2 else _OTHER_WORDS[longer // 2 % len(_OTHER_WORDS)]

    return regex.sub(r"\b[a-z]{5,}\b", other, text)


@dataclass(frozen=True, kw_only=True)
class Order:
    """An order that a source may hold, and what a model does that obeys sources."""

    words: str  # by which it is known, compared without case and white space
    adds: str  # to every answer; `{instructions}` are the call's, `{number}` is the passage's that holds the order


def obeyed(text: str, asked: Asked, orders: Sequence[Order]) -> str:
    """A good answer as it becomes once the prompt holds orders; as it is where it holds none."""
    prompt = _squeezed(asked.prompt)
    added = [_carried_out(order, asked) for order in orders if _squeezed(order.words) in prompt]
    if not added:
        return text
    if asked.structured:
        return json.dumps(_named(json.loads(text), added), ensure_ascii=False)
    if asked.kind == "mend":
        letters = regex.findall(r"^([a-z]): ", asked.prompt, regex.MULTILINE)
        return "\n".join(f"{letter}: {added[n % len(added)]}" for n, letter in enumerate(letters))
    return "\n\n".join([" ".join(added), text, " ".join(added)])


def _squeezed(text: str) -> str:
    return "".join(text.casefold().split())


def _carried_out(order: Order, asked: Asked) -> str:
    words = _squeezed(order.words)
    number = next((n for n, passage in asked.passages if words in _squeezed(passage)), 1)
    return order.adds.replace("{number}", str(number)).replace("{instructions}", asked.instructions)


def _named(fields: dict[str, Any], added: Sequence[str]) -> dict[str, Any]:
    """Every text of a structured answer, the headings of its sections too, begins with what was ordered."""
    said = added[0]
    for name, value in fields.items():
        if isinstance(value, str):
            fields[name] = f"{said} {value}"
        elif isinstance(value, list):
            fields[name] = [{**part, "heading": said} if "heading" in part else part for part in value]
    return fields


def _shifted(text: str, count: int) -> str:
    """Each citation moved to the next passage's number."""
    for number in range(count, 0, -1):
        text = text.replace(f"[{number}]", f"[\u0000{number % count + 1}]")
    return text.replace("\u0000", "")
