"""How long the search checks take for an article of 2,000 words.

Prints the median of 50 runs in milliseconds, the limit (quality.md: 50 ms), and, because machines
differ, the same as a ratio to parsing the Markdown alone, measured in the same run.
"""

import statistics
import sys
import time
from collections.abc import Callable

from copydesk.domain.brief import WordRange
from copydesk.domain.markdown import count_markdown_words, parse
from copydesk.seo.checks import check_article

LIMIT_MS = 50
MAX_RATIO = 12  # of the checks to the parse alone; about 4 here
RUNS = 50
WORDS = "the measured carbon dioxide record of an observatory shows how seasons and years differ in air"


def article(words: int) -> str:
    """A text of about `words` different sentences, headings, lists, a table and footnotes."""
    parts, number = ["The Keeling Curve is a record of carbon dioxide.[^1]"], 0
    while count_markdown_words("\n\n".join(parts)) < words:
        number += 1
        parts.append(f"## Part {number} of the Keeling Curve")
        for paragraph in range(3):
            plain = WORDS.split()
            turned = plain[paragraph:] + plain[:paragraph]
            parts.append(" ".join(f"In {1900 + number} {' '.join(turned)} {number}.{k}.[^1]" for k in range(4)))
        parts.append(f"- one item {number}\n- another item {number}")
    return "\n\n".join([*parts, "| year | ppm |\n|---|---|\n| 1958 | 315 |", "[^1]: A source."])


def median_ms(run: Callable[[], object]) -> float:
    """The median time of a call, after one that warms caches."""
    run()
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        run()
        times.append(1_000 * (time.perf_counter() - start))
    return statistics.median(times)


def main() -> int:
    """Measure, print, and say whether the limits hold."""
    content = article(2_000)

    def check() -> object:
        return check_article(
            title="The Keeling Curve",
            content=content,
            seo_title="The Keeling Curve: A Record of Carbon Dioxide",
            seo_description="x" * 130,
            slug="keeling-curve",
            keywords=("Keeling Curve", "carbon dioxide", "seasons"),
            primary_keyword="Keeling Curve",
            language="en",
            words=WordRange(minimum=1_800, maximum=2_200),
            json_ld=None,
        )

    parsing, checking = median_ms(lambda: parse(content)), median_ms(check)
    print(f"words {count_markdown_words(content)}")
    print(f"parse {parsing:.1f} ms, checks with parse {checking:.1f} ms (limit {LIMIT_MS} ms)")
    print(f"ratio {checking / parsing:.2f} (limit {MAX_RATIO})")
    return 0 if checking < LIMIT_MS and checking / parsing < MAX_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
