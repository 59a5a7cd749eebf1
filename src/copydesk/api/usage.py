"""The route of usage."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from copydesk.api.access import Caller, ServicesOf
from copydesk.api.answers import shown
from copydesk.api.bodies import query_of
from copydesk.api.documents import answers, parameters
from copydesk.wire.usage import UsageLimit, UsageQuery, UsageReport

router = APIRouter(prefix="/api/v1/usage", tags=["Usage"])


@router.get(
    "",
    operation_id="getUsage",
    summary="Show usage and limits",
    responses=answers({200: UsageReport}, 422, 429, 503),
    openapi_extra=parameters(UsageQuery),
)
async def get_usage(
    request: Request,
    caller: Caller,
    services: ServicesOf,
    query: Annotated[UsageQuery, Depends(query_of(UsageQuery))],
) -> Response:
    """Articles, words, model calls, tokens and cost of the account by day and model, and what is left of its limits."""
    return shown(await services.usage.show(account_id=caller.account_id, query=query, requests=_requests(request)))


def _requests(request: Request) -> UsageLimit:
    """As the headers of this answer say it."""
    limit, left = (int(request.state.headers[f"X-RateLimit-{name}"]) for name in ("Limit", "Remaining"))
    return UsageLimit.of(limit, limit - left)
