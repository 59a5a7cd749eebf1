"""The generated pages say what the code says, and links lead somewhere."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_pages_are_true_when_compared() -> None:
    """Every setting and command is documented as it is."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts/check_docs.py")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
