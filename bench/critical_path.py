"""The longest chain of an article's calls, given what waits for what."""

from collections.abc import Sequence

from simulated import Call

# What each kind of call waits for: whatever of these ended before it began.
_WAITS_FOR = {
    "plan": (),
    "outline": ("plan", "outline"),
    "seo": ("outline", "seo"),
    "section": ("outline",),
}
_OF_ITS_PART = {"section"}  # waits also for earlier calls of the same part alone
_LATER = ("section", "mend", "judge", "extend", "tighten")  # what every other kind waits for


def critical_path(calls: Sequence[Call]) -> list[Call]:
    """The chain whose calls take longest in all, in order."""
    best: list[tuple[float, list[Call]]] = []
    for call in calls:
        before = [best[i] for i, other in enumerate(calls[: len(best)]) if _waits(call, other)]
        seconds, chain = max(before, key=lambda entry: entry[0], default=(0.0, []))
        best.append((seconds + call.ended - call.started, [*chain, call]))
    return max(best, key=lambda entry: entry[0], default=(0.0, []))[1]


def _waits(call: Call, other: Call) -> bool:
    if other.ended > call.started:
        return False
    if call.kind in _OF_ITS_PART and other.kind == call.kind:
        return other.part == call.part
    return other.kind in _WAITS_FOR.get(call.kind, _LATER)
