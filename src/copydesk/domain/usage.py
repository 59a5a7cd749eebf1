"""What an account used: sums of model calls and articles."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

EXTRACTIVE = "extractive"  # stands for the model of articles that none wrote


@dataclass(frozen=True, kw_only=True)
class Totals:
    """Sums over calls and articles."""

    articles: int = 0  # as they were created, deleted ones too
    words: int = 0  # of those articles, as they were created
    calls: int = 0  # finished calls of language and embedding models
    priced_calls: int = 0  # of `calls`: those whose price is known
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0  # of the input
    priced_usd: float = 0.0  # US dollars, of the priced calls

    @property
    def cost_usd(self) -> float | None:
        """US dollars; None where the price of any call is unknown. Cut to a billionth: sums of floats have noise."""
        return round(self.priced_usd, 9) if self.priced_calls == self.calls else None


@dataclass(frozen=True, kw_only=True)
class DayOfModel:
    """What one model did on one day, in UTC."""

    day: date
    model: str  # as the endpoint names it, or `EXTRACTIVE`
    totals: Totals


def summed(several: Sequence[Totals]) -> Totals:
    """The sum of sums; nothing where there are none."""
    if len(several) == 1:
        return several[0]
    return Totals(**{name: sum(getattr(one, name) for one in several) for name in _NAMES})


_NAMES = tuple(field.name for field in fields(Totals))
