"""Documents: the same bytes every time, every sign drawn, and nothing that people typed is run."""

import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tonnebook.core.canonical import Json
from tonnebook.faces import documents

AT = datetime(2026, 3, 2, 1, 0, 0, 123, tzinfo=UTC)
PACKAGE = Path(documents.__file__).parents[1]
TEMPLATES = sorted([*PACKAGE.glob("*/documents/*.typ"), *PACKAGE.glob("faces/sheets/*.typ")])
# What a reader copies out of a PDF: the map from glyphs to signs, `<glyph> <sign>` in UTF-16.
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_MAPPED = re.compile(rb"<[0-9A-Fa-f]{4}> <((?:[0-9A-Fa-f]{4})+)>")


def letter(**changes: Json) -> dict[str, Json]:
    data: dict[str, Json] = {
        "title": "账户对账单",
        "issuer": "上海碳市场注册登记机构",
        "number": "SH-HOLDING-000001-42",
        "language": "zh",
        "period": "2026-01-01 至 2026-03-31",
        "facts": [["持有人", "赤水特钢有限公司"]],
        "parts": [{"title": "流水", "columns": ["数量"], "align": ["right"], "rows": [["1,234"]]}],
        "qr": documents.qr("https://example.org/documents/1"),
        "address": "https://example.org/documents/1",
        "sentence": "扫码核验",
    }
    return {**data, **changes}


def make(**changes: Json) -> bytes:
    return documents.pdf("registry/statement", letter(**changes), made_at=AT)


def signs_in(made: bytes) -> set[str]:
    def unpacked() -> Iterator[bytes]:
        for stream in _STREAM.findall(made):
            try:
                yield zlib.decompress(stream)
            except zlib.error:
                continue

    return {
        sign
        for text in unpacked()
        if b"begincmap" in text
        for code in _MAPPED.findall(text)
        for sign in bytes.fromhex(code.decode()).decode("utf-16-be")
    }


def test_the_same_data_and_instant_give_the_same_bytes_and_others_do_not() -> None:
    assert make() == make()
    assert documents.digest(make()) != documents.digest(make(period="2026-01-01 至 2026-03-30"))


def test_a_document_is_an_archive_file_in_its_language() -> None:
    made = make()
    assert made.startswith(b"%PDF-1.7")
    assert b"<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in made
    assert b"<rdf:li>zh-CN</rdf:li>" in made


def test_every_sign_of_a_document_can_be_read_out_of_it_again() -> None:
    rare = "赤水特钢喆堃玥镕有限公司"
    assert set(rare) <= signs_in(make(facts=[["持有人", rare]]))
    assert not set("喆堃玥") & signs_in(make())


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Steel \U0001f600", "U+1F600"),
        ("公司\u0e01", "U+0E01"),
        ("\ud800", "U+D800"),
        ("a\x00", "U+0000"),
        ("a\u202e", "U+202E"),
    ],
)
def test_a_sign_the_font_lacks_stands_there_by_its_code(text: str, named: str) -> None:
    assert make(facts=[["持有人", text]]) == make(facts=[["持有人", f"{text[:-1]}<{named}>"]])


def test_small_figures_are_set_from_ordinary_ones() -> None:
    made = make(facts=[["排放量", "9\u202ft CO₂, 10⁴ m³"]])
    assert set("CO241093") <= signs_in(made)
    assert made != make(facts=[["排放量", "9\u202ft CO2, 104 m3"]])


def test_the_font_draws_what_names_and_numbers_are_written_with() -> None:
    gb_2312 = {bytes([high, low]).decode("gb2312") for high in range(0xB0, 0xD7) for low in range(0xA1, 0xFF)}
    assert gb_2312 <= documents.signs()
    assert set("0123456789¥￥%‰×÷±≤≥（）《》、。“”→") <= documents.signs()


def test_what_people_typed_is_text_and_never_markup() -> None:
    typed = '#panic("run") *bold* $x$ @ref <label> #image("/faces/fonts/OFL.txt")'
    assert set(typed) - {" "} <= signs_in(make(facts=[["持有人", typed]]))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_the_font_draws_the_words_of_every_template(template: Path) -> None:
    assert set(template.read_text(encoding="utf-8")) - documents.signs() <= {"\n"}


def test_a_code_is_drawn_as_a_picture_with_its_quiet_zone() -> None:
    drawn = documents.qr("https://example.org/documents/1")
    assert drawn.startswith("<svg")
    assert documents.qr("https://example.org/documents/2") != drawn
