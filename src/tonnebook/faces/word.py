"""Official papers as Word files: the same content as the PDF, for whoever must work on with it.

The file carries no day of making and its parts stand in one order: the same data gives the same bytes, so that a digest
in the log stands for it.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, cast

import docx
import segno
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

from tonnebook.core.canonical import Json
from tonnebook.faces import packages

MIME: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_NO_DAY = datetime(*packages.NO_DAY, tzinfo=UTC)
_KEPT_STYLES = {"Normal", "Table Grid", "Normal Table", "Default Paragraph Font", "Footer", "Header"}
_QR_SIDE = Cm(2.8)
_RED = RGBColor(0xC0, 0x00, 0x00)
_CENTRE = WD_ALIGN_PARAGRAPH.CENTER
_LATIN, _TEXT_TYPE, _TITLE_TYPE, _PART_TYPE = "Times New Roman", "仿宋", "宋体", "黑体"


def letter(data: Mapping[str, Json]) -> bytes:
    """Write an official paper as a Word file; the same data give the same bytes.

    Args:
        data: what `members/documents/paper.typ` gets: `issuer`, `number`, `title`, `addressee`, `paragraphs`, `figures`
            and `parts` (tables), `signed` (lines), `foot`, `address` and `sentence`.

    Returns:
        A file that Word, WPS and LibreOffice open.
    """
    paper = _bare()
    _set_page(paper)
    _set_styles(paper)
    for name, style in (("issuer", "Issuer"), ("number", "Number"), ("title", "Subject"), ("addressee", "Addressee")):
        paper.add_paragraph(str(data[name]), style)
    for text in _texts(data["paragraphs"]):
        paper.add_paragraph(text, "Text")
    if data["figures"]:
        _add_table(paper, data["figures"])
    for line in _texts(data["signed"]):
        paper.add_paragraph(line, "Signed")
    for part in cast(Sequence[Json], data["parts"]):
        _add_table(paper, part)
    paper.add_picture(_code(str(data["address"])), width=_QR_SIDE)
    for name in ("sentence", "address"):
        paper.add_paragraph(str(data[name]), "Small")
    _add_page_number(paper.sections[0].footer.paragraphs[0], str(data["foot"]))
    return _without_a_day(paper)


def _bare() -> Document:
    """Open the template of python-docx without the looks a paper never uses: most of a megabyte in every file."""
    paper = docx.Document()
    for style in list(paper.styles):
        if style.name not in _KEPT_STYLES:
            style.delete()
    for relation in list(paper.part.rels.values()):
        if relation.reltype.endswith("/stylesWithEffects"):
            paper.part.rels.pop(relation.rId)
    return paper


def _set_page(paper: Document) -> None:
    """Set the page of official papers (GB/T 9704-2012): A4, 37 mm above the text and 28 mm left of it."""
    page = paper.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.top_margin, page.bottom_margin = Cm(3.7), Cm(3.5)
    page.left_margin, page.right_margin = Cm(2.8), Cm(2.6)


def _set_styles(paper: Document) -> None:
    """Add the styles of official papers; sizes and kinds of type are those of GB/T 9704-2012."""
    issuer = _add_style(paper, "Issuer", 26, typeface=_TITLE_TYPE, align=_CENTRE, after=6)
    issuer.font.color.rgb = _RED
    _add_style(paper, "Number", 14, align=_CENTRE, before=6, after=12)
    _add_style(paper, "Subject", 20, typeface=_TITLE_TYPE, align=_CENTRE, after=12)
    _add_style(paper, "Addressee", 16)
    text = _add_style(paper, "Text", 16).paragraph_format
    text.first_line_indent, text.line_spacing = Pt(32), Pt(28)
    _add_style(paper, "Signed", 16, align=WD_ALIGN_PARAGRAPH.RIGHT).paragraph_format.keep_with_next = True
    _add_style(paper, "Part", 14, typeface=_PART_TYPE, before=12, after=4).paragraph_format.keep_with_next = True
    _add_style(paper, "Head", 10.5).font.bold = True
    _add_style(paper, "Cell", 10.5)
    _add_style(paper, "Small", 9)


def _add_style(
    paper: Document,
    name: str,
    size: float,
    *,
    typeface: str = _TEXT_TYPE,
    align: WD_ALIGN_PARAGRAPH | None = None,
    before: float = 0,
    after: float = 0,
) -> ParagraphStyle:
    """Add a style of paragraphs; its size and the room before and after are in points."""
    style = cast(ParagraphStyle, paper.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH))
    style.font.name, style.font.size = _LATIN, Pt(size)
    # python-docx sets the typeface of Latin letters only.
    style.element.rPr.rFonts.set(qn("w:eastAsia"), typeface)
    form = style.paragraph_format
    form.alignment, form.space_before, form.space_after, form.line_spacing = align, Pt(before), Pt(after), 1
    return style


def _texts(value: Json) -> list[str]:
    return [str(one) for one in cast(Sequence[Json], value)]


def _add_table(paper: Document, part: Json) -> None:
    content = cast(Mapping[str, Json], part)
    columns, rows = _texts(content["columns"]), cast(Sequence[Json], content["rows"])
    paper.add_paragraph(str(content["title"]), "Part")
    table = paper.add_table(rows=0, cols=len(columns), style="Table Grid")
    for style, texts in (("Head", columns), *(("Cell", _texts(row)) for row in rows)):
        for cell, text in zip(table.add_row().cells, texts, strict=True):
            cell.paragraphs[0].style = style
            cell.paragraphs[0].add_run(text)
    # The first row is said again on every page.
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _code(address: str) -> io.BytesIO:
    code = io.BytesIO()
    segno.make(address, error="m", micro=False).save(code, kind="png", scale=6)
    code.seek(0)
    return code


def _add_page_number(foot: Paragraph, text: str) -> None:
    foot.style = "Small"
    foot.add_run(f"{text} · ")
    page = OxmlElement("w:fldSimple")
    page.set(qn("w:instr"), "PAGE")
    foot._p.append(page)


def _without_a_day(paper: Document) -> bytes:
    """Save a paper as if on no day and by no machine, for a ZIP directory tells both of every part."""
    paper.core_properties.created = paper.core_properties.modified = _NO_DAY
    paper.core_properties.author = paper.core_properties.comments = ""
    saved = io.BytesIO()
    paper.save(saved)
    with zipfile.ZipFile(saved) as parts:
        return packages.packed((name, parts.read(name)) for name in parts.namelist())
