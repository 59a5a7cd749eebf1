"""Markdown: what a reader sees, safe HTML, and the three styles of citations."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from support.growth import growth

from copydesk.domain.article import DataSource
from copydesk.domain.markdown import (
    CitationStyle,
    count_markdown_words,
    footnote_numbers,
    headings_of,
    links_of,
    paragraphs_of,
    parse,
    render_html,
    standalone_html,
    visible_text,
    with_citations,
)
from copydesk.domain.source import BlockKind, SourceKind
from copydesk.domain.words import words_of

NOTES = "\n\n[^1]: Source one <https://a.org>\n[^2]: Source two.\n\n    More of it.\n"


def source(number: int, **changes: Any) -> DataSource:
    """A data source with plain values."""
    values: dict[str, Any] = {
        "number": number,
        "source_id": f"s{number}",
        "kind": SourceKind.WEB,
        "url": f"https://site{number}.org/page",
        "file_id": None,
        "title": f"Title {number}",
        "site": f"Site {number}",
        "author": None,
        "published_at": None,
        "accessed_at": None,
        "license": None,
    }
    return DataSource(**(values | changes))


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("", 0),
        ("One two.[^1] Three.[^2]" + NOTES, 3),
        ("One.[^1]Two" + NOTES, 2),
        ("## Head line\n\nText", 3),
        ("- a\n- b c\n\n1. d", 4),
        ("| a | b c |\n|---|---|\n| 1 | 2 |", 5),
        ("```python\nprint(x) # note\n```", 3),
        ("    indented code", 2),
        ("Use `the code` here", 4),
        ("See [the page](https://a.org/x_y-z) now", 4),
        ("See ![alternative text](https://a.org/i.png) now", 2),
        ("See https://a.org/one/two?x=1, now", 2),
        ("See <https://a.org/one> now", 2),
        ("See www.a.org/x now", 2),
        ("\u89c1https://a.org/x\u3002\u7136\u540e", 3),
        ("**bold**ed ~~struck~~ &amp; \\*escaped\\*", 3),
        ("A broken mark[^9] here", 4),
        ("A pattern [^a-z] here", 4),
        ("> quoted words", 2),
        ("[ref]\n\n[ref]: https://a.org/path", 1),
        ("<b>raw</b>", 3),
        ("soft\nbreak", 2),
        ("\u4eca\u5929\n\u597d", 3),
    ],
)
def test_count_markdown_words_when_syntax_stands_around(markdown: str, words: int) -> None:
    """Only what a reader sees counts: no marks, definitions, alt texts or URLs."""
    assert count_markdown_words(markdown) == words


def test_visible_text_when_blocks_differ() -> None:
    """A block stands on its own line, without its syntax."""
    assert visible_text("# A *b*\n\nC[^1] d\n\n- e\n\n| f | g |\n|---|---|\n" + NOTES) == "A b\nC d\ne\nf \u00b7 g"


def test_headings_of_when_nested_and_formatted() -> None:
    """Every heading comes with its level and its visible text."""
    headings = headings_of("# One\n\n> ## *Two* `x`\n\nSetext\n---\n\n```\n# no\n```")
    assert [(heading.level, heading.text) for heading in headings] == [(1, "One"), (2, "Two x"), (2, "Setext")]


def test_paragraphs_of_when_lists_and_tables_stand_between() -> None:
    """Paragraphs, list items and quotations; not headings, tables, code and notes."""
    markdown = "One.[^1]\n\n## H\n\n- item\n\n> quote\n\n| a |\n|---|\n| b |\n\n```\ncode\n```\n\nTwo." + NOTES
    assert paragraphs_of(markdown) == ["One.", "item", "quote", "Two."]


def test_parse_when_blocks_have_marks_knows_kind_and_line() -> None:
    """Each block carries its marks and the line where it begins."""
    blocks = parse("A[^1][^2]\n\n> B\n\n- C[^1]" + NOTES).blocks
    assert [(block.kind, block.marks, block.first_line) for block in blocks] == [
        (BlockKind.PARAGRAPH, ("1", "2"), 0),
        (BlockKind.QUOTE, (), 2),
        (BlockKind.LIST_ITEM, ("1",), 4),
    ]


def test_footnote_numbers_when_broken_and_repeated() -> None:
    """Only numbers with a mark and a definition, by first use."""
    assert footnote_numbers("A[^2] b[^1] c[^2] d[^9] e[^x]" + NOTES + "\n[^x]: own\n[^3]: unused\n") == [2, 1]


def test_links_of_when_in_text_and_notes() -> None:
    """Links, autolinks and images, each with where it stands."""
    found = links_of("[a *b*](https://a.org) ![i](https://i.org) <https://c.org>[^1]" + NOTES)
    assert [(link.url, link.text, link.image, link.footnote) for link in found] == [
        ("https://a.org", "a b", False, False),
        ("https://i.org", "", True, False),
        ("https://c.org", "https://c.org", False, False),
        ("https://a.org", "https://a.org", False, True),
    ]


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](vbscript:x)",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](data:image/svg+xml;base64,PHN2Zz4=)",
        "![x](javascript:alert(1))",
        "<javascript:alert(1)>",
        '[x](https://a.org "onmouseover=alert(1) \\"><script>")',
        "[x]\n\n[x]: javascript:alert(1)",
        "# <svg onload=alert(1)>",
        "```<script>\n</code></pre><script>alert(1)</script>\n```",
        "[^<script>]\n\n[^<script>]: x",
        "A[^1]\n\n[^1]: <iframe src=x></iframe> [y](javascript:alert(1))",
        "<style>*{}</style>",
        "| <script> |\n|:-:|\n| x |",
    ],
)
def test_render_html_when_markdown_is_hostile_is_safe(markdown: str) -> None:
    """No tag or attribute of the sanitized HTML can run anything."""
    rendered = render_html(markdown)
    tags = re.findall(r"<[^>]*>", rendered)
    assert not [tag for tag in tags if re.match(r"</?(?:script|style|iframe|svg|object)", tag)]
    assert not [tag for tag in tags if re.search(r"\s(?:on\w+|style)\s*=", re.sub(r'"[^"]*"', '""', tag))]
    assert not re.search(r'(?:href|src)="\s*(?!https?:|mailto:|#)[a-z]+:', rendered, re.IGNORECASE)


def test_render_html_when_footnotes_repeat_links_there_and_back() -> None:
    """Each mark leads to its note and the note to each of its marks, under the note's own number."""
    rendered = render_html("A[^2] b[^1] c[^2]" + NOTES)
    ids = set(re.findall(r'id="([^"]+)"', rendered))
    targets = re.findall(r'href="#([^"]+)"', rendered)
    assert set(targets) <= ids
    assert {"fn1", "fn2", "fnref1", "fnref2", "fnref2-1"} <= ids
    assert '<li id="fn2" value="2"' in rendered
    assert ">[2]</a>" in rendered


def test_render_html_when_headings_repeat_gives_unique_safe_ids() -> None:
    """Equal headings get different ids, all with the prefix."""
    rendered = render_html(
        "## Caf\u00e9 & Co\n\n## Caf\u00e9 & Co\n\n## !!!\n\n## body\n\n## Caf\u00e9 Co 2\n\n" + "## x" * 99
    )
    ids = re.findall(r'<h2 id="([^"]+)"', rendered)
    assert ids[:5] == ["h-caf\u00e9-co", "h-caf\u00e9-co--2", "h-section", "h-body", "h-caf\u00e9-co-2"]
    assert len(set(ids)) == len(ids)


def test_render_html_when_links_leave_the_page() -> None:
    """Links elsewhere carry rel, those within the page and by mail do not."""
    rendered = render_html("[a](https://a.org) [b](#h-x) [c](mailto:x@a.org) [d](//b.org)")
    assert rendered.count('rel="nofollow noopener"') == 2
    assert '<a href="#h-x">' in rendered


def test_render_html_when_table_is_aligned() -> None:
    """Alignment survives without a style attribute."""
    assert '<td align="right">1</td>' in render_html("| a |\n|--:|\n| 1 |")


def test_with_citations_when_links_are_asked_for() -> None:
    """Marks become links to their sources; files stand as their title; definitions go."""
    sources = [source(1), source(2, url=None, site=None, title="Report [v2].pdf")]
    assert with_citations("One.[^1] Two[^1][^2]. Three [^2]" + NOTES, sources, "links") == (
        "One. ([Site 1](https://site1.org/page)) "
        "Two ([Site 1](https://site1.org/page), Report \\[v2\\].pdf). "
        "Three (Report \\[v2\\].pdf)\n"
    )


def test_with_citations_when_urls_and_names_are_awkward() -> None:
    """Parentheses, pipes and Markdown in URLs and names cannot break the link or a table."""
    awkward = source(1, url="https://a.org/x_(y)|z w", site="S|*te]")
    table = "| a |\n|---|\n| b[^1] |\n\n[^1]: x\n"
    linked = with_citations(table, [awkward], "links")
    assert [link.url for link in links_of(linked)] == ["https://a.org/x_%28y%29%7Cz%20w"]
    assert visible_text(linked) == "a\nb (S|*te])"


def test_with_citations_when_url_is_not_http_shows_the_title() -> None:
    """A URL of another scheme never becomes a link."""
    assert with_citations("A[^1]\n\n[^1]: x", [source(1, url="javascript:x")], "links") == "A (Title 1)"


def test_with_citations_when_none_are_asked_for() -> None:
    """Marks and definitions go, the spacing is right."""
    markdown = "One.[^1] Two [^1][^2]. Three.[^2]Four[^1] five" + NOTES
    assert with_citations(markdown, [source(1)], "none") == "One. Two. Three. Four five\n"


def test_with_citations_when_code_shows_marks_leaves_it() -> None:
    """Code spans, code blocks and escaped brackets are no citations."""
    markdown = "A `[^1]` \\[^1] b[^1]\n\n```\nx[^1]\n[^1]: y\n```\n\n[^1]: x\n"
    expected = "A `[^1]` \\[^1] b\n\n```\nx[^1]\n[^1]: y\n```\n"
    assert with_citations(markdown, [source(1)], "none") == expected


def test_with_citations_when_an_editor_has_own_notes() -> None:
    """As links, a note that is no source's keeps mark and definition; a broken mark goes; text stays."""
    markdown = "A[^1][^own] b[^9] [^a-z]\n\n[^1]: x\n\n[^own]: mine\n"
    linked = with_citations(markdown, [source(1)], "links")
    assert linked == "A[^own] ([Site 1](https://site1.org/page)) b [^a-z]\n\n[^own]: mine\n"
    assert with_citations(markdown, [source(1)], "none") == "A b [^a-z]\n"


def test_with_citations_when_script_has_no_spaces() -> None:
    """No space is put between ideographic text and its citation."""
    cited = with_citations("\u597d\u3002[^1]\u5929\u3002\n\n[^1]: x", [source(1)], "links")
    assert cited.startswith("\u597d\u3002([Site 1](https://site1.org/page))")
    assert with_citations("\u597d\u3002[^1]\u5929\u3002\n\n[^1]: x", [source(1)], "none") == "\u597d\u3002\u5929\u3002"


def test_with_citations_when_footnotes_are_asked_for_changes_nothing() -> None:
    """The stored form is returned as it is."""
    markdown = "A[^1]" + NOTES + "   "
    assert with_citations(markdown, [source(1)], "footnotes") == markdown


def test_with_citations_when_links_are_set_every_renderer_shows_them() -> None:
    """Plain CommonMark, which knows no footnotes, renders the links."""
    linked = with_citations("One.[^1]" + NOTES, [source(1)], "links")
    assert '<a href="https://site1.org/page">Site 1</a>' in MarkdownIt("commonmark").render(linked)


def test_standalone_html_when_texts_are_hostile_embeds_them_safely() -> None:
    """Title, description and JSON-LD cannot leave their places, and the JSON-LD still parses."""
    json_ld = {"headline": "</script><script>alert(1)</script>\u2028&"}
    page = standalone_html(
        title='A <b>"t"</b>', language="ar", content="Text", json_ld=json_ld, description='x" onload="y'
    )
    embedded = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert embedded is not None
    assert json.loads(embedded[1]) == json_ld
    assert page.count("</script>") == 1
    assert "<b>" not in page
    assert 'content="x&quot; onload=&quot;y"' in page
    assert '<html lang="ar" dir="rtl">' in page


def test_standalone_html_when_braces_stand_in_texts_keeps_them() -> None:
    """Braces are no format fields."""
    page = standalone_html(title="{title}", language="en", content="{x}", json_ld={}, description="{}")
    assert "<h1>{title}</h1>" in page
    assert 'dir="ltr"' in page


@settings(deadline=None)
@given(st.text(alphabet="ab1 []^:`*_>#-|\\<!()\n&~", max_size=120))
def test_markdown_functions_when_text_is_random_never_raise(markdown: str) -> None:
    """Any text is read, rendered and cited anew."""
    styles: tuple[CitationStyle, ...] = ("footnotes", "links", "none")
    for style in styles:
        parse(with_citations(markdown, [source(1)], style))
    parse(markdown)
    assert "<script" not in render_html(markdown)


PIECES = ["w[^1]", "w [^2]", "[^1]: x\n", "\n", "\n\n", "a ", "B. ", "- ", "> ", "    ", "* ", "## ", "|a|b|\n|-|-|\n"]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_with_citations_when_none_are_asked_for_keeps_every_word(markdown: str) -> None:
    """Whatever stands around them, marks and definitions go and the reader's words stay."""
    bare = parse(with_citations(markdown, [], "none"))
    assert (bare.marks, bare.definitions) == ((), ())
    assert words_of(bare.visible) == words_of(visible_text(markdown))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("unit", ["[", "![", "[^1]", "> ", "- a\n", "*a_ ", "[^1]: x\n", "`a``b", "|a", "<", "**a "])
def test_parse_when_text_is_hostile_takes_linear_time(unit: str) -> None:
    """Four times the text takes far less than sixteen times the work."""

    def work(characters: int) -> None:
        text = unit * (characters // len(unit))
        parse(text)
        with_citations(text, [], "none")

    assert growth(work, 20_000, 80_000) < 10
