"""Make docs/images/demo.svg: a terminal in which the demo ran.

Usage: `python scripts/make_demo_image.py`, with Copydesk installed. It runs what `make demo` runs, in a folder that is
removed afterwards, and draws what that printed. Times differ from run to run; the rest is the same.
"""

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs/images/demo.svg"
WIDTH = 100  # characters
TITLE = "make demo"
_FONT = re.compile(r"@font-face \{.*?\}", re.DOTALL)


def run_demo() -> str:
    """What the demo prints, progress included.

    Raises:
        CalledProcessError: The demo failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        outer = {name: value for name, value in os.environ.items() if not name.startswith("COPYDESK_")}
        done = subprocess.run(
            [
                *(sys.executable, "-m", "copydesk.cli", "write", "--brief", str(ROOT / "samples/brief.toml")),
                *("-o", f"{folder}/article.md", "-o", f"{folder}/article.html"),
            ],
            env={**outer, "COPYDESK_DATA_DIR": f"{folder}/data", "COPYDESK_SEARCH": "none"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=True,
        )
    return done.stdout


def styled(line: str) -> Text:
    """One line, coloured by what it says."""
    text = Text(line)
    text.highlight_regex(r"^\[[^\]]*\]", "dim")
    text.highlight_regex(r" (completed|used)\b", "green")
    text.highlight_regex(r" skipped\b", "dim")
    text.highlight_regex(r"^(Title|Words|Citations|SEO score|Sources|Time|Note \w+):", "bold")
    return text


def main() -> None:
    """Run the demo and write the picture."""
    lines = run_demo().splitlines()
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.assemble(("$ ", "dim"), (TITLE, "bold")))
    for line in lines:
        console.print(styled(line))
    svg = console.export_svg(title=TITLE, unique_id="demo")
    svg = _FONT.sub("", svg)  # Rich's come from a foreign server; the reader's monospace does
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text("".join(f"{line.rstrip()}\n" for line in svg.splitlines()), encoding="utf-8")
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
