"""Settings: the account's keys, the models and search engines with a test of each, account and version."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.responses import RedirectResponse, Response

from copydesk.domain.account import ApiKey
from copydesk.domain.clock import now
from copydesk.errors import NotFound, RateLimited, ValidationError
from copydesk.services.access import MAX_KEY_DAYS, MAX_KEY_NAME
from copydesk.services.sessions import Session
from copydesk.settings import Settings
from copydesk.web.access import ServicesOf, Visitor, services_of
from copydesk.web.problems import is_part
from copydesk.web.rendering import renderer_of
from copydesk.web.texts import text
from copydesk.wiring import check_embedder, check_one_model, check_search

router = APIRouter()

TESTS_PER_MINUTE = 6  # of one account: each calls somebody's endpoint, and may cost a little
_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)


class EndpointTests:
    """Tests of endpoints per minute and account."""

    def __init__(self) -> None:
        self._item = RateLimitItemPerMinute(TESTS_PER_MINUTE)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, account_id: str) -> None:
        """Count a test.

        Raises:
            RateLimited: There were too many within a minute.
        """
        if not self._limiter.hit(self._item, account_id):
            raise RateLimited(text("settings.too_many"), retry_after=60)


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Something that the settings name and that can be tried."""

    kind: str  # `model`, `embedding` or `search`
    name: str  # as the setting has it


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a test."""

    works: bool
    said: str


@router.get("/settings")
async def show_settings(request: Request, session: Visitor) -> Response:
    """The whole page."""
    return await _page(request, session)


@router.post("/settings/keys")
async def create_key(
    request: Request,
    services: ServicesOf,
    session: Visitor,
    name: Annotated[str, Form(max_length=1_000)] = "",
    expires_in: Annotated[str, Form(max_length=100)] = "",
    read_only: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Make a key and show its secret, this once; what is wrong is said at its field."""
    days = expires_in.strip()
    number = None if not days else int(days) if _WHOLE.fullmatch(days) else 0
    typed = {"name": name, "expires_in": expires_in, "read_only": bool(read_only)}
    try:
        made, secret = await services.access.create_own_key(
            session.key, name=name, read_only=bool(read_only), expires_in=number
        )
    except ValidationError as error:
        problems = {detail["field"]: detail["message"] for detail in error.details}
        return await _page(request, session, code=422, typed=typed, problems=problems)
    return await _page(request, session, made=made, secret=secret)


@router.get("/settings/keys/{key_id}/revoke")
async def ask_revoke(request: Request, services: ServicesOf, session: Visitor, key_id: str) -> Response:
    """Ask whether to revoke a key, and say what that ends."""
    key = await services.access.get_own_key(session.key, key_id)
    return renderer_of(request).page(request, "settings_revoke.html", key=key, own=key.key_id == session.key.key_id)


@router.post("/settings/keys/{key_id}/revoke")
async def revoke_key(request: Request, services: ServicesOf, session: Visitor, key_id: str) -> Response:
    """Revoke a key; that of the session itself ends it, and leads to the sign-in."""
    revoked = await services.access.revoke_own_key(session.key, key_id)
    root = request.scope.get("root_path", "")
    target = "/sign-in" if revoked.key_id == session.key.key_id else "/settings"
    return RedirectResponse(f"{root}{target}", status_code=303)


@router.post("/settings/test")
async def try_endpoint(
    request: Request,
    session: Visitor,
    kind: Annotated[str, Form(max_length=20)] = "",
    name: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    """Try a model or search engine; a script gets the outcome alone, a form the whole page."""
    settings: Settings = request.app.state.settings
    endpoint = Endpoint(kind=kind, name=name)
    if endpoint not in _endpoints(settings):
        message = "The settings name no such model or search engine."
        raise NotFound(message)
    request.app.state.endpoint_tests.count(session.key.account_id)
    outcome = await _tried(endpoint, settings)
    if is_part(request):
        return renderer_of(request).page(request, "settings_outcome.html", outcome=outcome)
    return await _page(request, session, outcomes={endpoint: outcome})


async def _page(
    request: Request,
    session: Session,
    *,
    code: int = 200,
    made: ApiKey | None = None,
    secret: str | None = None,
    typed: Mapping[str, Any] | None = None,
    problems: Mapping[str, str] | None = None,
    outcomes: Mapping[Endpoint, Outcome] | None = None,
) -> Response:
    keys = await services_of(request).access.list_own_keys(session.key)
    instant = now()
    states = {key.key_id: _state(key, instant) for key in keys}
    settings: Settings = request.app.state.settings
    return renderer_of(request).page(
        request,
        "settings.html",
        code=code,
        keys=sorted(keys, key=lambda key: (states[key.key_id] != "active", -key.created_at.timestamp())),
        states=states,
        made=made,
        secret=secret,
        typed=typed or {"name": "", "expires_in": "", "read_only": False},
        problems=problems or {},
        endpoints=_endpoints(settings),
        outcomes=outcomes or {},
        real_search=bool(set(settings.search) - {"none"}),
        version=version("copydesk"),
        longest={"name": MAX_KEY_NAME, "days": MAX_KEY_DAYS},
    )


def _state(key: ApiKey, instant: datetime) -> str:
    if key.revoked_at:
        return "revoked"
    return "active" if key.usable_at(instant) else "expired"


def _endpoints(settings: Settings) -> Sequence[Endpoint]:
    """What can be tried, in the order of the settings."""
    models = dict.fromkeys((*settings.models, *settings.fast_models))
    found = [Endpoint(kind="model", name=name) for name in models]
    if settings.embedding_model is not None:
        found.append(Endpoint(kind="embedding", name=settings.embedding_model))
    return [*found, *(Endpoint(kind="search", name=name) for name in settings.search if name != "none")]


async def _tried(endpoint: Endpoint, settings: Settings) -> Outcome:
    if endpoint.kind == "model":
        model = await check_one_model(endpoint.name, settings)
        said = text("settings.answers_as", seconds=f"{model.seconds:.1f}", name=model.answered_by or model.name)
        return Outcome(works=model.problem is None, said=model.problem or said)
    if endpoint.kind == "embedding":
        vectors = await check_embedder(settings)
        assert vectors is not None  # noqa: S101 - it is among the endpoints only where it is set
        said = text("settings.vectors", seconds=f"{vectors.seconds:.1f}", length=vectors.length)
        return Outcome(works=vectors.problem is None, said=vectors.problem or said)
    search = await check_search(endpoint.name, settings)
    said = text("settings.finds", seconds=f"{search.seconds:.1f}", count=search.results)
    return Outcome(works=search.problem is None and search.results > 0, said=search.problem or said)
