"""What changed between two texts, word by word, so that a person can read it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

CONTEXT = 1  # unchanged lines shown before and after a change
ALIKE = 0.4  # of their words: below, two lines are shown one after the other instead of word by word
MAX_WORK = 4_000_000  # pairs of words compared in all, some two seconds; what is beyond is shown by whole lines
_PIECE = re.compile(r"[\u3040-\u9fff\uac00-\ud7af]|[^\s\u3040-\u9fff\uac00-\ud7af]+|\s+")


class Change(StrEnum):
    """What became of a run of words."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, kw_only=True)
class ChangedRun:
    """Words that stayed, went or came together."""

    change: Change
    text: str


@dataclass(frozen=True, kw_only=True)
class ChangedLine:
    """One line of either text or of both, or a gap where unchanged lines are left out."""

    runs: tuple[ChangedRun, ...] = ()  # in reading order; of a gap: none
    left_out: int = 0  # unchanged lines in the place of this gap


def differences(before: str, after: str) -> tuple[ChangedLine, ...]:
    """What turns `before` into `after`, by lines; blank lines are not looked at. Empty where nothing differs."""
    old, new = _lines(before), _lines(after)
    if old == new:
        return ()
    budget = _Budget(MAX_WORK)
    found: list[ChangedLine] = []
    for kind, i1, i2, j1, j2 in _steps(old, new):
        if kind == "equal":
            found.extend(_unchanged(old[i1:i2], first=i1 == 0, last=i2 == len(old) and j2 == len(new)))
        else:
            found.extend(_changed(old[i1:i2], new[j1:j2], budget))
    return tuple(found)


@dataclass
class _Budget:
    left: int

    def spend(self, amount: int) -> bool:
        """Whether there is that much left; it is gone then."""
        if amount > self.left:
            return False
        self.left -= amount
        return True


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def _steps(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """Opcodes; what is the same at both ends is not given to difflib, and a pair too large for it is one change."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    if head:
        yield "equal", 0, head, 0, head
    i, j = len(old) - tail, len(new) - tail
    if (i - head) * (j - head) > MAX_WORK:
        yield "replace", head, i, head, j
    else:
        matcher = SequenceMatcher(None, old[head:i], new[head:j])
        for kind, i1, i2, j1, j2 in matcher.get_opcodes():
            yield kind, i1 + head, i2 + head, j1 + head, j2 + head
    if tail:
        yield "equal", i, len(old), j, len(new)


def _unchanged(lines: Sequence[str], *, first: bool, last: bool) -> Iterator[ChangedLine]:
    before = 0 if first else CONTEXT
    after = 0 if last else CONTEXT
    if len(lines) <= before + after + 1:
        yield from (_whole(line, Change.SAME) for line in lines)
        return
    yield from (_whole(line, Change.SAME) for line in lines[:before])
    yield ChangedLine(left_out=len(lines) - before - after)
    yield from (_whole(line, Change.SAME) for line in lines[len(lines) - after :])


def _changed(old: Sequence[str], new: Sequence[str], budget: _Budget) -> Iterator[ChangedLine]:
    pairs = min(len(old), len(new))
    for one, other in zip(old[:pairs], new[:pairs], strict=True):
        line = _by_words(one, other, budget)
        if line is None:
            yield _whole(one, Change.REMOVED)
            yield _whole(other, Change.ADDED)
        else:
            yield line
    yield from (_whole(line, Change.REMOVED) for line in old[pairs:])
    yield from (_whole(line, Change.ADDED) for line in new[pairs:])


def _by_words(one: str, other: str, budget: _Budget) -> ChangedLine | None:
    """One line with its changed words; None where too little is the same, or looking would take too long."""
    old, new = _PIECE.findall(one), _PIECE.findall(other)
    if not budget.spend(len(old) * len(new)):
        return None
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < ALIKE:
        return None
    runs: list[ChangedRun] = []
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind == "equal":
            runs.append(ChangedRun(change=Change.SAME, text="".join(old[i1:i2])))
            continue
        if i1 < i2:
            runs.append(ChangedRun(change=Change.REMOVED, text="".join(old[i1:i2])))
        if j1 < j2:
            runs.append(ChangedRun(change=Change.ADDED, text="".join(new[j1:j2])))
    return ChangedLine(runs=tuple(runs))


def _whole(line: str, change: Change) -> ChangedLine:
    return ChangedLine(runs=(ChangedRun(change=change, text=line),))
