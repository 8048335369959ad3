"""OFD files: the same bytes every time, read again as they were written, each element where the standard has it."""

import itertools
import zipfile
from xml.etree.ElementTree import Element

import pytest
from defusedxml import ElementTree
from tests.unit.faces.test_word import opened, paper

from tonnebook.core.canonical import Json
from tonnebook.faces import ofd

# Children in the order of GB/T 33190-2016, as recalled: those that are written, of each element that has several.
ORDERS = {
    "DocBody": ("DocInfo", "DocRoot", "Versions", "Signatures"),
    "DocInfo": ("DocID", "Title", "Author", "Subject", "Abstract", "CreationDate"),
    "Document": ("CommonData", "Pages", "Outlines"),
    "CommonData": ("MaxUnitID", "PageArea", "PublicRes", "DocumentRes"),
    "TextObject": ("FillColor", "StrokeColor", "CGTransform", "TextCode"),
    "PathObject": ("StrokeColor", "FillColor", "AbbreviatedData"),
}


def parts_of(made: bytes) -> dict[str, Element]:
    archive = opened(made)
    return {name: ElementTree.fromstring(archive.read(name)) for name in archive.namelist()}


def pages_of(parts: dict[str, Element]) -> list[Element]:
    """The pages in the order in which the document names them, found by going from OFD.xml."""
    root = text_of(parts["OFD.xml"], "DocRoot")
    named = [one.get("BaseLoc") for one in parts[root].iter(name("Page"))]
    return [parts[f"{root.partition('/')[0]}/{place}"] for place in named]


def lines_of(page: Element) -> list[str]:
    return [one.text or "" for one in page.iter(name("TextCode"))]


def text_of(root: Element, local: str) -> str:
    return next(root.iter(name(local))).text or ""


def name(local: str) -> str:
    return f"{{{ofd.NAMESPACE}}}{local}"


def local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def long_paper() -> dict[str, Json]:
    rows: Json = [[f"第{n}批", "很长的说明" * 30] for n in range(40)]
    table: Json = {"title": "附件", "columns": ["批次", "说明"], "rows": rows}
    return paper(paragraphs=["通知如下，" * 200], parts=[table])


def test_the_same_data_give_the_same_bytes_whatever_the_day() -> None:
    made = ofd.letter(paper())
    assert made == ofd.letter(paper())
    assert made != ofd.letter(paper(title="另一件"))
    stored = {(one.date_time, one.create_system, one.compress_type) for one in opened(made).infolist()}
    assert stored == {((1980, 1, 1, 0, 0, 0), 0, zipfile.ZIP_STORED)}
    assert opened(made).namelist()[0] == "OFD.xml"


def test_what_was_written_is_read_again_in_its_order() -> None:
    parts = parts_of(ofd.letter(paper()))
    (page,) = pages_of(parts)
    address = "https://example.org/public/document?asked=1&more=2"
    assert lines_of(page) == [
        "摘要 0123 · 1", "市生态环境局", "沪环气候〔2026〕1号", "关于发放配额的通知", "红河钢铁：",
        "\u3000\u3000通知如下。", "市生态环境局", "2026年3月1日", "附件1：明细", "批次", "数量", "第一批", "12 t",
        "扫码核验", address,
    ]  # fmt: skip
    assert text_of(parts["OFD.xml"], "Title") == "关于发放配额的通知"


def test_what_people_typed_is_text() -> None:
    parts = parts_of(ofd.letter(paper(title='<w:p/> & "quoted"')))
    assert '<w:p/> & "quoted"' in lines_of(pages_of(parts)[0])


def test_elements_stand_in_the_order_of_the_standard_and_numbers_are_given_once() -> None:
    parts = parts_of(ofd.letter(long_paper()))
    for element in itertools.chain.from_iterable(root.iter() for root in parts.values()):
        if local(element) in ORDERS:
            places = [ORDERS[local(element)].index(local(child)) for child in element]
            assert places == sorted(places)
    numbers = [int(one) for root in parts.values() for element in root.iter() if (one := element.get("ID"))]
    assert len(numbers) == len(set(numbers))
    assert int(text_of(parts["Doc_0/Document.xml"], "MaxUnitID")) == max(numbers)
    fonts = {one.get("ID") for one in parts["Doc_0/PublicRes.xml"].iter(name("Font"))}
    assert {one.get("Font") for page in pages_of(parts) for one in page.iter(name("TextObject"))} <= fonts


def test_a_long_paper_goes_on_over_pages_and_loses_nothing() -> None:
    data = long_paper()
    pages = pages_of(parts_of(ofd.letter(data)))
    assert len(pages) > 3
    told = "".join("".join(lines_of(page)) for page in pages)
    assert told.count("通知如下，") >= 190
    assert told.count("批次") >= len(pages) - 2
    for page, count in zip(pages, itertools.count(1)):
        assert lines_of(page)[0] == f"摘要 0123 · {count}"
        for one in page.iter(name("TextObject")):
            x, y, width, height = map(float, str(one.get("Boundary")).split())
            assert x >= 28
            assert x + width <= 190
            assert y + height <= 290


@pytest.mark.parametrize("text", ["红", "红河钢铁 12 t", "abc def"])
def test_every_sign_has_its_place(text: str) -> None:
    (page,) = pages_of(parts_of(ofd.letter(paper(title=text))))
    (code,) = [one for one in page.iter(name("TextCode")) if one.text == text]
    assert len((code.get("DeltaX") or "").split()) == len(text) - 1
