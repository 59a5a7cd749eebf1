"""A listener of a task's events: Server-Sent Events as the HTML standard has them parsed."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One event, or a comment."""

    id: str = ""
    event: str = ""
    data: Any = None
    comment: str | None = None


@dataclass(kw_only=True)
class Listener:
    """An open stream."""

    status: int
    headers: httpx2.Headers
    lines: AsyncIterator[str]
    heard: list[Heard] = field(default_factory=list)

    async def __aiter__(self) -> AsyncIterator[Heard]:
        """Events and comments, as they come."""
        fields: dict[str, str] = {}
        comment: str | None = None
        async for line in self.lines:
            if line:
                name, _, value = line.partition(": ")
                if name == "":
                    comment = value
                else:
                    fields[name] = value
                continue
            found = Heard(
                id=fields.get("id", ""),
                event=fields.get("event", ""),
                data=json.loads(fields["data"]) if "data" in fields else None,
                comment=comment,
            )
            fields, comment = {}, None
            self.heard.append(found)
            yield found

    async def rest(self) -> list[Heard]:
        """All that is heard until the stream ends, without comments."""
        return [heard async for heard in self if heard.comment is None]


@asynccontextmanager
async def listening(
    api: httpx2.AsyncClient, task_id: str, *, after: str | None = None, headers: dict[str, str] | None = None
) -> AsyncIterator[Listener]:
    """Listen to a task until the block ends."""
    sent = {**(headers or {}), **({} if after is None else {"Last-Event-ID": after})}
    async with api.stream("GET", f"/api/v1/tasks/{task_id}/events", headers=sent) as answer:
        yield Listener(status=answer.status_code, headers=answer.headers, lines=answer.aiter_lines())


async def all_events(api: httpx2.AsyncClient, task_id: str, *, after: str | None = None) -> list[Heard]:
    """Every event of a task, to its end."""
    async with listening(api, task_id, after=after) as listener:
        assert listener.status == 200, listener.status
        return await listener.rest()


def text_of(events: Sequence[Heard]) -> dict[str, str]:
    """The sections' text, by id, as a listener that follows the rules has it after these events."""
    texts: dict[str, str] = {}
    for heard in events:
        if heard.event == "section":
            for section in heard.data["sections"]:
                before = "" if section["replaces"] else texts.get(section["section_id"], "")
                texts[section["section_id"]] = before + section["text"]
    return texts
