"""Integration tests need a real searx and run by `make integration` alone."""

import os

from support.searx import RUN

collect_ignore_glob = [] if os.environ.get(RUN) else ["test_*.py"]
