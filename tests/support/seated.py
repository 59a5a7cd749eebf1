"""Somebody who sits at the desk, without a browser: signed in, with the token that forms need."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
from support.api import Api

from copydesk.web.access import COOKIE


@dataclass(frozen=True, kw_only=True)
class Seat:
    """A session of its own: others of the same client are not touched."""

    api: Api
    account_id: str
    token: str  # of the session
    csrf: str

    async def get(self, path: str, *, part: bool = False, **headers: str) -> httpx2.Response:
        """Look at a page below /desk, or at the parts of it that a script asks for."""
        return await self._send("GET", path, headers={**headers, **({"HX-Request": "true"} if part else {})})

    async def post(self, path: str, data: Mapping[str, Any] | None = None, **options: Any) -> httpx2.Response:
        """Send a form."""
        return await self._send("POST", path, data={"csrf": self.csrf, **(data or {})}, **options)

    async def script(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """Send what a script sends: the form token in a header."""
        headers = {"X-CSRF-Token": self.csrf, "HX-Request": "true", **options.pop("headers", {})}
        return await self._send(method, path, headers=headers, **options)

    async def _send(self, method: str, path: str, **options: Any) -> httpx2.Response:
        headers = {**options.pop("headers", {}), "Cookie": f"{COOKIE}={self.token}"}
        return await self.api.client.request(method, f"/desk{path}", headers=headers, **options)


async def seated(api: Api, account: str = "acme", *, read_only: bool = False) -> Seat:
    """Sit down with a new key of an account."""
    key, secret = await api.services.access.create_key(account, read_only=read_only)
    token = await api.services.sessions.sign_in(secret)
    session = await api.services.sessions.resume(token)
    return Seat(api=api, account_id=key.account_id, token=token, csrf=session.csrf)


def field_of(page: httpx2.Response, name: str) -> str:
    """The value of a page's hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found is not None, name
    return found[1]
