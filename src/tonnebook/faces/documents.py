"""Documents as PDF: typst lays them out with the fonts of this folder, so that every machine makes the same bytes.

A template `<room>/documents/<name>.typ` gets its data as plain JSON (`json(bytes(sys.inputs.data))`): what people typed
is text and never markup. The file is PDF/A-2a, made to be read in thirty years, and carries every font it needs.
"""

import functools
import hashlib
import io
import json
import struct
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import segno
import typst
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext

from tonnebook.core.canonical import Json
from tonnebook.core.errors import Fault

_PACKAGE = Path(__file__).resolve().parents[1]
_FONTS = Path(__file__).with_name("fonts")
_REGULAR = _FONTS / "NotoSansCJKsc-Regular.otf"
_STANDARD: Final = "a-2a"
# Line ends need no sign of the font; small figures (CO₂, 10⁴) are set by the sheet from ordinary ones.
_LAYOUT_SIGNS = frozenset("\n\t₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹")
# The font has one space that does not break.
_SPACES = str.maketrans({"\u202f": "\u00a0"})
_SEGMENTED_COVERAGE = 12


def pdf(template: str, data: Mapping[str, Json], *, made_at: datetime) -> bytes:
    """Lay out a document; the same data and instant give the same bytes.

    Args:
        template: room and name, such as "registry/statement".
        data: what the template shows; numbers that people read come as text, already formatted.
        made_at: when the document is made; it stands in the file.

    Returns:
        A PDF/A-2a file. A sign that the font lacks stands there by its code, such as <U+202E>: neither a blank box, nor
        one that turns the text around.
    """
    room, _, name = template.partition("/")
    text = json.dumps(_drawable(dict(data)), ensure_ascii=False, sort_keys=True)
    source = _PACKAGE / room / "documents" / f"{name}.typ"
    compiler = typst.Compiler(input=source, root=_PACKAGE, font_paths=_fonts())
    made = compiler.compile(
        format="pdf",
        sys_inputs={"data": text},
        pdf_standards=[_STANDARD],
        timestamp=int(made_at.timestamp()),
    )
    if not isinstance(made, bytes):
        raise Fault("PDF", template=template, pages=made)
    return made


def qr(text: str) -> str:
    """Draw a QR code as SVG, for a template to place.

    Args:
        text: usually an address; >= 1 sign.

    Returns:
        The drawing, with the quiet zone that readers need.
    """
    buffer = io.BytesIO()
    segno.make(text, error="m", micro=False).save(buffer, kind="svg", xmldecl=False, nl=False)
    return buffer.getvalue().decode()


def check_block(asked: str, site: str) -> dict[str, Json]:
    """Give what every sheet says about where anybody can check it, in the current language.

    Args:
        asked: number or digest of the document.
        site: address of these pages, such as "https://registry.example".

    Returns:
        `address`, `qr` (SVG) and `sentence`, for a template.
    """
    address = f"{site}/public/document?asked={asked}"
    sentence = gettext("Check this document: its digest stands in the public log under the number above.")
    return {"address": address, "qr": qr(address), "sentence": sentence}


def digest(content: bytes) -> str:
    """Give the digest by which a document is recognised: SHA-256, 64 hexadecimal digits."""
    return digest_of([content])


def digest_of(parts: Iterable[bytes]) -> str:
    """Give the digest of a file that comes in parts, without keeping it."""
    running = hashlib.sha256()
    for part in parts:
        running.update(part)
    return running.hexdigest()


def attachment(content: bytes, name: str, *, mime: str = "application/pdf") -> HttpResponse:
    """Answer with a file to be kept.

    Args:
        content: the file.
        name: of the file, with its ending.
        mime: what it is.
    """
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=name)}
    return HttpResponse(content, content_type=mime, headers=headers)


@functools.cache
def signs() -> frozenset[str]:
    """Give the signs that the font can draw, as the font itself says."""
    return frozenset(_signs_of(_REGULAR.read_bytes()))


@functools.cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_FONTS)])


def _drawable(value: Json) -> Json:
    if isinstance(value, str):
        known = signs() | _LAYOUT_SIGNS
        return "".join(one if one in known else f"<U+{ord(one):04X}>" for one in value.translate(_SPACES))
    if isinstance(value, list):
        return [_drawable(one) for one in value]
    if isinstance(value, dict):
        return {name: _drawable(one) for name, one in value.items()}
    return value


# OpenType, tables "cmap": the segmented coverage (format 12) lists every sign from U+0000 to U+10FFFF in ranges.
def _signs_of(font: bytes) -> Iterator[str]:
    (tables,) = struct.unpack_from(">4xH", font)
    directory = {
        tag: offset for tag, offset in (struct.unpack_from(">4s4xI", font, 12 + 16 * index) for index in range(tables))
    }
    start = directory[b"cmap"]
    (encodings,) = struct.unpack_from(">2xH", font, start)
    for index in range(encodings):
        (offset,) = struct.unpack_from(">4xI", font, start + 4 + 8 * index)
        kind, groups = struct.unpack_from(">H10xI", font, start + offset)
        if kind == _SEGMENTED_COVERAGE:
            for group in range(groups):
                first, last = struct.unpack_from(">II", font, start + offset + 16 + 12 * group)
                yield from map(chr, range(first, last + 1))
