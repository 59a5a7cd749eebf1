"""Every field of the POST body, just inside and just outside its limit."""

import json
from typing import Any

import pytest
from support.api import Api, Caller, running

from copydesk.store.database import Database

PROMPT = "Explain the Keeling Curve."
FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"  # five code points
RIGHT_TO_LEFT = "\u0645\u0646\u062d\u0646\u0649 \u0643\u064a\u0644\u064a\u0646\u063a"

ACCEPTED: list[tuple[str, Any, Any]] = [  # field, sent, shown
    ("user_prompt", "x", "x"),
    ("user_prompt", "x" * 1_000, "x" * 1_000),
    ("user_prompt", " \n\u3000" + "x" * 1_000 + "\t ", "x" * 1_000),
    ("user_prompt", FAMILY * 200, FAMILY * 200),
    ("user_prompt", RIGHT_TO_LEFT, RIGHT_TO_LEFT),
    ("user_prompt", "a\u0301\ufeffb\x01", "a\u0301\ufeffb\x01"),
    ("keywords", None, []),
    ("keywords", [], []),
    ("keywords", [f"k{n}" for n in range(10)], [f"k{n}" for n in range(10)]),
    ("keywords", ["x" * 500], ["x" * 500]),
    ("keywords", ["Stra\u00dfe", "STRASSE", " air ", "Air", "b"], ["Stra\u00dfe", "air", "b"]),
    ("reference_links", [f"https://example.com/{n}" for n in range(5)], [f"https://example.com/{n}" for n in range(5)]),
    ("reference_links", ["https://example.com/a", " https://example.com/a "], ["https://example.com/a"]),
    ("reference_links", ["https://example.com/" + "a" * 2_028], ["https://example.com/" + "a" * 2_028]),
    ("reference_links", None, []),
    ("uploaded_files", None, []),
    ("uploaded_files", [], []),
    ("min_words", 100, 100),
    ("min_words", 10_000, 10_000),
    ("min_words", None, None),
    ("max_words", 100, 100),
    ("max_words", 10_000, 10_000),
    ("language", "en", "en"),
    ("language", " zh-Hant-TW ", "zh-Hant-TW"),
    ("language", None, None),
    ("tone", "x" * 200, "x" * 200),
    ("tone", None, None),
    ("audience", "x" * 200, "x" * 200),
    ("metadata", None, {}),
    ("metadata", {}, {}),
    ("metadata", {f"k{n}": "" for n in range(16)}, {f"k{n}": "" for n in range(16)}),
    ("metadata", {" k ": " v "}, {" k ": " v "}),
    ("metadata", {"k" * 255: "v" * 10_000}, {"k" * 255: "v" * 10_000}),
    ("max_cost_usd", 0.01, 0.01),
    ("max_cost_usd", 5, 5),
    ("max_cost_usd", None, None),
    ("allow_ungrounded", True, True),
    ("allow_ungrounded", False, False),
    ("allow_ungrounded", None, False),
]

REFUSED: list[tuple[str, Any, str]] = [  # field, sent, field named
    ("user_prompt", "", "user_prompt"),
    ("user_prompt", " \n\t\u3000", "user_prompt"),
    ("user_prompt", "x" * 1_001, "user_prompt"),
    ("user_prompt", None, "user_prompt"),
    ("user_prompt", 5, "user_prompt"),
    ("user_prompt", ["x"], "user_prompt"),
    ("user_prompt", "a\0b", "user_prompt"),
    ("keywords", "air", "keywords"),
    ("keywords", {"0": "air"}, "keywords"),
    ("keywords", ["air"] * 11, "keywords"),
    ("keywords", ["ok", ""], "keywords.1"),
    ("keywords", ["ok", "  "], "keywords.1"),
    ("keywords", ["x" * 501], "keywords.0"),
    ("keywords", [None], "keywords.0"),
    ("keywords", [1], "keywords.0"),
    ("keywords", ["a\0"], "keywords.0"),
    ("reference_links", ["https://example.com/a"] * 6, "reference_links"),
    ("reference_links", ["https://example.com/" + "a" * 2_029], "reference_links.0"),
    ("reference_links", ["https://example.com", "ftp://example.com"], "reference_links.1"),
    ("reference_links", ["example.com"], "reference_links.0"),
    ("reference_links", ["https://user:pw@example.com/"], "reference_links.0"),
    ("reference_links", ["http://127.0.0.1/"], "reference_links.0"),
    ("reference_links", ["http://0x7f.1/"], "reference_links.0"),
    ("reference_links", ["http://2130706433/"], "reference_links.0"),
    ("reference_links", ["http://[::ffff:10.0.0.1]/"], "reference_links.0"),
    ("reference_links", ["http://169.254.169.254/latest"], "reference_links.0"),
    ("reference_links", ["http://localhost/"], "reference_links.0"),
    ("reference_links", ["http://intranet/"], "reference_links.0"),
    ("reference_links", ["http://printer.local/"], "reference_links.0"),
    ("reference_links", ["http://api.internal/"], "reference_links.0"),
    ("reference_links", [None], "reference_links.0"),
    ("reference_links", "https://example.com", "reference_links"),
    ("uploaded_files", "x", "uploaded_files"),
    ("uploaded_files", ["0199a3c8-0000-7000-8000-000000000001"], "uploaded_files.0.file_id"),
    ("uploaded_files", [{}], "uploaded_files.0.file_id"),
    ("uploaded_files", [{"file_id": 5}], "uploaded_files.0.file_id"),
    ("uploaded_files", [{"file_id": None, "id": None}], "uploaded_files.0.file_id"),
    ("uploaded_files", [{"file_id": "../etc/passwd"}], "uploaded_files.0.file_id"),
    ("uploaded_files", [{"file_id": "\0"}], "uploaded_files.0.file_id"),
    ("uploaded_files", [{"id": "0199a3c8-0000-7000-8000-000000000001"}], "uploaded_files.0.file_id"),
    ("uploaded_files", [{"file_id": "x"}] * 51, "uploaded_files"),
    ("min_words", 99, "min_words"),
    ("min_words", 10_001, "min_words"),
    ("min_words", True, "min_words"),
    ("min_words", "500", "min_words"),
    ("min_words", 500.5, "min_words"),
    ("min_words", 10**30, "min_words"),
    ("max_words", 99, "max_words"),
    ("max_words", 10_001, "max_words"),
    ("max_words", False, "max_words"),
    ("language", "", "language"),
    ("language", "e", "language"),
    ("language", "english language", "language"),
    ("language", "xx-not-a-tag-at-all", "language"),
    ("language", "und", "language"),
    ("language", 5, "language"),
    ("tone", "x" * 201, "tone"),
    ("tone", 5, "tone"),
    ("audience", "x" * 201, "audience"),
    ("metadata", [], "metadata"),
    ("metadata", {f"k{n}": "" for n in range(17)}, "metadata"),
    ("metadata", {"k": 1}, "metadata.k"),
    ("metadata", {"k": None}, "metadata.k"),
    ("metadata", {"k": {"a": "b"}}, "metadata.k"),
    ("metadata", {"k": "a\0"}, "metadata.k"),
    ("metadata", {"a\0": "v"}, "metadata"),
    ("metadata", {"k" * 256: "v"}, "metadata." + "k" * 91 + "..."),
    ("metadata", {"k": "v" * 10_001}, "metadata.k"),
    ("metadata", {"": "v"}, "metadata."),
    ("max_cost_usd", 0, "max_cost_usd"),
    ("max_cost_usd", -1, "max_cost_usd"),
    ("max_cost_usd", "5", "max_cost_usd"),
    ("max_cost_usd", True, "max_cost_usd"),
    ("allow_ungrounded", 1, "allow_ungrounded"),
    ("allow_ungrounded", "true", "allow_ungrounded"),
    ("keyword", ["typo"], "keyword"),
    ("", "x", "body"),
    ("account_id", "0199a3c8-0000-7000-8000-000000000001", "account_id"),
]


@pytest.mark.parametrize(("field", "sent", "shown"), ACCEPTED)
async def test_create_shows_field_when_inside_limit(api: Api, field: str, sent: Any, shown: Any) -> None:
    """A value inside its rule is accepted and shown trimmed and folded, by POST and GET alike."""
    acme = await api.caller()
    task = await acme.create_task(**{field: sent})
    assert task[field] == shown
    assert (await acme.get(f"/tasks/{task['task_id']}")).json()[field] == shown


@pytest.mark.parametrize(("field", "sent", "named"), REFUSED)
async def test_create_names_field_when_outside_limit(api: Api, field: str, sent: Any, named: str) -> None:
    """A value outside its rule is a 422 that names its field, and nothing is created."""
    acme = await api.caller()
    response = await acme.post("/tasks", json={"user_prompt": PROMPT, field: sent})
    assert response.status_code == 422
    assert response.json()["code"] == "VALIDATION_ERROR"
    assert [detail["field"] for detail in response.json()["details"]] == [named]
    assert (await acme.get("/tasks")).json()["total"] == 0


async def test_create_reports_every_field_when_many_are_broken(api: Api) -> None:
    """All broken fields stand in details at once, and the sentence is one string."""
    acme = await api.caller()
    body = {"user_prompt": "", "min_words": "5", "max_words": 5, "tone": "x" * 201, "typo": 1, "keywords": [1, ""]}
    answer = (await acme.post("/tasks", json=body)).json()
    fields = {detail["field"] for detail in answer["details"]}
    assert fields == {"user_prompt", "min_words", "max_words", "tone", "typo", "keywords.0", "keywords.1"}
    assert isinstance(answer["error"], str)
    assert all(set(detail) == {"field", "message", "type"} for detail in answer["details"])


async def test_create_requires_prompt_when_body_is_empty_object(api: Api) -> None:
    """Without user_prompt the answer says that it is missing."""
    acme = await api.caller()
    details = (await acme.post("/tasks", json={})).json()["details"]
    assert details == [{"field": "user_prompt", "message": "This field is required", "type": "missing"}]


@pytest.mark.parametrize("body", [[], "x", 5, None, True])
async def test_create_refuses_body_when_it_is_no_object(api: Api, body: Any) -> None:
    """A JSON body that is no object is a 422 about the body."""
    acme = await api.caller()
    response = await acme.post("/tasks", content=_json(body), headers={"Content-Type": "application/json"})
    assert response.status_code == 422
    assert response.json()["details"][0]["field"] == "body"


@pytest.mark.parametrize(
    ("low", "high", "status"), [(500, 499, 422), (500, 500, 202), (100, 10_000, 202), (None, 100, 202)]
)
async def test_create_compares_bounds_when_both_are_given(
    api: Api, low: int | None, high: int | None, status: int
) -> None:
    """A maximum below the minimum is refused at max_words; one bound alone is compared with nothing."""
    acme = await api.caller()
    response = await acme.post("/tasks", json={"user_prompt": PROMPT, "min_words": low, "max_words": high})
    assert response.status_code == status
    if status == 422:
        assert [detail["field"] for detail in response.json()["details"]] == ["max_words"]


async def test_create_accepts_link_when_its_range_is_allowed(database: Database) -> None:
    """OUTBOUND_ALLOW lets a literal address of its range pass, and no other."""
    async with running(database, outbound_allow="127.0.0.0/8:8080") as api:
        acme = await api.caller()
        task = await acme.create_task(reference_links=["http://127.0.0.1:8080/a"])
        refused = await acme.post(
            "/tasks", json={"user_prompt": PROMPT, "reference_links": ["http://127.0.0.1:8081/a"]}
        )
    assert task["reference_links"] == ["http://127.0.0.1:8080/a"]
    assert refused.status_code == 422


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (rb'{"user_prompt": "\ud800"}', "user_prompt"),
        (rb'{"user_prompt": "x", "keywords": ["\udfff"]}', "keywords.0"),
        (rb'{"user_prompt": "x", "metadata": {"k": "\ud800"}}', "metadata.k"),
        (rb'{"user_prompt": "x", "metadata": {"\ud800": "v"}}', "metadata"),
        (rb'{"user_prompt": "x", "\ud800": 1}', r"\ud800"),
        (rb'{"user_prompt": "x\u0000"}', "user_prompt"),
        (rb'{"user_prompt": "x", "user_prompt": "y"}', "user_prompt"),
        (b'{"user_prompt": "x", "max_words": ' + b"9" * 5_000 + b"}", "max_words"),
        (b'{"user_prompt": "x", "max_cost_usd": 1e999}', "max_cost_usd"),
    ],
)
async def test_create_names_field_when_json_is_odd(api: Api, raw: bytes, field: str) -> None:
    """JSON that parses but holds what cannot be stored is a 422 that names the field."""
    response = await _post_raw(await api.caller(), raw)
    assert response.status_code == 422, response.text
    assert [detail["field"] for detail in response.json()["details"]] == [field]


async def test_create_keeps_astral_characters_when_sent_as_surrogate_pair(api: Api) -> None:
    """A pair of escapes is one character, not two lone surrogates."""
    response = await _post_raw(await api.caller(), rb'{"user_prompt": "\ud83d\ude00"}')
    assert response.json()["user_prompt"] == "\U0001f600"


async def test_create_ignores_other_members_when_file_is_given(api: Api) -> None:
    """Of an uploaded file only the id counts: `file_id`, else `id`; duplicates are folded after counting."""
    acme = await api.caller()
    file = (await acme.upload()).json()
    named = [{**file, "size": -1, "kind": None, "x": "\0"}, {"id": f" {file['file_id']} "}]
    task = await acme.create_task(uploaded_files=named)
    assert task["uploaded_files"] == [{"file_id": file["file_id"]}]
    fifty = await acme.post("/tasks", json={"user_prompt": PROMPT, "uploaded_files": [file] * 50})
    assert fifty.status_code == 202
    too_many = await acme.post("/tasks", json={"user_prompt": PROMPT, "uploaded_files": [file] * 51})
    assert too_many.status_code == 422


async def test_create_answers_alike_when_file_is_foreign_or_unknown(api: Api) -> None:
    """Another account's file is refused by index exactly like one that does not exist."""
    acme, globex = await api.caller("acme"), await api.caller("globex")
    mine = (await acme.upload()).json()["file_id"]
    foreign = (await globex.upload()).json()["file_id"]
    named = [{"file_id": mine}, {"file_id": foreign}, {"file_id": foreign[:-1] + "x"}, {"file_id": mine.upper()}]
    details = (await acme.post("/tasks", json={"user_prompt": PROMPT, "uploaded_files": named})).json()["details"]
    assert [detail["field"] for detail in details] == [f"uploaded_files.{n}.file_id" for n in (1, 2, 3)]
    assert len({detail["message"] for detail in details}) == 1


def _json(value: Any) -> bytes:
    """JSON of any value; the client would leave out a body of None."""
    return json.dumps(value).encode()


async def _post_raw(caller: Caller, body: bytes) -> Any:
    return await caller.post("/tasks", content=body, headers={"Content-Type": "application/json"})
