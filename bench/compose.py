"""How long the extractive writer takes to compose 800 words from 40 sources, beside ranking alone.

.venv/bin/python bench/compose.py
"""

import asyncio
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.evidence import brief_for, large

from copydesk.evidence.rank import rank_evidence
from copydesk.writers.extractive import ExtractiveWriter

RUNS = 15
LIMIT_MS = 250


async def compose() -> None:
    """Plan and write all sections."""
    brief, evidence = brief_for("old harbours", 800, 1_200), large(sources=40, passages=20)
    writer = ExtractiveWriter()
    outline = await writer.outline(brief, evidence)
    await asyncio.gather(*(writer.section(brief, outline, plan, evidence) for plan in outline.sections))


def main() -> None:
    """Run both in turn and print the medians."""
    brief, evidence = brief_for("old harbours", 800, 1_200), large(sources=40, passages=20)
    composed, ranked = [], []
    for _ in range(RUNS):
        begun = time.perf_counter()
        asyncio.run(compose())
        composed.append((time.perf_counter() - begun) * 1_000)
        begun = time.perf_counter()
        rank_evidence(brief, evidence.sources, evidence.passages)
        ranked.append((time.perf_counter() - begun) * 1_000)
    compose_ms, rank_ms = statistics.median(composed[1:]), statistics.median(ranked[1:])
    print(f"compose 800 words from 40 sources  {compose_ms:.0f} ms (limit {LIMIT_MS})")
    print(f"rank the same passages             {rank_ms:.0f} ms")
    print(f"ratio                              {compose_ms / rank_ms:.2f}")


if __name__ == "__main__":
    main()
