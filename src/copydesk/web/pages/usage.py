"""Usage: what the account used by day and model, and what is left of its limits."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from copydesk.domain.clock import now
from copydesk.errors import ValidationError
from copydesk.settings import Settings
from copydesk.web.access import ServicesOf, Visitor
from copydesk.web.charts import Chart, series_of, stack
from copydesk.web.rendering import renderer_of, thousands, usd
from copydesk.web.texts import text
from copydesk.wire.problems import parse_model
from copydesk.wire.usage import DEFAULT_DAYS, UsageLimit, UsageOfModel, UsageQuery, UsageReport

router = APIRouter()

RANGES = (7, 30, 90)  # days up to today, offered as links
_MEASURES: Mapping[str, tuple[Callable[[UsageOfModel], float], Callable[[float], str]]] = {
    "articles": (lambda used: used.articles, thousands),
    "words": (lambda used: used.words, thousands),
    "tokens": (lambda used: used.input_tokens + used.output_tokens, thousands),
    "cost": (lambda used: used.cost_usd or 0.0, usd),
}


@router.get("/usage")
async def show_usage(request: Request, services: ServicesOf, session: Visitor) -> Response:
    """Charts and tables of a range of days; what is wrong with a range is said at its fields."""
    given = {name: value for name, value in request.query_params.items() if name in ("from", "to", "days") and value}
    problems: dict[str, str] = {}
    settings: Settings = request.app.state.settings
    requests = UsageLimit.of(settings.requests_per_minute, 0)
    account_id = session.key.account_id
    try:
        query = parse_model(UsageQuery, _range(given))
        report = await services.usage.show(account_id=account_id, query=query, requests=requests)
    except ValidationError as error:
        problems = {detail["field"]: detail["message"] for detail in error.details}
        report = await services.usage.show(account_id=account_id, query=UsageQuery(), requests=requests)
    return renderer_of(request).page(
        request,
        "usage.html",
        code=422 if problems else 200,
        report=report,
        given=given,
        problems=problems,
        days=None if problems else _chosen(report),
        ranges=RANGES,
        **_drawn(report),
    )


def _range(given: Mapping[str, str]) -> dict[str, Any]:
    """The query: some days up to today, or from a day to another."""
    days = given.get("days")
    if days is None:
        return {name: given[name] for name in ("from", "to") if name in given}
    known = int(days) if days in {str(number) for number in RANGES} else DEFAULT_DAYS
    return {"from": str(now().date() - timedelta(days=known - 1))}


def _chosen(report: UsageReport) -> int | None:
    """Which of the offered ranges is shown."""
    length = (report.last - report.first).days + 1
    return length if length in RANGES and report.last == now().date() else None


def _drawn(report: UsageReport) -> dict[str, Any]:
    """The charts that have something to show, the colours of the models, and the days on which something was used."""
    series = series_of([model.model for model in report.totals.models])
    charts: dict[str, Chart] = {}
    for name, (value, shown) in _MEASURES.items():

        def title(day: date, model: str, amount: float, show: Callable[[float], str] = shown) -> str:
            return text("usage.bar", day=day, model=model, amount=show(amount))

        days = [(day.day, {model.model: float(value(model)) for model in day.models}) for day in report.days]
        charts[name] = stack(days, series=series, title=title)
    return {
        "charts": {name: chart for name, chart in charts.items() if chart.most},
        "shown": {name: shown for name, (_, shown) in _MEASURES.items()},
        "series": series,
        "used_days": [day for day in reversed(report.days) if day.models],
    }
