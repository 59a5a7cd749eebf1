"""The form of a new article at the desk, without a browser."""

import html
from typing import Any

import pytest
from support.api import Api, running
from support.seated import Seat, field_of, seated

from copydesk.domain.clock import new_id
from copydesk.domain.file import MAX_FILE_BYTES
from copydesk.domain.task import Task
from copydesk.errors import DatabaseError, ReadError
from copydesk.store.database import Database

PROMPT = "How our town keeps its bicycles."
MARKUP = "<img src=x onerror=alert(1)>"
SHOWN = html.escape(MARKUP)


async def tasks_of(api: Api, seat: Seat) -> list[Task]:
    """The account's tasks, newest first."""
    found, _ = await api.services.tasks.list(account_id=seat.account_id, status=None, limit=100, offset=0)
    return list(found)


async def file_of(seat: Seat, name: str = "survey.txt", data: bytes = b"We have 400 bicycles.") -> str:
    """Upload a file as the script does; answers its id."""
    response = await seat.script("POST", "/new/files", params={"name": name}, content=data)
    assert response.status_code == 200, response.text
    return field_of(response, "file")


def said(page: Any, field: str) -> str:
    """What is said at a field; empty if nothing is."""
    rest = page.text.partition(f'data-said="{field}"')[2]
    return "" if rest.partition(">")[0].rstrip().endswith("hidden") else html.unescape(rest.partition("</div>")[0])


async def test_form_starts_the_task_that_was_asked_for(api: Api) -> None:
    """Every field arrives as the API would take it, and the way leads to the task's page."""
    seat = await seated(api)
    file_id = await file_of(seat)
    form = {
        "prompt": f"  {PROMPT}\r\nBe kind. ",
        "keywords": "bicycles, town survey\r\ncycle;  ",
        "link": ["", "https://town.test/survey", ""],
        "file": [file_id],
        "min_words": "300",
        "max_words": " 500 ",
        "language": "de-AT",
        "tone": "plain",
        "audience": "neighbours",
        "allow_ungrounded": "1",
        "max_cost_usd": "0.50",
        "key": new_id(),
    }
    response = await seat.post("/new", form)
    assert response.status_code == 303, response.text
    (task,) = await tasks_of(api, seat)
    assert response.headers["location"] == f"/desk/tasks/{task.task_id}"
    given = task.input
    assert given.user_prompt == f"{PROMPT}\nBe kind."
    assert given.keywords == ("bicycles", "town survey", "cycle")
    assert given.reference_links == ("https://town.test/survey",)
    assert given.file_ids == (file_id,)
    assert (given.min_words, given.max_words, given.language) == (300, 500, "de-AT")
    assert (given.tone, given.audience, given.allow_ungrounded) == ("plain", "neighbours", True)
    assert given.max_cost_usd == 0.5


async def test_form_makes_one_task_when_it_is_sent_twice(api: Api) -> None:
    """A double click repeats the first answer; the key in the form is what makes it one."""
    seat = await seated(api)
    key = field_of(await seat.get("/new"), "key")
    first, second = [await seat.post("/new", {"prompt": PROMPT, "key": key}) for _ in range(2)]
    assert first.headers["location"] == second.headers["location"]
    assert len(await tasks_of(api, seat)) == 1


async def test_form_says_so_when_it_started_another_article_before(api: Api) -> None:
    """Sent again with other content, it starts nothing, keeps what was typed, and works with its new key."""
    seat = await seated(api)
    key = field_of(await seat.get("/new"), "key")
    await seat.post("/new", {"prompt": PROMPT, "key": key})
    again = await seat.post("/new", {"prompt": "Something else.", "key": key})
    assert again.status_code == 409
    assert "started an article already" in again.text
    assert "Something else." in again.text
    assert len(await tasks_of(api, seat)) == 1
    assert field_of(again, "key") != key
    third = await seat.post("/new", {"prompt": "Something else.", "key": field_of(again, "key")})
    assert third.status_code == 303
    assert len(await tasks_of(api, seat)) == 2


@pytest.mark.parametrize("key", ["", "x" * 65, "ü", "a b"])
async def test_form_starts_when_its_key_is_none(api: Api, key: str) -> None:
    """A key that no form of ours has is not used; the article starts."""
    seat = await seated(api)
    assert (await seat.post("/new", {"prompt": PROMPT, "key": key})).status_code == 303


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "no prompt": ({"prompt": " "}, "prompt", "at least 1 character"),
    "long prompt": ({"prompt": "a" * 1_001}, "prompt", "at most 1000 characters"),
    "many keywords": ({"keywords": ",".join(map(str, range(11)))}, "keywords", "at most 10 items"),
    "long keyword": ({"keywords": "fine," + "k" * 501}, "keywords", "“" + "k" * 40 + "…”"),
    "private link": ({"link": ["", "https://town.test", "http://127.0.0.1/"]}, "link-2", "not public"),
    "no link": ({"link": ["nonsense"]}, "link-0", "must begin with http"),
    "many links": ({"link": [f"https://town.test/{n}" for n in range(6)]}, "links", "at most 5 items"),
    "few words": ({"min_words": "99"}, "min_words", "greater than or equal to 100"),
    "crossed words": ({"min_words": "500", "max_words": "400"}, "max_words", "must not be less"),
    "words in words": ({"max_words": "many"}, "max_words", "integer"),
    "half a word": ({"max_words": "300.5"}, "max_words", "integer"),
    "language": ({"language": "english please"}, "language", "BCP 47"),
    "long tone": ({"tone": "t" * 201}, "tone", "at most 200"),
    "long audience": ({"audience": "t" * 201}, "audience", "at most 200"),
    "no price": ({"max_cost_usd": "cheap"}, "max_cost_usd", "number"),
    "free": ({"max_cost_usd": "0"}, "max_cost_usd", "greater than 0"),
    "unknown file": ({"file": ["nothing"]}, "files", "There is no such file"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_form_says_at_the_field_what_is_refused(api: Api, case: str) -> None:
    """The service's own words stand at the field; what was typed stays; nothing is started."""
    fields, field, sentence = REFUSED[case]
    seat = await seated(api)
    response = await seat.post("/new", {"prompt": PROMPT, "audience": "neighbours", "key": "k1", **fields})
    assert response.status_code == 422
    assert sentence in said(response, field), said(response, field)
    assert field_of(response, "key") == "k1"
    for name, value in {"audience": "neighbours", **fields}.items():
        if name != "file":
            assert all(
                html.escape(part.strip()) in response.text for part in ([value] if isinstance(value, str) else value)
            )
    assert await tasks_of(api, seat) == []


async def test_form_names_every_field_that_is_wrong(api: Api) -> None:
    """All broken rules are said at once, and none where nothing is wrong."""
    seat = await seated(api)
    response = await seat.post("/new", {"prompt": "", "min_words": "1", "language": "?"})
    assert all(said(response, field) for field in ("prompt", "min_words", "language"))
    assert not any(said(response, field) for field in ("max_words", "keywords", "links", "link-0", "files", "tone"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_form_keeps_what_was_typed_when_the_account_is_at_its_limit(database: Database) -> None:
    """Too many active tasks: said at the top, with nothing lost."""
    async with running(database, max_active_tasks=1) as api:
        seat = await seated(api)
        assert (await seat.post("/new", {"prompt": PROMPT})).status_code == 303
        response = await seat.post("/new", {"prompt": "One more."})
        assert response.status_code == 429
        assert "active tasks" in response.text
        assert "One more." in response.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_form_says_that_a_ceiling_needs_prices_when_they_are_unknown(database: Database) -> None:
    """A rule that only the submission can check is said at its field too, which is opened."""
    async with running(database, model="openai:nobody-knows-it") as api:
        seat = await seated(api)
        response = await seat.post("/new", {"prompt": PROMPT, "max_cost_usd": "1"})
        assert response.status_code == 422
        assert "no price" in said(response, "max_cost_usd")
        assert '<details class="more" open' in response.text


async def test_check_answers_by_field_and_starts_nothing(api: Api) -> None:
    """What the service would say, for a script that asks while one types."""
    seat = await seated(api)
    form = {"prompt": PROMPT, "link": ["https://town.test/", "", "http://localhost/"], "min_words": "5"}
    answer = await seat.script("POST", "/new/check", data=form)
    assert set(answer.json()["problems"]) == {"link-2", "min_words"}
    fine = await seat.script("POST", "/new/check", data={"prompt": PROMPT})
    assert fine.json() == {"problems": {}}
    assert await tasks_of(api, seat) == []


async def test_upload_shows_what_was_read(api: Api) -> None:
    """Name, kind, words, size and the beginning of the text."""
    seat = await seated(api)
    response = await seat.script("POST", "/new/files", params={"name": "a,b.csv"}, content=b"day,ppm\n1,316\n2,317\n")
    assert response.status_code == 200
    for part in ("a,b.csv", "CSV", "rows", "words", "20 Bytes", "day,ppm"):
        assert part in response.text


async def test_upload_says_why_a_file_is_refused(api: Api) -> None:
    """The reader's sentence, with the file's name; nothing is kept."""
    seat = await seated(api)
    api.reader.error = ReadError("The file is encrypted.", reason="encrypted")
    response = await seat.script("POST", "/new/files", params={"name": "secret.txt"}, content=b"x")
    assert response.status_code == 422
    assert "secret.txt" in response.text
    assert "The file is encrypted." in response.text
    wrong = await seat.script("POST", "/new/files", params={"name": "a.exe"}, content=b"x")
    assert wrong.status_code == 422
    _, total = await api.services.files.list(account_id=seat.account_id, limit=10, offset=0)
    assert total == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_upload_is_refused_when_it_is_too_large(api: Api) -> None:
    """As the API: 25 MB, whether sent by the script or with the form."""
    seat = await seated(api)
    data = b"x" * (MAX_FILE_BYTES + 1)
    response = await seat.script("POST", "/new/files", params={"name": "big.txt"}, content=data)
    assert (response.status_code, "25 MB" in response.text) == (413, True)
    with_form = await seat.post("/new", {"prompt": PROMPT}, files={"upload": ("big.txt", data)})
    assert (with_form.status_code, "25 MB" in said(with_form, "files")) == (422, True)
    more = await seat.post("/new", {"prompt": PROMPT}, files={"upload": ("big.txt", data + b"x" * 3_000_000)})
    assert (more.status_code, "25 MB" in more.text) == (413, True)
    assert await tasks_of(api, seat) == []


async def test_upload_says_so_when_the_store_is_away(api: Api) -> None:
    """A failure of ours is said at the file, and may be tried again."""
    seat = await seated(api)

    async def away() -> None:
        message = "The storage is away; try again."
        raise DatabaseError(message)

    api.reader.before = away
    response = await seat.script("POST", "/new/files", params={"name": "a.txt"}, content=b"x")
    assert (response.status_code, "The storage is away" in response.text) == (503, True)
    with_form = await seat.post("/new", {"prompt": PROMPT}, files={"upload": ("a.txt", b"x")})
    assert "a.txt: The storage is away" in said(with_form, "files")


async def test_form_takes_files_when_there_is_no_script(api: Api) -> None:
    """Files come with the form: added by a button, dropped by another, used by the task."""
    seat = await seated(api)
    files = [("upload", ("one.txt", b"One bicycle.")), ("upload", ("two.txt", b"Two bicycles."))]
    added = await seat.post("/new", {"prompt": PROMPT, "add": "files"}, files=files)
    assert added.status_code == 200
    assert await tasks_of(api, seat) == []
    kept, _ = await api.services.files.list(account_id=seat.account_id, limit=10, offset=0)
    ids = {file.filename: file.file_id for file in kept}
    assert set(ids) == {"one.txt", "two.txt"}
    assert all(f'value="{file_id}"' in added.text for file_id in ids.values())
    dropped = await seat.post("/new", {"prompt": PROMPT, "file": list(ids.values()), "drop": ids["one.txt"]})
    assert ids["one.txt"] not in dropped.text
    assert ids["two.txt"] in dropped.text
    third = [("upload", ("three.txt", b"Three."))]
    started = await seat.post("/new", {"prompt": PROMPT, "file": [ids["two.txt"]]}, files=third)
    assert started.status_code == 303
    (task,) = await tasks_of(api, seat)
    assert len(task.input.file_ids) == 2


async def test_form_starts_nothing_when_a_file_with_it_is_refused(api: Api) -> None:
    """Those that can be read are kept; the article waits for the person's word."""
    seat = await seated(api)
    files = [("upload", ("one.txt", b"One.")), ("upload", ("two.exe", b"Two."))]
    response = await seat.post("/new", {"prompt": PROMPT}, files=files)
    assert response.status_code == 422
    assert "two.exe" in said(response, "files")
    assert "one.txt" in response.text
    assert await tasks_of(api, seat) == []


async def test_file_is_deleted_when_its_uploader_takes_it_back(api: Api) -> None:
    """What was uploaded for nothing does not fill the account's storage; others' files cannot be deleted."""
    seat, other = await seated(api), await seated(api, "globex")
    file_id = await file_of(seat)
    assert (await other.script("DELETE", f"/new/files/{file_id}")).status_code == 404
    assert (await seat.script("DELETE", f"/new/files/{file_id}")).status_code == 204
    assert (await seat.script("DELETE", f"/new/files/{file_id}")).status_code == 404


async def test_file_of_another_account_is_refused_like_an_unknown_one(api: Api) -> None:
    """Nothing tells that it exists."""
    seat, other = await seated(api), await seated(api, "globex")
    foreign = await file_of(other, "foreign.txt")
    pages = [await seat.post("/new", {"prompt": PROMPT, "file": [file_id]}) for file_id in (foreign, new_id())]
    assert [page.status_code for page in pages] == [422, 422]
    assert said(pages[0], "files") == said(pages[1], "files") != ""
    assert "foreign.txt" not in pages[0].text


async def test_form_is_filled_when_it_begins_with_an_earlier_task(api: Api) -> None:
    """Start again with changes: what was asked for stands in the form, but for files that are gone."""
    seat = await seated(api)
    kept, gone = await file_of(seat, "kept.txt"), await file_of(seat, "gone.txt")
    form = {"prompt": PROMPT, "keywords": "bicycles", "link": ["https://town.test/"], "max_cost_usd": "0.0000125"}
    await seat.post("/new", {**form, "file": [kept, gone], "min_words": "300"})
    (task,) = await tasks_of(api, seat)
    await api.services.tasks.cancel(account_id=seat.account_id, task_id=task.task_id)
    await api.services.files.delete(account_id=seat.account_id, file_id=gone)
    page = await seat.get(f"/new?from={task.task_id}")
    assert page.status_code == 200
    for part in (PROMPT, "bicycles", "https://town.test/", 'value="300"', 'value="0.0000125"', "kept.txt"):
        assert part in page.text
    assert "gone.txt" not in page.text
    assert "no longer there" in said(page, "files")


async def test_form_is_not_filled_when_the_earlier_task_is_another_accounts(api: Api) -> None:
    """It is not found, as one that does not exist."""
    seat, other = await seated(api), await seated(api, "globex")
    await other.post("/new", {"prompt": "A secret of globex."})
    (task,) = await tasks_of(api, other)
    for task_id in (task.task_id, new_id(), "x", "%00"):
        page = await seat.get(f"/new?from={task_id}")
        assert page.status_code == 404
        assert "A secret" not in page.text


async def test_reader_is_told_that_the_key_may_only_read(api: Api) -> None:
    """No form is shown, and none is taken."""
    seat = await seated(api, read_only=True)
    page = await seat.get("/new")
    assert page.status_code == 200
    assert "may only read" in page.text
    assert 'name="prompt"' not in page.text
    for response in (
        await seat.post("/new", {"prompt": PROMPT}),
        await seat.script("POST", "/new/check", data={"prompt": PROMPT}),
        await seat.script("POST", "/new/files", params={"name": "a.txt"}, content=b"x"),
        await seat.script("DELETE", f"/new/files/{new_id()}"),
    ):
        assert response.status_code == 403
    assert await tasks_of(api, seat) == []


@pytest.mark.parametrize("token", ["", "0" * 64])
async def test_form_is_refused_when_it_was_made_for_no_session(api: Api, token: str) -> None:
    """Another site's form starts nothing, uploads nothing, deletes nothing."""
    seat = await seated(api)
    file_id = await file_of(seat)
    headers = {"X-CSRF-Token": token}
    for response in (
        await seat.post("/new", {"csrf": token, "prompt": PROMPT}),
        await seat.script("POST", "/new/check", data={"prompt": PROMPT}, headers=headers),
        await seat.script("POST", "/new/files", params={"name": "a.txt"}, content=b"x", headers=headers),
        await seat.script("DELETE", f"/new/files/{file_id}", headers=headers),
    ):
        assert response.status_code == 403
    assert await tasks_of(api, seat) == []
    assert (await api.services.files.get(account_id=seat.account_id, file_id=file_id)).file_id == file_id


@pytest.mark.parametrize("length", [None, "x", "9" * 30])
async def test_form_is_refused_when_it_does_not_say_how_long_it_is(api: Api, length: str | None) -> None:
    """It is refused before any of it is read."""
    seat = await seated(api)

    async def endless() -> Any:
        yield b"prompt=x"
        pytest.fail("the body was read on")

    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if length is not None:
        headers["Content-Length"] = length
    response = await seat.script("POST", "/new", content=endless(), headers=headers)
    assert response.status_code == 413


async def test_markup_is_shown_as_text(api: Api) -> None:
    """Whatever is typed or named comes back as the text that it is."""
    seat = await seated(api)
    name = f"{MARKUP}.txt"
    uploaded = await seat.script("POST", "/new/files", params={"name": name}, content=MARKUP.encode())
    assert SHOWN in uploaded.text
    refused = await seat.script("POST", "/new/files", params={"name": f"{MARKUP}.exe"}, content=b"x")
    form = {
        "prompt": MARKUP,
        "keywords": MARKUP,
        "link": [MARKUP],
        "language": MARKUP,
        "tone": MARKUP,
        "min_words": MARKUP,
    }
    page = await seat.post("/new", {**form, "key": f'"{MARKUP}', "file": [field_of(uploaded, "file")]})
    assert page.status_code == 422
    assert SHOWN in page.text
    for response in (uploaded, refused, page):
        assert MARKUP not in response.text
        assert "<img" not in response.text


async def test_stranger_is_led_to_the_sign_in(api: Api) -> None:
    """Without a session nothing is shown, and a script is told where to go."""
    response = await api.client.get("/desk/new")
    assert (response.status_code, response.headers["location"]) == (303, "/desk/sign-in?next=/desk/new")
    script = await api.client.post("/desk/new/files?name=a.txt", content=b"x", headers={"HX-Request": "true"})
    assert script.status_code == 401
