"""The named checks and the score."""

from typing import Any

import pytest

from copydesk.domain.article import CheckStatus, SeoReport
from copydesk.domain.brief import WordRange
from copydesk.domain.markdown import parse
from copydesk.seo.checks import check_article
from copydesk.seo.rules import RULES
from copydesk.seo.structured_data import json_ld

PASS, WARN, FAIL = CheckStatus.PASS, CheckStatus.WARN, CheckStatus.FAIL
FILLER = "Plain words stand here to make the text as long as it has to be for this. "
CONTENT = f"""The Keeling Curve shows carbon dioxide in the air.[^1] {FILLER * 4}

## The Keeling Curve explained

{FILLER * 4}

[^1]: A source.
"""


def ld(content: str = CONTENT, **changes: Any) -> dict[str, Any]:
    """Structured data of the content."""
    values: dict[str, Any] = {
        "title": "T",
        "description": "D.",
        "language": "en",
        "author_account": None,
        "published_at": None,
        "updated_at": None,
        "keywords": (),
        "word_count": 100,
        "data_sources": (),
        "content": content,
    }
    return json_ld(**(values | changes))


def report(**changes: Any) -> SeoReport:
    """The report of an article that passes everything, with changes."""
    values: dict[str, Any] = {
        "title": "The Keeling Curve",
        "content": CONTENT,
        "seo_title": "The Keeling Curve: The Main Points at a Glance",
        "seo_description": "The Keeling Curve shows " + "carbon dioxide " * 7 + ".",
        "slug": "keeling-curve",
        "keywords": ("Keeling Curve", "carbon dioxide"),
        "primary_keyword": "Keeling Curve",
        "language": "en",
        "words": WordRange(minimum=50, maximum=200),
        "json_ld": ld(),
    }
    return check_article(**(values | changes))


def status_of(check: str, **changes: Any) -> CheckStatus | None:
    """The status of one check; None where it does not apply."""
    return next((found.status for found in report(**changes).checks if found.id == check), None)


def test_check_article_when_all_is_well_scores_100() -> None:
    """Every check passes, in the fixed order, and the score is full."""
    found = report(content=parse(CONTENT))
    assert {check.status for check in found.checks if check.id != "keyword_density"} == {PASS}
    assert [check.id for check in found.checks] == [rule.id for rule in RULES]
    assert report(content=CONTENT.replace("Plain", "Carbon", 1)).score >= 95
    assert all(check.message.endswith(".") and len(check.message) > 15 for check in found.checks)


def test_check_article_when_nothing_is_well_scores_0() -> None:
    """An article that breaks every rule reaches nothing but what cannot be broken at once."""
    content = "# One\n\n" + "word " * 700
    found = report(
        title="x",
        content=content,
        seo_title="x",
        seo_description="x",
        slug="X",
        keywords=("Keeling Curve", "y"),
        words=WordRange(minimum=100, maximum=200),
        json_ld=None,
    )
    assert [check.id for check in found.checks if check.status is not FAIL] == []
    assert found.score == 0


@pytest.mark.parametrize(
    ("check", "changes", "status"),
    [
        ("title_length", {"seo_title": "x" * 29}, FAIL),
        ("title_length", {"seo_title": "x" * 30}, PASS),
        ("title_length", {"seo_title": "x" * 60}, PASS),
        ("title_length", {"seo_title": "x" * 61}, FAIL),
        ("title_length", {"seo_title": "\u6771" * 15}, PASS),
        ("title_length", {"seo_title": "\u6771" * 31}, FAIL),
        ("description_length", {"seo_description": "x" * 119}, FAIL),
        ("description_length", {"seo_description": "x" * 120}, PASS),
        ("description_length", {"seo_description": "x" * 156}, PASS),
        ("description_length", {"seo_description": "x" * 157}, FAIL),
        ("slug_form", {"slug": "keeling--curve"}, FAIL),
        ("keyword_in_title", {"title": "The KEELING-CURVE"}, PASS),
        ("keyword_in_title", {"title": "Keeling Curves of the world"}, PASS),
        ("keyword_in_title", {"title": "The Curve"}, FAIL),
        ("keyword_in_first_paragraph", {"content": "Nothing.\n\n## Keeling Curve\n\nKeeling Curve."}, FAIL),
        ("keyword_in_first_paragraph", {"content": ""}, FAIL),
        ("keyword_in_heading", {"content": "Keeling Curve.\n\n## Other\n\nText."}, FAIL),
        ("keyword_in_heading", {"content": "Text.\n\n### On Keeling curves\n\nText."}, PASS),
        ("keyword_in_slug", {"slug": "on-keeling-curves"}, PASS),
        ("keyword_in_slug", {"slug": "on-keeling"}, FAIL),
        ("keyword_in_slug", {"slug": "\u70ed\u6cf5\u7684\u539f\u7406", "primary_keyword": "\u70ed\u6cf5"}, PASS),
        ("keyword_in_seo_title", {"seo_title": "x" * 40}, FAIL),
        ("keyword_in_description", {"seo_description": "x" * 130}, FAIL),
        ("keyword_density", {"content": "Keeling Curve. " + "word " * 398}, PASS),
        ("keyword_density", {"content": "Keeling Curve. " + "word " * 399}, WARN),
        ("keyword_density", {"content": "word " * 399}, FAIL),
        ("keyword_density", {"content": "Keeling Curve. " + "word " * 78}, PASS),
        ("keyword_density", {"content": "Keeling Curve. " + "word " * 77}, WARN),
        ("keyword_density", {"content": "Keeling Curve. " * 9}, FAIL),
        ("keyword_density", {"content": ""}, None),
        ("other_keywords", {"keywords": ("Keeling Curve", "space travel")}, FAIL),
        ("other_keywords", {"keywords": ("Keeling Curve", "space travel", "air")}, WARN),
        ("other_keywords", {"keywords": ("keeling curve",)}, None),
        ("subheading_distance", {"content": "word " * 300}, PASS),
        ("subheading_distance", {"content": "word " * 301}, WARN),
        ("subheading_distance", {"content": "word " * 451}, FAIL),
        ("subheading_distance", {"content": "word " * 300 + "\n\n## A\n\n" + "word " * 300}, PASS),
        ("sentence_length", {"content": "word " * 24 + "word."}, PASS),
        ("sentence_length", {"content": "word " * 25 + "word. Short one. Short two. Short three."}, PASS),
        ("sentence_length", {"content": "word " * 25 + "word. Short one. Short two."}, WARN),
        ("sentence_length", {"content": "word " * 25 + "word."}, FAIL),
        ("sentence_length", {"content": "\u5929" * 60 + "\u3002", "language": "zh"}, PASS),
        ("sentence_length", {"content": ""}, None),
        ("paragraph_length", {"content": "word " * 150}, PASS),
        ("paragraph_length", {"content": "word " * 151}, WARN),
        ("paragraph_length", {"content": "word " * 226}, FAIL),
        ("paragraph_length", {"content": "## A"}, None),
        ("word_range", {"words": WordRange(minimum=138, maximum=140)}, FAIL),
        ("word_range", {"words": WordRange(minimum=100, maximum=110)}, FAIL),
        ("word_range", {"words": None}, None),
        ("structured_data", {"json_ld": None}, FAIL),
        ("structured_data", {"json_ld": {}}, FAIL),
        ("structured_data", {"json_ld": {"@graph": "x"}}, FAIL),
        ("structured_data", {"json_ld": {"@graph": [{"@type": "Article", "headline": "x"}]}}, FAIL),
        ("structured_data", {"json_ld": ld(title="Lorem ipsum")}, FAIL),
        ("structured_data", {"json_ld": ld(keywords=("",))}, FAIL),
        ("structured_data", {"json_ld": ld(content="A.\n\n## Is it?\n\nYes.")}, FAIL),
        ("structured_data", {"json_ld": ld(content="A.\n\n## Is it?\n\nY."), "content": "A.\n\n## Is it?\n\nY."}, PASS),
        ("no_h1", {"content": "Text.\n\n# Title"}, FAIL),
    ],
)
def test_check_article_when_at_a_limit(check: str, changes: dict[str, Any], status: CheckStatus | None) -> None:
    """Just inside a limit passes, just outside does not."""
    assert status_of(check, **changes) is status


def test_check_article_when_there_is_no_keyword_leaves_its_checks_out() -> None:
    """Without a primary keyword nothing is asked of it."""
    found = report(primary_keyword="", keywords=())
    assert not [check for check in found.checks if "keyword" in check.id]
    assert found.score == 100


def test_check_article_when_a_check_warns_counts_half() -> None:
    """The score is the share of weights reached, a warning counting half."""
    weights = {rule.id: rule.weight for rule in RULES}
    base = report(primary_keyword="", keywords=("air", "dioxide"))
    warned = report(primary_keyword="", keywords=("air", "space travel"))
    total = sum(weight for name, weight in weights.items() if "keyword" not in name) + weights["other_keywords"]
    assert base.score == 100
    assert warned.score == int(100 * (total - weights["other_keywords"] / 2) / total)


def test_rules_when_listed_have_unique_ids() -> None:
    """Ids are stable names: none twice, lower case with underscores."""
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)
    assert all(name.replace("_", "").isalnum() and name == name.lower() for name in ids)
