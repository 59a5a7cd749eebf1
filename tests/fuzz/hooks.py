"""Rules of the contract that JSON Schema cannot say, one function each. Nothing else is filtered.

They bring *valid* generated input within the rules; input that was generated to be refused stays as it is.
"""

import os
from http import HTTPStatus
from itertools import count, cycle
from pathlib import Path
from typing import Any

import httpx2
import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.transport.requests import REQUESTS_TRANSPORT, multipart_serializer

AnyCase = schemathesis.Case[Any]
SAMPLES = Path(os.environ["FUZZ_SAMPLES"])
API = httpx2.Client(
    base_url=f"{os.environ['FUZZ_ADDRESS']}/api/v1", headers={"X-API-Key": os.environ["FUZZ_KEY"]}, timeout=60
)
_IDS = os.environ["FUZZ_ARTICLE_IDS"].split()
TO_DELETE, TO_USE = cycle(_IDS[::2]), cycle(_IDS[1::2])  # what one operation deletes, the others still find
KINDS = {".pdf", ".docx", ".csv", ".xlsx", ".txt"}
READABLE = cycle([(path.name, path.read_bytes()) for path in sorted(SAMPLES.iterdir()) if path.suffix in KINDS])
NUMBERS = count(1)
PUBLIC_LINK = "https://example.org/page"
LANGUAGE = "en"
MAX_KEY_CHARACTERS = 255

_known_file: list[str] = []


def existing_file() -> str:
    """A file that is there; uploaded anew when a generated request has deleted it."""
    if not _known_file or API.get(f"/files/{_known_file[0]}").status_code != HTTPStatus.OK:
        content = (SAMPLES / "reading-the-record.txt").read_bytes()
        answer = API.post("/files", files={"file": ("record.txt", content)})
        _known_file[:] = [answer.raise_for_status().json()["file_id"]]
    return _known_file[0]


def order_word_bounds(body: dict[str, Any]) -> None:
    """`min_words` is at most `max_words`."""
    low, high = body.get("min_words"), body.get("max_words")
    if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
        body["min_words"], body["max_words"] = high, low


def use_public_links(body: dict[str, Any]) -> None:
    """Links lead to public names or addresses."""
    if isinstance(body.get("reference_links"), list):
        body["reference_links"] = [PUBLIC_LINK for _ in body["reference_links"]]


def use_existing_files(body: dict[str, Any]) -> None:
    """Files are the account's own."""
    if isinstance(body.get("uploaded_files"), list):
        body["uploaded_files"] = [{"file_id": existing_file()} for _ in body["uploaded_files"]]


def use_known_language(body: dict[str, Any]) -> None:
    """A language tag is registered (BCP 47), not only well-formed."""
    if isinstance(body.get("language"), str):
        body["language"] = LANGUAGE


def use_slug_of_its_own(body: dict[str, Any]) -> None:
    r"""A slug is words of Unicode letters and digits (no portable pattern has `\p{L}`), and no other article's."""
    if isinstance(body.get("slug"), str):
        body["slug"] = f"a-slug-{next(NUMBERS)}"


def use_existing_article(case: AnyCase) -> None:
    """Articles are the account's own: otherwise only the 404 is ever seen."""
    if "article_id" in case.path_parameters:
        case.path_parameters["article_id"] = next(TO_DELETE if case.method == "DELETE" else TO_USE)


def cancel_unfinished_task(case: AnyCase) -> None:
    """Only a task that has not ended can be cancelled: otherwise only the 409 is ever seen."""
    if case.method == "DELETE" and "task_id" in case.path_parameters:
        answer = API.post("/tasks", json={"user_prompt": "Tides"})
        case.path_parameters["task_id"] = answer.raise_for_status().json()["task_id"]


def ask_for_any_revision(case: AnyCase) -> None:
    """`If-Match` names a revision that the article has."""
    if "If-Match" in case.headers:
        case.headers["If-Match"] = "*"


def use_new_idempotency_key(case: AnyCase) -> None:
    """New content comes with a new key."""
    key = case.headers.get("Idempotency-Key")
    if key is not None:
        case.headers["Idempotency-Key"] = f"{next(NUMBERS)}.{key}"[:MAX_KEY_CHARACTERS]


BODY_RULES = (order_word_bounds, use_public_links, use_existing_files, use_known_language, use_slug_of_its_own)
CASE_RULES = (use_existing_article, cancel_unfinished_task, ask_for_any_revision)


def is_valid(case: AnyCase) -> bool:
    """Whether the input was generated to be accepted."""
    return case.meta is not None and case.meta.generation.mode.is_positive


def has_valid_headers(case: AnyCase) -> bool:
    """Whether the headers were generated to be accepted, whatever the rest."""
    headers = case.meta.components.get(ParameterLocation.HEADER) if case.meta is not None else None
    return headers is not None and headers.mode.is_positive


@schemathesis.hook
def map_case(context: schemathesis.HookContext, case: AnyCase) -> AnyCase:
    """Bring input that is meant to be accepted within the rules."""
    del context
    if has_valid_headers(case):  # a key that is taken would hide what else is wrong
        use_new_idempotency_key(case)
    if is_valid(case):
        for mend in CASE_RULES:
            mend(case)
        if isinstance(case.body, dict):
            for rule in BODY_RULES:
                rule(case.body)
    return case


@REQUESTS_TRANSPORT.serializer("multipart/form-data")
def send_readable_file(context: schemathesis.SerializationContext, value: Any) -> dict[str, Any]:
    """An upload that is meant to be accepted has a name whose ending agrees with its content."""
    if is_valid(context.case):
        return {"files": [("file", next(READABLE))], "data": None}
    return multipart_serializer(context, value)
