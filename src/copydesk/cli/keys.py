"""`keys create`, `keys list` and `keys revoke`."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import typer

from copydesk.domain.account import ApiKey
from copydesk.domain.clock import now, rfc3339
from copydesk.errors import ConfigurationError
from copydesk.services import AccessService
from copydesk.settings import load_settings
from copydesk.telemetry import configure_logging
from copydesk.wiring import open_access

T = TypeVar("T")


def run_create(account: str, *, read_only: bool, expires_in: int | None, name: str | None) -> None:
    """Make a key; its secret goes to standard output, alone."""
    expires_at = now() + timedelta(days=expires_in) if expires_in else None
    key, secret = _with_access(
        lambda access: access.create_key(account, read_only=read_only, expires_at=expires_at, name=name)
    )
    typer.echo(secret)
    if sys.stdout.isatty():
        typer.echo(f"Key {key.prefix} of account {key.account_name}; it is shown this once.", err=True)


def run_list(*, as_json: bool) -> None:
    """Show all keys."""
    found = _with_access(lambda access: access.list_keys())
    if as_json:
        typer.echo(json.dumps([_shown(key) for key in found], indent=2))
        return
    for key in found:
        shown = _shown(key)
        rights = "read-only" if key.read_only else "read and write"
        until = f", expires {shown['expires_at']}" if key.expires_at else ""
        made = f"made {shown['created_at']}{until}"
        name = f"  {key.name}" if key.name else ""
        typer.echo(f"{shown['prefix']}  {shown['state']:<8} {rights:<15} {shown['account']}  {made}{name}")


def run_revoke(name: str) -> None:
    """Revoke what the id or prefix names."""
    revoked = _with_access(lambda access: access.revoke_key(name))
    if not revoked:
        message = f"There is no key with the id or prefix {name!r}; 'copydesk keys list' shows those that are."
        raise ConfigurationError(message)
    for key in revoked:
        typer.echo(f"Revoked {key.prefix} of account {key.account_name}.")


def _shown(key: ApiKey) -> dict[str, str | bool | None]:
    state = "revoked" if key.revoked_at else "active" if key.usable_at(now()) else "expired"
    return {
        "key_id": key.key_id,
        "prefix": key.prefix,
        "name": key.name,
        "account": key.account_name,
        "state": state,
        "read_only": key.read_only,
        "created_at": rfc3339(key.created_at),
        "expires_at": rfc3339(key.expires_at) if key.expires_at else None,
        "revoked_at": rfc3339(key.revoked_at) if key.revoked_at else None,
    }


def _with_access(call: Callable[[AccessService], Awaitable[T]]) -> T:
    async def run() -> T:
        async with open_access(settings) as access:
            return await call(access)

    settings = load_settings()
    configure_logging(level="warning", style=settings.log_format)
    return asyncio.run(run())
