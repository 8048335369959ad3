"""Official papers as Word files: the same content as the PDF, for whoever must work on with it.

The file is written part by part (Office Open XML, ECMA-376) and stored without compression and without a day of making:
the same data gives the same bytes on every machine, so that a digest in the log stands for it.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Final, cast
from xml.sax.saxutils import escape, quoteattr

import segno

from tonnebook.core.canonical import Json

MIME: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# The first day that a ZIP directory can name.
_NO_DAY = (1980, 1, 1, 0, 0, 0)
# English Metric Units: 2.8 cm, as on the PDF.
_QR_SIZE = 1_008_000
_RED, _LINE = "C00000", "B9C4BD"


def letter(data: Mapping[str, Json]) -> bytes:
    """Write an official paper as a Word file; the same data give the same bytes.

    Args:
        data: what `members/documents/paper.typ` gets: `issuer`, `number`, `title`, `addressee`, `paragraphs`, `figures`
            and `parts` (tables), `signed` (lines), `foot`, `address` and `sentence`.

    Returns:
        A file that Word, WPS and LibreOffice open.
    """
    code = io.BytesIO()
    segno.make(str(data["address"]), error="m", micro=False).save(code, kind="png", scale=6)
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": _CONTENT_TYPES,
        "_rels/.rels": _relations(("officeDocument", "word/document.xml")),
        "word/document.xml": _document(data),
        "word/styles.xml": _STYLES,
        "word/footer.xml": _footer(str(data["foot"])),
        "word/_rels/document.xml.rels": _relations(
            ("styles", "styles.xml"), ("footer", "footer.xml"), ("image", "qr.png")
        ),
        "word/qr.png": code.getvalue(),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, _NO_DAY)
            # By default the system of whoever writes it stands in the directory.
            info.create_system = 0
            archive.writestr(info, content)
    return file.getvalue()


def _document(data: Mapping[str, Json]) -> str:
    body = [
        _paragraph(data["issuer"], "Issuer"),
        _paragraph(data["number"], "Number"),
        _paragraph(data["title"], "Title"),
        _paragraph(data["addressee"], "Addressee"),
        *(_paragraph(text, "Text") for text in _texts(data["paragraphs"])),
        *_tables([data["figures"]] if data["figures"] else []),
        *(_paragraph(text, "Signed") for text in _texts(data["signed"])),
        *_tables(cast(Sequence[Json], data["parts"])),
        _picture(str(data["address"])),
        _paragraph(data["sentence"], "Small"),
        _paragraph(data["address"], "Small"),
        '<w:sectPr><w:footerReference w:type="default" r:id="rId2"/><w:pgSz w:w="11906" w:h="16838"/>'
        '<w:pgMar w:top="2098" w:right="1474" w:bottom="1985" w:left="1588" w:header="851" w:footer="992"'
        ' w:gutter="0"/></w:sectPr>',
    ]
    spaces = f'xmlns:w="{_MAIN}" xmlns:r="{_OFFICE}" xmlns:wp="{_DRAWING}/wordprocessingDrawing"'
    return f"{_HEAD}<w:document {spaces}><w:body>{''.join(body)}</w:body></w:document>"


def _texts(value: Json) -> list[str]:
    return [str(one) for one in cast(Sequence[Json], value)]


def _run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _paragraph(text: Json, style: str) -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{_run(str(text))}</w:p>'


def _tables(parts: Sequence[Json]) -> list[str]:
    return [piece for part in parts for piece in _table(cast(Mapping[str, Json], part))]


def _table(part: Mapping[str, Json]) -> tuple[str, str]:
    columns = _texts(part["columns"])
    rows = [_row(_texts(row), "Cell") for row in cast(Sequence[Json], part["rows"])]
    grid = "<w:gridCol/>" * len(columns)
    edges = "".join(f'<w:{edge} w:val="single" w:sz="4" w:color="{_LINE}"/>' for edge in _EDGES)
    look = f'<w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:tblBorders>{edges}</w:tblBorders></w:tblPr>'
    # The first row is said again on every page.
    head = _row(columns, "Head", "<w:trPr><w:tblHeader/></w:trPr>")
    table = f"<w:tbl>{look}<w:tblGrid>{grid}</w:tblGrid>{head}{''.join(rows)}</w:tbl>"
    return _paragraph(part["title"], "Part"), table


def _row(cells: Sequence[str], style: str, properties: str = "") -> str:
    return f"<w:tr>{properties}{''.join(f'<w:tc>{_paragraph(cell, style)}</w:tc>' for cell in cells)}</w:tr>"


def _picture(address: str) -> str:
    size = f'cx="{_QR_SIZE}" cy="{_QR_SIZE}"'
    name = f'id="1" name="QR" descr={quoteattr(address)}'
    return (
        f'<w:p><w:r><w:drawing><wp:inline><wp:extent {size}/><wp:docPr {name}/><a:graphic xmlns:a="{_DRAWING}/main">'
        f'<a:graphicData uri="{_DRAWING}/picture"><pic:pic xmlns:pic="{_DRAWING}/picture"><pic:nvPicPr>'
        f'<pic:cNvPr {name}/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="rId3"/><a:stretch>'
        f'<a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline>'
        "</w:drawing></w:r></w:p>"
    )


def _footer(text: str) -> str:
    page = '<w:fldSimple w:instr="PAGE"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    line = f'<w:p><w:pPr><w:pStyle w:val="Small"/></w:pPr>{_run(text + " · ")}{page}</w:p>'
    return f'{_HEAD}<w:ftr xmlns:w="{_MAIN}">{line}</w:ftr>'


def _relations(*relations: tuple[str, str]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{count}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for count, (kind, target) in enumerate(relations, start=1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def _style(name: str, size: int, *, paragraph: str = "", run: str = "", east: str = "仿宋") -> str:
    return (
        f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{name}"/>'
        f"<w:pPr>{paragraph}</w:pPr>"
        f'<w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="{east}"/>{run}'
        f'<w:sz w:val="{size}"/></w:rPr></w:style>'
    )


_EDGES = ("top", "left", "bottom", "right", "insideH", "insideV")
_CENTRE, _RIGHT = '<w:jc w:val="center"/>', '<w:jc w:val="right"/>'
# Sizes are half points; the kinds of type are those of official papers (GB/T 9704-2012), which Word and WPS have.
_STYLES = "".join(
    [
        f'{_HEAD}<w:styles xmlns:w="{_MAIN}">',
        _style(
            "Issuer",
            52,
            paragraph=f'<w:pBdr><w:bottom w:val="single" w:sz="12" w:space="6" w:color="{_RED}"/></w:pBdr>{_CENTRE}',
            run=f'<w:color w:val="{_RED}"/>',
            east="宋体",
        ),
        _style("Number", 28, paragraph=f'<w:spacing w:before="120" w:after="240"/>{_CENTRE}'),
        _style("Title", 40, paragraph=f'<w:spacing w:after="240"/>{_CENTRE}', east="宋体"),
        _style("Addressee", 32),
        _style("Text", 32, paragraph='<w:spacing w:line="560" w:lineRule="exact"/><w:ind w:firstLineChars="200"/>'),
        _style("Signed", 32, paragraph=f"<w:keepNext/>{_RIGHT}"),
        _style("Part", 28, paragraph='<w:keepNext/><w:spacing w:before="240" w:after="80"/>', east="黑体"),
        _style("Head", 21, run="<w:b/>"),
        _style("Cell", 21),
        _style("Small", 18),
        "</w:styles>",
    ]
)
_CONTENT_TYPES = (
    f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="png" ContentType="image/png"/>'
    f'<Override PartName="/word/document.xml" ContentType="{MIME}.main+xml"/>'
    + "".join(
        f'<Override PartName="/word/{part}.xml"'
        f' ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.{part}+xml"/>'
        for part in ("styles", "footer")
    )
    + "</Types>"
)
