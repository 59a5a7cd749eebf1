"""What generated requests have found, each as it was found."""

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
