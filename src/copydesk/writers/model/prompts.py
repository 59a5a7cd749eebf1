"""The prompts: one file a call, its instructions above a line of dashes and the task with its data below."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template

NAMES = (
    "plan",
    "outline",
    "outline_free",
    "section",
    "section_free",
    "judge",
    "mend",
    "extend",
    "extend_free",
    "tighten",
    "seo",
)
_RULE = "\n---\n"


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """One prompt, filled in."""

    name: str
    instructions: str  # ours; the model is to obey them
    task: str  # what this call is about, with its data


@cache
def _source(name: str) -> str:
    return (files(__package__) / "prompts" / f"{name}.md").read_text(encoding="utf-8")


def instructions_of(name: str) -> str:
    """What the prompt `name` tells the model, its placeholders as they are."""
    return _source(name).partition(_RULE)[0]


def fill(name: str, **values: str) -> Prompt:
    """The prompt `name` with its placeholders filled in; lines left empty by them are dropped.

    Raises:
        KeyError: A placeholder has no value.
    """
    instructions, _, task = _source(name).partition(_RULE)
    return Prompt(name=name, instructions=_filled(instructions, values), task=_filled(task, values))


def _filled(text: str, values: dict[str, str]) -> str:
    return "\n".join(line for line in Template(text).substitute(values).splitlines() if line.strip())


def prompts_version() -> str:
    """Which prompts these are: the beginning of a digest over all of them, recorded with every article."""
    digest = hashlib.sha256()
    for name in NAMES:
        digest.update(_source(name).encode())
    return digest.hexdigest()[:12]
