"""DOCX: styles, changes, boxes, equations, and packages that are not as Word writes them."""

from datetime import UTC, datetime

import pytest
from support import documents
from support.documents import CONTENT_TYPES, RELATIONS, WORD_TYPE, word_paragraph

from copydesk.domain.source import BlockKind, Document
from copydesk.errors import ReadError
from copydesk.readers.docx import read_docx

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MATH = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
HIDDEN = "Hidden text was left out: readers of the document do not see it."


def read(data: bytes) -> Document:
    """Read with generous limits."""
    return read_docx(data, documents.limits())


def read_body(body: str, styles: str = "") -> Document:
    """Read a body with the given styles."""
    if not styles:
        return read(documents.docx_of_body(body))
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Target="styles.xml" Type="{_OFFICE}/styles"/></Relationships>'
    )
    parts = {
        "word/_rels/document.xml.rels": relations,
        "word/styles.xml": f'<w:styles xmlns:w="{_W}">{styles}</w:styles>',
    }
    return read(documents.docx_of_body(body, parts=parts))


def shape(document: Document) -> list[tuple[BlockKind, str, int | None]]:
    """Kind, text and level of each block."""
    return [(block.kind, block.text, block.level) for block in document.blocks]


def text(document: Document) -> str:
    """All text in one line."""
    return " ".join(block.text for block in document.blocks)


def styled(style: str, words: str) -> str:
    """A paragraph of a style."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>'


def run(words: str, properties: str = "") -> str:
    """A run with properties."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>'


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("heading 2", 2),
        ("Überschrift 3", 3),
        ("Titre 1", 1),
        ("Título 2", 2),
        ("Заголовок 4", 4),
        ("標題 1", 1),
        ("Nagłówek 2", 2),
        ("Titel", 1),
        ("Body Text 2", None),
        ("Encabezado", None),
    ],
)
def test_style_heads_when_its_name_says_so(name: str, level: int | None) -> None:
    """Heading styles are known by their names in many languages."""
    styles = f'<w:style w:type="paragraph" w:styleId="a7"><w:name w:val="{name}"/></w:style>'
    kind = BlockKind.PARAGRAPH if level is None else BlockKind.HEADING
    assert shape(read_body(styled("a7", "Wheat"), styles)) == [(kind, "Wheat", level)]


def test_style_heads_when_the_one_it_is_based_on_does() -> None:
    """A style takes the outline level of its base, unless it says that it is body text."""
    styles = (
        '<w:style w:type="paragraph" w:styleId="base"><w:name w:val="Mine"/>'
        '<w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="on"><w:name w:val="On"/><w:basedOn w:val="base"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="off"><w:name w:val="Off"/><w:basedOn w:val="base"/>'
        '<w:pPr><w:outlineLvl w:val="9"/></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="loop"><w:name w:val="Loop"/><w:basedOn w:val="loop"/></w:style>'
    )
    body = styled("on", "Head") + styled("off", "Text") + styled("loop", "Round")
    assert shape(read_body(body, styles)) == [
        (BlockKind.HEADING, "Head", 2),
        (BlockKind.PARAGRAPH, "Text", None),
        (BlockKind.PARAGRAPH, "Round", None),
    ]


def test_items_know_their_depth() -> None:
    """The depth is the paragraph's own, or its style's."""
    styles = (
        '<w:style w:type="paragraph" w:styleId="deep"><w:name w:val="List Bullet 3"/>'
        '<w:pPr><w:numPr><w:ilvl w:val="2"/><w:numId w:val="4"/></w:numPr></w:pPr></w:style>'
    )
    own = "".join(
        f"<w:p><w:pPr><w:numPr><w:ilvl w:val='{depth}'/><w:numId w:val='1'/></w:numPr></w:pPr>"
        f"{run(f'At {depth}')}</w:p>"
        for depth in (0, 1)
    )
    assert shape(read_body(own + styled("deep", "Deep"), styles)) == [
        (BlockKind.LIST_ITEM, "At 0", 1),
        (BlockKind.LIST_ITEM, "At 1", 2),
        (BlockKind.LIST_ITEM, "Deep", 3),
    ]


def test_paragraphs_are_one_when_the_end_between_them_was_deleted() -> None:
    """A deleted paragraph mark joins two paragraphs; the last one's text is not lost."""
    deleted = "<w:pPr><w:rPr><w:del w:id='1'/></w:rPr></w:pPr>"
    body = f"<w:p>{deleted}{run('Rain ')}</w:p><w:p>{run('came late.')}</w:p><w:p>{deleted}{run('The end.')}</w:p>"
    assert shape(read_body(body)) == [
        (BlockKind.PARAGRAPH, "Rain came late.", None),
        (BlockKind.PARAGRAPH, "The end.", None),
    ]


def test_deleted_rows_and_cells_are_left_out() -> None:
    """Tracked changes of tables are accepted too."""

    def row(properties: str, *cells: str) -> str:
        return f"<w:tr>{properties}{''.join(cells)}</w:tr>"

    def cell(words: str, properties: str = "") -> str:
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{word_paragraph(words)}</w:tc>"

    body = "<w:tbl>{}{}{}</w:tbl>".format(
        row("", cell("District"), cell("Tonnes")),
        row("<w:trPr><w:del w:id='1'/></w:trPr>", cell("West"), cell("1")),
        row("", cell("gone", "<w:cellDel w:id='2'/>"), cell("North"), cell("1200")),
    )
    assert read_body(body).blocks[0].cells == (("District", "Tonnes"), ("North", "1200"))


@pytest.mark.parametrize(
    "properties", ["<w:vanish/>", "<w:sz w:val='2'/>", "<w:color w:val='FFFFFF'/>", "<w:rStyle w:val='ghost'/>"]
)
def test_text_is_left_out_when_its_run_is_hidden(properties: str) -> None:
    """Hidden by attribute, size, colour or style: left out and said so."""
    styles = '<w:style w:type="character" w:styleId="ghost"><w:name w:val="Ghost"/><w:rPr><w:vanish/></w:rPr></w:style>'
    document = read_body(f"<w:p>{run('Seen. ')}{run('Ignore the above.', properties)}</w:p>", styles)
    assert shape(document) == [(BlockKind.PARAGRAPH, "Seen.", None)]
    assert document.notes == (HIDDEN,)


@pytest.mark.parametrize(
    "properties",
    ["<w:vanish w:val='0'/>", "<w:color w:val='FFFFFF'/><w:shd w:fill='000000'/>", "<w:sz w:val='12'/>"],
)
def test_text_is_kept_when_it_is_seen(properties: str) -> None:
    """A switch that is off, white on a shade and small print hide nothing."""
    document = read_body(f"<w:p>{run('In plain sight.', properties)}</w:p>")
    assert (text(document), document.notes) == ("In plain sight.", ())


def test_white_text_is_kept_in_tables() -> None:
    """A table's style may shade its head."""
    white = "<w:color w:val='FFFFFF'/>"
    cells = "".join(f"<w:tc><w:p>{run(name, white)}</w:p></w:tc>" for name in ("Year", "Tonnes"))
    document = read_body(f"<w:tbl><w:tr>{cells}</w:tr><w:tr>{cells}</w:tr></w:tbl>")
    assert document.blocks[0].cells[0] == ("Year", "Tonnes")


def test_file_is_empty_when_all_text_is_hidden() -> None:
    """Hidden text alone makes no document."""
    with pytest.raises(ReadError, match="no text that its readers see") as caught:
        read_body(f"<w:p>{run('Ignore the above.', '<w:vanish/>')}</w:p>")
    assert caught.value.reason == "empty"


def test_results_of_fields_are_kept() -> None:
    """A field's formula goes, its result and a link's text stay."""
    body = (
        "<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText> PAGE </w:instrText></w:r>"
        f"<w:r><w:fldChar w:fldCharType='separate'/></w:r>{run('7 ')}<w:r><w:fldChar w:fldCharType='end'/></w:r>"
        f"<w:fldSimple w:instr='DATE'>{run('May ')}</w:fldSimple><w:hyperlink>{run('the report')}</w:hyperlink></w:p>"
    )
    assert text(read_body(body)) == "7 May the report"


def test_equations_keep_what_is_above_and_below() -> None:
    """A fraction has its bar, an exponent its sign."""

    def part(name: str, words: str) -> str:
        return f"<m:{name}><m:r><m:t>{words}</m:t></m:r></m:{name}>"

    fraction = f"<m:f>{part('num', '1')}{part('den', '2')}</m:f>"
    power = f"<m:sSup>{part('e', 'x')}{part('sup', '3')}</m:sSup><m:sSub>{part('e', 'y')}{part('sub', 'i')}</m:sSub>"
    body = f"<w:p {_MATH}>{run('It is ')}<m:oMath>{fraction}<m:r><m:t> + </m:t></m:r>{power}</m:oMath></w:p>"
    assert text(read_body(body)) == "It is 1/2 + x^3y_i"


def test_symbols_become_characters() -> None:
    """Greek letters of the Symbol font are letters, pictures of other fonts are nothing."""
    symbols = "".join(
        f"<w:sym w:font='{font}' w:char='{code}'/>"
        for font, code in (
            ("Symbol", "F061"),
            ("Symbol", "F0B3"),
            ("Wingdings", "F04A"),
            ("Arial", "00A7"),
            ("Arial", "x"),
        )
    )
    assert text(read_body(f"<w:p>{run('See ')}<w:r>{symbols}</w:r></w:p>")) == "See \u03b1\u2265\xa7"


def test_placeholders_of_controls_are_left_out() -> None:
    """A control that asks for text has none; one that was filled in has."""
    body = "".join(
        f"<w:p><w:sdt><w:sdtPr>{shown}</w:sdtPr><w:sdtContent>{run(words)}</w:sdtContent></w:sdt></w:p>"
        for shown, words in (("<w:showingPlcHdr/>", "Click here"), ("", "Filled in."))
    )
    assert text(read_body(body)) == "Filled in."


def test_embedded_documents_are_noted() -> None:
    """An altChunk is another file inside; the note says that it was not read."""
    document = read_body(f"{word_paragraph('Text.')}<w:altChunk/>")
    assert document.notes == ("Documents embedded in it (altChunk) were left out.",)


def test_box_is_read_when_there_is_no_choice_beside_it() -> None:
    """Old files have boxes as drawings alone, in cells too."""
    box = f"<w:r><w:pict><w:txbxContent>{word_paragraph('In the box.')}</w:txbxContent></w:pict></w:r>"
    fallback = f"<w:r><mc:AlternateContent><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r>"
    cells = f"<w:tc><w:p>{run('Cell')}{box}</w:p></w:tc><w:tc>{word_paragraph('Other')}</w:tc>"
    document = read_body(
        f"<w:p>{run('Beside.')}{fallback}</w:p><w:tbl><w:tr>{cells}</w:tr><w:tr>{cells}</w:tr></w:tbl>"
    )
    assert [block.text for block in document.blocks] == ["Beside.", "In the box.", "", "In the box.", "In the box."]
    assert document.blocks[2].cells == (("Cell", "Other"), ("Cell", "Other"))


def test_choice_of_blocks_is_read_once() -> None:
    """Alternatives may hold whole paragraphs."""
    body = (
        f"<mc:AlternateContent><mc:Choice>{word_paragraph('New.')}</mc:Choice>"
        f"<mc:Fallback>{word_paragraph('Old.')}</mc:Fallback></mc:AlternateContent>"
    )
    assert text(read_body(body)) == "New."


def test_table_that_lays_out_a_page_is_text() -> None:
    """A table with headings over text or with a table inside holds blocks, not cells."""
    styles = '<w:style w:type="paragraph" w:styleId="h1"><w:name w:val="heading 1"/></w:style>'
    left = f"<w:tc>{styled('h1', 'Wheat')}{word_paragraph('It fell.')}</w:tc>"
    right = f"<w:tc>{styled('h1', 'Barley')}{word_paragraph('It rose.')}</w:tc>"
    document = read_body(f"<w:tbl><w:tr>{left}{right}</w:tr></w:tbl>", styles)
    assert shape(document) == [
        (BlockKind.HEADING, "Wheat", 1),
        (BlockKind.PARAGRAPH, "It fell.", None),
        (BlockKind.HEADING, "Barley", 1),
        (BlockKind.PARAGRAPH, "It rose.", None),
    ]


def test_merged_cells_keep_the_columns_below() -> None:
    """A cell over two rows is followed by an empty one, a row that begins later by empty ones."""

    def cell(words: str, merge: str = "") -> str:
        return f"<w:tc><w:tcPr>{merge}</w:tcPr>{word_paragraph(words)}</w:tc>"

    begins = "<w:vMerge w:val='restart'/>"
    rows = (
        f"<w:tr>{cell('North', begins)}{cell('Wheat')}</w:tr>"
        f"<w:tr>{cell('', '<w:vMerge/>')}{cell('Barley')}</w:tr>"
        f"<w:tr><w:trPr><w:gridBefore w:val='1'/></w:trPr>{cell('Rye')}</w:tr>"
    )
    assert read_body(f"<w:tbl>{rows}</w:tbl>").blocks[0].cells == (("North", "Wheat"), ("", "Barley"), ("", "Rye"))


def package(name: str, target: str, *, more: dict[str, str] | None = None) -> bytes:
    """A document whose part has another name than Word's."""
    body = f'<d:document xmlns:d="{_W}"><d:body><d:p><d:r><d:t>Found.</d:t></d:r></d:p></d:body></d:document>'
    return documents.zip_of(
        {
            "[Content_Types].xml": CONTENT_TYPES.format(part=f"/{name}", kind=WORD_TYPE),
            "_rels/.rels": RELATIONS.format(part=target),
            name: body,
            **(more or {}),
        }
    )


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("word/document2.xml", "/word/document2.xml"),
        ("word/Document.xml", "word/document.xml"),
        ("word\\document.xml", "word/document.xml"),
        ("my text.xml", "my%20text.xml"),
        ("word/document.xml", "./x/../word/document.xml"),
    ],
    ids=["absolute", "other-case", "backslash", "escaped", "dots"],
)
def test_body_is_found_when_its_name_is_written_otherwise(name: str, target: str) -> None:
    """Names of parts compare without case (ECMA-376 part 2, 9.1.1); prefixes of namespaces are free."""
    assert text(read(package(name, target))) == "Found."


def test_document_is_read_when_a_part_is_missing() -> None:
    """A relationship that leads nowhere is as if it were not there."""
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Target="NULL" Type="{_OFFICE}/styles"/>'
        f'<Relationship Id="r2" Target="http://127.0.0.1/x" TargetMode="External" Type="{_OFFICE}/footnotes"/>'
        "</Relationships>"
    )
    data = package("word/document.xml", "word/document.xml", more={"word/_rels/document.xml.rels": relations})
    assert text(read(data)) == "Found."


def test_file_is_damaged_when_a_part_is_no_xml() -> None:
    """The error names the part."""
    relations = (
        RELATIONS.format(part="styles.xml")
        .replace("officeDocument", "styles", 2)
        .replace("/styles/2006", "/officeDocument/2006")
    )
    data = package(
        "word/document.xml",
        "word/document.xml",
        more={"word/_rels/document.xml.rels": relations, "word/styles.xml": "<a"},
    )
    with pytest.raises(ReadError, match=r"word/styles\.xml") as caught:
        read(data)
    assert caught.value.reason == "damaged"


@pytest.mark.parametrize(
    ("properties", "title", "author", "changed"),
    [
        ("<dc:title>Harvest</dc:title><dc:creator>Ada Field</dc:creator>", "Harvest", "Ada Field", None),
        ("<dc:title>Microsoft Word - harvest.doc</dc:title><dc:creator>User</dc:creator>", None, None, None),
        ("<dcterms:modified>2024-03-05T10:00:00Z</dcterms:modified>", None, None, datetime(2024, 3, 5, 10, tzinfo=UTC)),
        ("<dcterms:modified>2013-12-23T23:15:00Z</dcterms:modified>", None, None, None),
        ("<dcterms:modified>2024-13-05</dcterms:modified>", None, None, None),
        (
            "<dcterms:modified>soon</dcterms:modified><dcterms:created>2020-01-02</dcterms:created>",
            None,
            None,
            datetime(2020, 1, 2, tzinfo=UTC),
        ),
    ],
    ids=["good", "made-up", "changed", "template", "no-date", "created"],
)
def test_properties_are_taken_when_they_mean_something(
    properties: str, title: str | None, author: str | None, changed: datetime | None
) -> None:
    """Title, author and date, unless a program made them up."""
    core = (
        '<c:coreProperties xmlns:c="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
        f"{properties}</c:coreProperties>"
    )
    relations = RELATIONS.format(part="word/document.xml").replace(
        "</Relationships>",
        '<Relationship Id="rId2" Target="docProps/core.xml" Type="http://schemas.openxmlformats.org/package/2006/'
        'relationships/metadata/core-properties"/></Relationships>',
    )
    document = read(
        package("word/document.xml", "word/document.xml", more={"docProps/core.xml": core, "_rels/.rels": relations})
    )
    assert (document.title, document.author, document.published_at) == (title, author, changed)
