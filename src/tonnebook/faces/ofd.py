"""Official papers as OFD files (GB/T 33190-2016): the fixed pages that Chinese archives and readers of papers ask for.

Every sign has its place in millimetres, so a page looks alike wherever the three typefaces are; they are named, not
embedded, as in the Word file. No day of making and one order of parts: the same data give the same bytes. That elements
stand in the order of the standard is from memory, for no schema of it was at hand.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import segno

from tonnebook.core import canonical
from tonnebook.core.canonical import Json
from tonnebook.faces import packages

MIME: Final = "application/ofd"
NAMESPACE: Final = "http://www.ofdspec.org/2016"
# Where the parts of the one document lie in the package.
DOCUMENT: Final = "Doc_0"

# The page of official papers (GB/T 9704-2012) in millimetres: A4, 37 above the text and 28 left of it, 156 wide.
_PAGE_WIDTH, _PAGE_HEIGHT = 210.0, 297.0
_LEFT, _TOP, _WIDTH, _BOTTOM, _FOOT = 28.0, 37.0, 156.0, 262.0, 278.0
_MM_PER_POINT = 25.4 / 72
_TYPEFACES = ("宋体", "仿宋", "黑体")
_TITLE_TYPE, _TEXT_TYPE, _PART_TYPE = 1, 2, 3
_RED, _BLACK = "192 0 0", "0 0 0"
_LEADING, _PADDING, _RULE = 1.5, 1.0, 0.2
_CELL_LINES_MAX = 40
_QR_SIDE = 28.0
# A word of Latin signs stays together; any other sign stands alone. What closes a phrase does not begin a line.
_PIECES = re.compile(r"[!-~]+|.")
_CLOSING = frozenset("，。、；：？！）》〉」』】〕”’")


@dataclass(frozen=True, slots=True)
class _Style:
    # A typeface by its number, its size in points, colour, and whether lines stand in the middle or at the right.
    typeface: int
    points: float
    colour: str = _BLACK
    align: str = "left"

    @property
    def size(self) -> float:
        return self.points * _MM_PER_POINT


_STYLES: Final = {
    "issuer": _Style(_TITLE_TYPE, 26, _RED, "middle"),
    "number": _Style(_TEXT_TYPE, 14, align="middle"),
    "title": _Style(_TITLE_TYPE, 20, align="middle"),
    "addressee": _Style(_TEXT_TYPE, 16),
    "paragraph": _Style(_TEXT_TYPE, 16),
    "signed": _Style(_TEXT_TYPE, 16, align="right"),
    "part": _Style(_PART_TYPE, 14),
    "head": _Style(_PART_TYPE, 10.5),
    "cell": _Style(_TEXT_TYPE, 10.5),
    "small": _Style(_TEXT_TYPE, 9),
}


def letter(data: Mapping[str, Json]) -> bytes:
    """Write an official paper as an OFD file; the same data give the same bytes.

    Args:
        data: what `members/documents/paper.typ` gets: `issuer`, `number`, `title`, `addressee`, `paragraphs`, `figures`
            and `parts` (tables), `signed` (lines), `foot`, `address` and `sentence`.

    Returns:
        A package that readers of OFD open.

    Source: design choice, no legal source; the form is that of GB/T 33190-2016, as recalled.
    """
    pages = _Pages(foot=str(data["foot"]))
    for style in ("issuer", "number", "title", "addressee"):
        pages.write(str(data[style]), style, after=3)
    for text in _texts(data["paragraphs"]):
        pages.write(f"\u3000\u3000{text}", "paragraph")
    if data["figures"]:
        pages.tabulate(data["figures"])
    pages.skip(6)
    for text in _texts(data["signed"]):
        pages.write(text, "signed")
    for part in cast(Sequence[Json], data["parts"]):
        pages.tabulate(part)
    pages.draw_code(str(data["address"]))
    for small in ("sentence", "address"):
        pages.write(str(data[small]), "small")
    return packages.packed(_parts(pages, data))


@dataclass(slots=True)
class _Pages:
    # Pages under way: layers that objects are drawn on, how far down the last one is filled, the last number given.
    foot: str
    layers: list[Element] = field(default_factory=list)
    y: float = _BOTTOM
    last_id: int = len(_TYPEFACES)

    def write(self, text: str, style_name: str, *, after: float = 0) -> None:
        style = _STYLES[style_name]
        for line in _wrapped(text, _WIDTH / style.size):
            self.make_room(style.size * _LEADING)
            slack = _WIDTH - _ems(line) * style.size
            self.put(line, style, _LEFT + {"left": 0.0, "middle": slack / 2, "right": slack}[style.align], self.y)
            self.skip(style.size * _LEADING)
        self.skip(after)

    def tabulate(self, part: Json) -> None:
        content = cast(Mapping[str, Json], part)
        columns, rows = _texts(content["columns"]), cast(Sequence[Json], content["rows"])
        self.skip(4)
        self.write(str(content["title"]), "part", after=1)
        head = self._cells(columns, _STYLES["head"])
        for row in (head, *(self._cells(_texts(one), _STYLES["cell"]) for one in rows)):
            for first in range(0, max(map(len, row)), _CELL_LINES_MAX):
                self._row([lines[first : first + _CELL_LINES_MAX] for lines in row], head, is_head=row is head)

    def _cells(self, texts: Sequence[str], style: _Style) -> list[list[str]]:
        room = (_WIDTH / len(texts) - 2 * _PADDING) / style.size
        return [_wrapped(text, room) for text in texts]

    def _row(self, cells: list[list[str]], head: list[list[str]], *, is_head: bool) -> None:
        style = _STYLES["head" if is_head else "cell"]
        step, width = style.size * _LEADING, _WIDTH / len(cells)
        height = max(map(len, cells)) * step + 2 * _PADDING
        # The first row is said again on every page.
        if self.make_room(height) and not is_head:
            self._row(head, head, is_head=True)
        for column, lines in enumerate(cells):
            self.frame(_LEFT + column * width, width, height)
            for count, line in enumerate(lines):
                self.put(line, style, _LEFT + column * width + _PADDING, self.y + _PADDING + count * step)
        self.skip(height)

    def make_room(self, height: float) -> bool:
        if self.layers and self.y + height <= _BOTTOM:
            return False
        self.layers.append(Element(name("Layer"), {"Type": "Body", "ID": self.next_id()}))
        self.y = _TOP
        self.put(f"{self.foot} · {len(self.layers)}", _STYLES["small"], _LEFT, _FOOT)
        return True

    def skip(self, height: float) -> None:
        self.y += height

    def put(self, line: str, style: _Style, x: float, y: float) -> None:
        steps = [_em(sign) * style.size for sign in line]
        place = _box(x, y, max(sum(steps), style.size), style.size * _LEADING)
        kept = {"ID": self.next_id(), "Boundary": place, "Font": str(style.typeface), "Size": _mm(style.size)}
        drawn = SubElement(self.layers[-1], name("TextObject"), kept)
        SubElement(drawn, name("FillColor"), {"Value": style.colour})
        at = {"X": "0", "Y": _mm(style.size)}
        if len(line) > 1:
            at["DeltaX"] = " ".join(map(_mm, steps[:-1]))
        SubElement(drawn, name("TextCode"), at).text = line

    def frame(self, x: float, width: float, height: float) -> None:
        corners = f"M 0 0 L {_mm(width)} 0 L {_mm(width)} {_mm(height)} L 0 {_mm(height)} C"
        look = {"LineWidth": _mm(_RULE), "Stroke": "true"}
        self._path(corners, x, self.y, width, height, look, "StrokeColor")

    def draw_code(self, address: str) -> None:
        self.skip(4)
        self.make_room(_QR_SIDE)
        modules = [list(row) for row in segno.make(address, error="m", micro=False).matrix]
        side = _QR_SIDE / len(modules)
        squares = " ".join(
            f"M {_mm(x * side)} {_mm(y * side)} L {_mm((x + 1) * side)} {_mm(y * side)} "
            f"L {_mm((x + 1) * side)} {_mm((y + 1) * side)} L {_mm(x * side)} {_mm((y + 1) * side)} C"
            for y, row in enumerate(modules)
            for x, is_dark in enumerate(row)
            if is_dark
        )
        look = {"Stroke": "false", "Fill": "true"}
        self._path(squares, _LEFT, self.y, _QR_SIDE, _QR_SIDE, look, "FillColor")
        self.skip(_QR_SIDE + 2)

    def _path(
        self, drawn: str, x: float, y: float, width: float, height: float, look: Mapping[str, str], colour: str
    ) -> None:
        kept = {"ID": self.next_id(), "Boundary": _box(x, y, width, height), **look}
        path = SubElement(self.layers[-1], name("PathObject"), kept)
        SubElement(path, name(colour), {"Value": _BLACK})
        SubElement(path, name("AbbreviatedData")).text = drawn

    def next_id(self) -> str:
        self.last_id += 1
        return str(self.last_id)


def _parts(pages: _Pages, data: Mapping[str, Json]) -> list[tuple[str, bytes]]:
    places = [(pages.next_id(), f"Pages/Page_{count}/Content.xml") for count in range(len(pages.layers))]
    contents = [_page(layer) for layer in pages.layers]
    return [
        ("OFD.xml", written(_root(data))),
        (f"{DOCUMENT}/Document.xml", written(_document(places, pages.last_id))),
        (f"{DOCUMENT}/PublicRes.xml", written(_resources())),
        # A list with nothing in it yet: a seal that comes later changes no part that it covers.
        (f"{DOCUMENT}/Signs/Signatures.xml", written(Element(name("Signatures")))),
        *((f"{DOCUMENT}/{place}", written(page)) for (_, place), page in zip(places, contents, strict=True)),
    ]


def _root(data: Mapping[str, Json]) -> Element:
    root = Element(name("OFD"), {"Version": "1.0", "DocType": "OFD"})
    body = SubElement(root, name("DocBody"))
    info = SubElement(body, name("DocInfo"))
    tell(info, DocID=canonical.digest(data)[:32], Title=str(data["title"]), Author=str(data["issuer"]))
    tell(info, Subject=str(data["number"]))
    tell(body, DocRoot=f"{DOCUMENT}/Document.xml", Signatures=f"{DOCUMENT}/Signs/Signatures.xml")
    return root


def _document(places: Sequence[tuple[str, str]], last_id: int) -> Element:
    document = Element(name("Document"))
    shared = SubElement(document, name("CommonData"))
    tell(shared, MaxUnitID=str(last_id))
    tell(SubElement(shared, name("PageArea")), PhysicalBox=_box(0, 0, _PAGE_WIDTH, _PAGE_HEIGHT))
    tell(shared, PublicRes="PublicRes.xml")
    listed = SubElement(document, name("Pages"))
    for number, place in places:
        SubElement(listed, name("Page"), {"ID": number, "BaseLoc": place})
    return document


def _resources() -> Element:
    resources = Element(name("Res"), {"BaseLoc": "Res"})
    fonts = SubElement(resources, name("Fonts"))
    for number, typeface in enumerate(_TYPEFACES, start=1):
        SubElement(fonts, name("Font"), {"ID": str(number), "FontName": typeface, "FamilyName": typeface})
    return resources


def _page(layer: Element) -> Element:
    page = Element(name("Page"))
    SubElement(page, name("Content")).append(layer)
    return page


def tell(parent: Element, **texts: str) -> None:
    """Add children that hold a text each."""
    for local, text in texts.items():
        SubElement(parent, name(local)).text = text


def written(root: Element) -> bytes:
    """Write a part as UTF-8."""
    ElementTree.register_namespace("ofd", NAMESPACE)
    text: bytes = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return text


def name(local: str) -> str:
    """Name an element or attribute of the standard."""
    return f"{{{NAMESPACE}}}{local}"


def _wrapped(text: str, ems: float) -> list[str]:
    lines, line, used = [], "", 0.0
    for piece in _PIECES.findall(text):
        # A word longer than a line is broken anywhere.
        for part in [piece] if _ems(piece) <= ems else piece:
            if line and used + _ems(part) > ems and part not in _CLOSING:
                lines.append(line.rstrip(" "))
                line, used = "", 0.0
            if line or part != " ":
                line, used = line + part, used + _ems(part)
    return [*lines, line]


def _ems(text: str) -> float:
    return sum(map(_em, text))


# In the three typefaces a Latin sign is half as wide as a Chinese one.
def _em(sign: str) -> float:
    return 1.0 if unicodedata.east_asian_width(sign) in "WFA" else 0.5


def _box(x: float, y: float, width: float, height: float) -> str:
    return f"{_mm(x)} {_mm(y)} {_mm(width)} {_mm(height)}"


def _mm(length: float) -> str:
    return f"{length:.3f}".rstrip("0").rstrip(".")


def _texts(value: Json) -> list[str]:
    return [str(one) for one in cast(Sequence[Json], value)]
