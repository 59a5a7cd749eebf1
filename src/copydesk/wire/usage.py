"""Usage over the wire."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from copydesk.domain.usage import EXTRACTIVE, DayOfModel, Totals, summed
from copydesk.wire.text import AnswerModel, RequestModel

MAX_DAYS = 366  # of one answer: a year, leap or not
DEFAULT_DAYS = 30
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def _day(value: Any) -> Any:
    """A day as ISO 8601 writes it in full; Pydantic alone would take seconds since 1970 as well."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        return value
    kind, message = "date", "Input should be a day as YYYY-MM-DD"
    raise PydanticCustomError(kind, message)


Day = Annotated[date, BeforeValidator(_day)]


class UsageQuery(RequestModel):
    """Which days to show."""

    first: Day | None = Field(
        None,
        alias="from",
        description=f"The first day, in UTC; default: {DEFAULT_DAYS - 1} days before `to`. At most {MAX_DAYS} days.",
    )
    last: Day | None = Field(None, alias="to", description="The last day, included; default: today in UTC.")


class UsageSums(AnswerModel):
    """What was used."""

    articles: int = Field(description="Created, those that were deleted since among them.")
    words: int = Field(description="Of these articles, as they were created.")
    calls: int = Field(description="Finished calls of language and embedding models.")
    input_tokens: int
    output_tokens: int
    cached_tokens: int = Field(description="Of the input.")
    cost_usd: float | None = Field(description="US dollars; null if any call's price is unknown.")


class UsageOfModel(UsageSums):
    """What one model was used for."""

    model: str = Field(
        description="As its endpoint names it. Articles count with the model that wrote most of them; those composed"
        f" without a model with `{EXTRACTIVE}`."
    )


class UsageSum(UsageSums):
    """What was used, in all and by model."""

    models: list[UsageOfModel] = Field(description="Those that were used, by name.")


class UsageDay(UsageSum):
    """What was used on one day."""

    day: date = Field(description="In UTC.")


class UsageLimit(AnswerModel):
    """A limit, and what is left of it."""

    limit: int
    used: int
    left: int = Field(description="0 when nothing is left.")

    @classmethod
    def of(cls, limit: int, used: int) -> Self:
        """What is left is never less than nothing, also where a limit was lowered."""
        return cls(limit=limit, used=used, left=max(0, limit - used))


class UsageLimits(AnswerModel):
    """The account's limits."""

    active_tasks: UsageLimit = Field(description="Pending and processing tasks.")
    requests_per_minute: UsageLimit = Field(description="Of this API key, this request counted.")
    storage_bytes: UsageLimit = Field(description="Of uploaded files.")


class UsageReport(AnswerModel):
    """What an account used."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    days: list[UsageDay] = Field(description="Every day of the range in order, also those on which nothing was used.")
    totals: UsageSum = Field(description="Over the whole range.")
    limits: UsageLimits

    @classmethod
    def of(cls, first: date, last: date, used: Sequence[DayOfModel], limits: UsageLimits) -> Self:
        """Show what was `used` from `first` to `last`, sorted by day and model."""
        by_day = {day: list(rows) for day, rows in groupby(used, key=lambda row: row.day)}
        every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return cls.model_validate(
            {
                "from": first,
                "to": last,
                "days": [UsageDay(day=day, **_sum(by_day.get(day, []))) for day in every],
                "totals": UsageSum(**_sum(used)),
                "limits": limits,
            }
        )

    def to_json(self) -> bytes:
        """As its base, with the names that the query has."""
        return self.model_dump_json(by_alias=True).encode()


def _sum(used: Sequence[DayOfModel]) -> dict[str, Any]:
    by_model: dict[str, list[Totals]] = {}
    for row in used:
        by_model.setdefault(row.model, []).append(row.totals)
    sums = {name: summed(by_model[name]) for name in sorted(by_model)}
    models = [UsageOfModel(model=name, **_shown(totals)) for name, totals in sums.items()]
    return {**_shown(summed(list(sums.values()))), "models": models}


def _shown(totals: Totals) -> dict[str, Any]:
    return {name: getattr(totals, name) for name in _SHOWN}


_SHOWN = tuple(UsageSums.model_fields)
