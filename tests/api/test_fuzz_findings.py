"""What generated requests have found, each as it was found."""

import re

import pytest
from support.api import Api


@pytest.mark.parametrize("bounds", [{"min_words": 800.0}, {"max_words": 1_249.0}])
async def test_task_is_accepted_when_a_number_has_an_empty_fraction(api: Api, bounds: dict[str, float]) -> None:
    """JSON has one kind of number: 800.0 is an integer, and is shown as one."""
    caller = await api.caller()
    task = await caller.create_task(**bounds)
    (name,) = bounds
    assert isinstance(task[name], int)


@pytest.mark.parametrize("value", [800.5, "800", True])
async def test_task_is_refused_when_words_are_no_integer(api: Api, value: object) -> None:
    """A fraction, a numeric string and a boolean are no integers."""
    caller = await api.caller()
    answer = await caller.post("/tasks", json={"user_prompt": "Tides", "min_words": value})
    assert answer.status_code == 422
    assert answer.json()["details"][0]["field"] == "min_words"


async def test_edit_is_invalid_rather_than_outdated_when_it_is_both(api: Api) -> None:
    """Preconditions are looked at after what would be wrong at any revision (RFC 9110, 13.2.1)."""
    caller = await api.caller()
    article = await api.article(caller)
    path = f"/articles/{article.article_id}"
    stale = {"If-Match": '"99"'}
    assert (await caller.patch(path, {"title": None}, headers=stale)).status_code == 422
    assert (await caller.patch(path, {"title": "Another"}, headers=stale)).status_code == 412
    assert (await caller.patch(path, {"word_count": 1, "title": "Another"}, headers=stale)).status_code == 412


@pytest.mark.parametrize(
    ("authorization", "status"),
    [("Bearer ", 401), ("Bearer cd_another", 401), ("Basic dXNlcjpwYXNz", 200), ("Bearer {key}", 200)],
)
async def test_second_key_is_refused_when_it_differs(api: Api, authorization: str, status: int) -> None:
    """Two keys that differ are none; a proxy's own Authorization of another scheme is left alone."""
    caller = await api.caller()
    headers = {"Authorization": authorization.format(key=caller.secret)}
    assert (await caller.get("/tasks", headers=headers)).status_code == status


async def test_language_is_trimmed_before_it_is_counted(api: Api) -> None:
    """White space around a tag counts for nothing, and the document claims no limit that it would pass."""
    caller = await api.caller()
    task = await caller.create_task(language=" de-AT" + " " * 100)
    assert task["language"] == "de-AT"
    document = (await api.client.get("/openapi.json")).json()
    said, _ = document["components"]["schemas"]["TaskCreate"]["properties"]["language"]["anyOf"]
    assert "maxLength" not in said
    assert re.fullmatch(said["pattern"], " de-AT" + " " * 100)


@pytest.mark.parametrize("blank", ["\u001c", "\u001f", "\u0085", " \u2028\t"])
async def test_prompt_is_refused_when_it_is_blank_as_the_document_says(api: Api, blank: str) -> None:
    """What is trimmed to nothing does not match the document's pattern either."""
    caller = await api.caller()
    assert (await caller.post("/tasks", json={"user_prompt": blank})).status_code == 422
    document = (await api.client.get("/openapi.json")).json()
    said = document["components"]["schemas"]["TaskCreate"]["properties"]["user_prompt"]
    assert r"\u001c-\u001f\u0085" in said["pattern"]
    assert not re.fullmatch(said["pattern"], blank)
