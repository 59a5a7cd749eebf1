"""Keep the generated pages of docs/ true: settings and commands. `--write` writes them, else they are compared.

Usage: `python scripts/check_docs.py [--write] [FOLDER]` (default: this repository). Also checks that every relative
link and picture of the texts leads to a file.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, get_args

import typer
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from copydesk.cli import app
from copydesk.cli.exits import EXITS
from copydesk.settings import IGNORED_PREFIXES, PREFIX, Settings

ROOT = Path(__file__).parents[1]
TEXTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/**/*.md", "samples/*.md")
_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)\s]*)?\)")


def settings_page() -> str:
    """docs/settings.md."""
    rows = [
        f"| `{PREFIX}{name.upper()}` | {_default(field)} | {_limits(field)}{field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    ignored = " and ".join(f"`{prefix}*`" for prefix in IGNORED_PREFIXES)
    return "\n".join(
        [
            "# Settings",
            "",
            "Settings come from the environment, or from a file `.env` in the working folder; the environment wins.",
            "An unknown variable that begins with `COPYDESK_`, or a bad value, stops the start with a sentence that",
            f"names it ({ignored} are ignored: Kubernetes injects them). Lists are separated by commas.",
            "",
            "This page is made by `make fix` from `src/copydesk/settings.py`.",
            "",
            "| variable | default | meaning |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def commands_page() -> str:
    """docs/commands.md."""
    command = typer.main.get_command(app)
    lines = [
        "# Commands",
        "",
        f"Exit codes: {EXITS}.",
        "",
        "This page is made by `make fix` from `src/copydesk/cli/`.",
        "",
    ]
    for name, sub in _commands(command, "copydesk"):
        lines += [f"## `{name}`", "", sub.help.strip() if sub.help else "", ""]
        rows = [_parameter(parameter) for parameter in sub.params if parameter.name != "help"]
        if rows:
            lines += ["| argument or option | meaning |", "|---|---|", *rows, ""]
    return "\n".join(lines)


def broken_links(root: Path) -> Iterator[str]:
    """Relative links that lead nowhere, each with the text it stands in."""
    for pattern in TEXTS:
        for path in sorted(root.glob(pattern)):
            for target in _LINK.findall(path.read_text(encoding="utf-8")):
                if "://" not in target and not target.startswith("mailto:") and not (path.parent / target).exists():
                    yield f"{path.relative_to(root)}: {target} leads nowhere"


def pages() -> dict[str, str]:
    """The generated pages by path."""
    return {"docs/settings.md": settings_page(), "docs/commands.md": commands_page()}


def main(arguments: Sequence[str]) -> int:
    """Write or compare; answers the exit code."""
    folders = [argument for argument in arguments if argument != "--write"]
    root = Path(folders[0]) if folders else ROOT
    problems = []
    for name, text in pages().items():
        path = root / name
        if "--write" in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            problems.append(f"{name} is not what the code says; run 'make fix'")
    problems += broken_links(root)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _default(field: FieldInfo) -> str:
    value: Any = field.default
    if value is None or value is PydanticUndefined or value == () or isinstance(value, SecretStr):
        return "none"
    if isinstance(value, tuple):
        return f"`{','.join(str(part) for part in value)}`"
    return f"`{value.value if isinstance(value, Enum) else value}`"


def _limits(field: FieldInfo) -> str:
    """The bounds or choices of a setting, as a lead to its description."""
    bounds = {
        name: getattr(rule, name) for rule in field.metadata for name in ("ge", "gt", "le") if hasattr(rule, name)
    }
    choices = [choice for choice in get_args(field.annotation) if isinstance(choice, str)]
    if choices and not isinstance(field.annotation, UnionType):
        return f"One of {', '.join(f'`{choice}`' for choice in choices)}. "
    if "le" not in bounds:
        return ""
    low = bounds.get("ge", bounds.get("gt"))
    return f"{'Above ' if 'gt' in bounds else ''}{low:,} to {bounds['le']:,}. "


def _commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    for sub_name, sub in sorted(getattr(command, "commands", {}).items()):
        if getattr(sub, "commands", None):
            yield from _commands(sub, f"{name} {sub_name}")
        else:
            yield f"{name} {sub_name}", sub


def _parameter(parameter: Any) -> str:
    text = (getattr(parameter, "help", None) or "").replace("|", "\\|")
    if parameter.param_type_name == "argument":
        name = parameter.name.upper()
        return f"| `{name}` | {text} |" if parameter.required else f"| `[{name}]` | {text} |"
    names = ", ".join(f"`{option}`" for option in parameter.opts)
    low, high = getattr(parameter, "min", None), getattr(parameter, "max", None)
    bounds = f" {low:,} to {high:,}." if low is not None and high is not None else ""
    repeat = " Repeatable." if parameter.multiple and "repeatable" not in text else ""
    default = f" Default: `{parameter.default}`." if parameter.default not in (None, False, [], ()) else ""
    return f"| {names} | {text}{bounds}{repeat}{default} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
