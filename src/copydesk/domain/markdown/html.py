"""Markdown to HTML that is safe to show anywhere: ours is made without raw HTML, then sanitized again."""

import functools
import html
import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from copydesk.domain.markdown.text import is_number, new_parser
from copydesk.domain.words import hyphenate

if TYPE_CHECKING:
    import nh3

HEADING_PREFIX = "h-"  # an id with a prefix cannot shadow a property of `document`
MAX_ID_CHARACTERS = 60
RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"})

_TAGS = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "blockquote", "ul", "ol", "li", "pre", "code", "hr", "br"),
    *("em", "strong", "s", "a", "img", "sup", "section", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {
    **{f"h{level}": {"id"} for level in range(1, 7)},
    "a": {"href", "title", "id", "rel", "role"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "li": {"id", "value"},
    "section": {"role"},
    "th": {"align"},
    "td": {"align"},
}
_CLASSES = {
    "a": {"footnote-backref"},
    "sup": {"footnote-ref"},
    "section": {"footnotes"},
    "ol": {"footnotes-list"},
    "li": {"footnote-item"},
    "hr": {"footnotes-sep"},
}
_PAGE = """<!DOCTYPE html>
<html lang="{language}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<meta name="description" content="{description}">
<script type="application/ld+json">{json_ld}</script>
<style>
body {{ max-width: 42rem; margin: 2rem auto; padding: 0 1rem; font: 1.05rem/1.6 system-ui, sans-serif; color: #222; }}
h1, h2, h3 {{ line-height: 1.25; }}
a {{ color: #0a58ca; overflow-wrap: anywhere; }}
table {{ border-collapse: collapse; display: block; overflow-x: auto; }}
th, td {{ border: 1px solid #ccc; padding: .3rem .6rem; }}
pre {{ background: #f6f6f6; padding: .8rem; overflow-x: auto; }}
blockquote {{ border-inline-start: 3px solid #ccc; margin-inline: 0; padding-inline-start: 1rem; }}
.footnotes {{ font-size: .9rem; }}
</style>
</head>
<body>
<article>
<h1>{title}</h1>
{body}</article>
</body>
</html>
"""


def render_html(markdown: str, *, images: bool = True) -> str:
    """Render Markdown to a sanitized HTML fragment; without `images` their alternative texts stand for them.

    No script, style, event handler or raw HTML; links only to http, https, mailto and relative addresses,
    external ones with `rel="nofollow noopener"`; heading ids are unique and begin with `h-`; footnotes keep
    their own numbers and link there and back.
    """
    env: dict[str, Any] = {}
    parser = _rendering_parser()
    tokens = parser.parse(markdown, env)
    _identify_headings(tokens)
    _mark_external_links(tokens)
    if not images:
        _unload_images(tokens)
    return _cleaner().clean(parser.renderer.render(tokens, parser.options, env))


def standalone_html(*, title: str, language: str, content: str, json_ld: Mapping[str, Any], description: str) -> str:
    """A complete page of one article.

    Args:
        title: Plain text; the page's title and only H1.
        language: BCP 47 tag; decides the direction of writing.
        content: The article's Markdown.
        json_ld: Structured data; embedded so that no text in it can end the script element.
        description: Plain text of the meta description.
    """
    primary = language.split("-", 1)[0].lower()
    return _PAGE.format(
        language=html.escape(language),
        direction="rtl" if primary in RIGHT_TO_LEFT else "ltr",
        title=html.escape(title),
        description=html.escape(description),
        json_ld=embed_json(json_ld),
        body=render_html(content),
    )


def embed_json(value: Mapping[str, Any]) -> str:
    """JSON that may stand inside a script element: `<`, `>`, `&` and line separators are escaped."""
    text = json.dumps(value, ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _identify_headings(tokens: Sequence[Token]) -> None:
    taken: dict[str, int] = {}
    for token, inline in pairwise(tokens):
        if token.type != "heading_open":
            continue
        text = "".join(child.content for child in inline.children or [] if child.type in ("text", "code_inline"))
        base = hyphenate(text)[:MAX_ID_CHARACTERS].strip("-") or "section"
        taken[base] = taken.get(base, 0) + 1
        name = base if taken[base] == 1 else f"{base}--{taken[base]}"  # "--" never comes out of hyphenate
        token.attrSet("id", f"{HEADING_PREFIX}{name}")


def _mark_external_links(tokens: Sequence[Token]) -> None:
    for token in tokens:
        for child in token.children or []:
            if child.type == "link_open" and not str(child.attrs["href"]).startswith(("#", "mailto:")):
                child.attrSet("rel", "nofollow noopener")
        style = token.attrs.pop("style", None)
        if isinstance(style, str):  # of a table cell: "text-align:right"
            token.attrSet("align", style.removeprefix("text-align:"))


def _unload_images(tokens: Sequence[Token]) -> None:
    """Without its address an image is its alternative text, and no host is asked for it."""
    for token in tokens:
        for child in token.children or []:
            if child.type == "image":
                child.attrs.pop("src", None)


@functools.cache
def _cleaner() -> "nh3.Cleaner":
    import nh3  # noqa: PLC0415 - native, and most processes that count words never render

    return nh3.Cleaner(
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
        clean_content_tags={"script", "style"},
    )


@functools.cache
def _rendering_parser() -> MarkdownIt:
    parser = new_parser(always_match=False, move_to_end=True)
    parser.add_render_rule("footnote_ref", _render_mark)
    parser.add_render_rule("footnote_open", _render_note)
    parser.add_render_rule("footnote_anchor", _render_back_link)
    parser.add_render_rule("footnote_block_open", _render_notes)
    return parser


def _note_name(token: Token) -> tuple[str, str]:
    """The anchor and the shown number of a footnote: its own label where that is a number."""
    label, number = token.meta.get("label"), token.meta["id"] + 1
    if isinstance(label, str) and is_number(label):
        return label, label
    return f"-n{number}", str(number)


def _mark_anchor(token: Token) -> str:
    anchor, _ = _note_name(token)
    repeat = token.meta.get("subId", 0)
    return f"fnref{anchor}" + (f"-{repeat}" if repeat > 0 else "")


def _render_mark(_renderer: object, tokens: Sequence[Token], index: int, _options: object, _env: object) -> str:
    anchor, shown = _note_name(tokens[index])
    ident = _mark_anchor(tokens[index])
    link = f'<a href="#fn{anchor}" id="{ident}" role="doc-noteref">[{shown}]</a>'
    return f'<sup class="footnote-ref">{link}</sup>'


def _render_notes(_renderer: object, _tokens: Sequence[Token], _index: int, _options: object, _env: object) -> str:
    return '<hr class="footnotes-sep">\n<section class="footnotes" role="doc-endnotes">\n<ol class="footnotes-list">\n'


def _render_note(_renderer: object, tokens: Sequence[Token], index: int, _options: object, _env: object) -> str:
    anchor, shown = _note_name(tokens[index])
    return f'<li id="fn{anchor}" value="{shown}" class="footnote-item">'


def _render_back_link(_renderer: object, tokens: Sequence[Token], index: int, _options: object, _env: object) -> str:
    ident = _mark_anchor(tokens[index])
    return f' <a href="#{ident}" class="footnote-backref" role="doc-backlink">\u21a9\ufe0e</a>'
