"""Word files: the same bytes every time, read again as they were written, and nothing that people typed is markup."""

import io
import zipfile
from xml.etree import ElementTree

import docx

from tonnebook.core.canonical import Json
from tonnebook.faces import word

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def paper(**changes: Json) -> dict[str, Json]:
    table: Json = {"title": "附件1：明细", "columns": ["批次", "数量"], "rows": [["第一批", "12 t"]]}
    data: dict[str, Json] = {
        "issuer": "市生态环境局",
        "number": "沪环气候〔2026〕1号",
        "title": "关于发放配额的通知",
        "addressee": "红河钢铁：",
        "paragraphs": ["通知如下。"],
        "figures": None,
        "parts": [table],
        "signed": ["市生态环境局", "2026年3月1日"],
        "foot": "摘要 0123",
        "address": "https://example.org/public/document?asked=1&more=2",
        "sentence": "扫码核验",
    }
    return {**data, **changes}


def opened(made: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(made))


def test_the_same_data_give_the_same_bytes_whatever_the_day() -> None:
    made = word.letter(paper())
    assert made == word.letter(paper())
    assert made != word.letter(paper(title="另一件"))
    assert {(one.date_time, one.create_system) for one in opened(made).infolist()} == {((1980, 1, 1, 0, 0, 0), 0)}


def test_what_was_written_is_read_again_in_its_order() -> None:
    read = docx.Document(io.BytesIO(word.letter(paper())))
    assert [(one.style.name, one.text) for one in read.paragraphs if one.style and one.text] == [
        ("Issuer", "市生态环境局"),
        ("Number", "沪环气候〔2026〕1号"),
        ("Subject", "关于发放配额的通知"),
        ("Addressee", "红河钢铁："),
        ("Text", "通知如下。"),
        ("Signed", "市生态环境局"),
        ("Signed", "2026年3月1日"),
        ("Part", "附件1：明细"),
        ("Small", "扫码核验"),
        ("Small", "https://example.org/public/document?asked=1&more=2"),
    ]
    assert [[cell.text for cell in row.cells] for row in read.tables[0].rows] == [["批次", "数量"], ["第一批", "12 t"]]
    assert len(read.inline_shapes) == 1
    assert read.sections[0].footer.paragraphs[0].text == "摘要 0123 · "


def test_what_people_typed_is_text_and_every_style_is_there() -> None:
    archive = opened(word.letter(paper(title='<w:p/> & "quoted"')))
    document = ElementTree.fromstring(archive.read("word/document.xml"))  # noqa: S314
    assert '<w:p/> & "quoted"' in "".join(document.itertext())
    used = {one.get(f"{_W}val") for one in document.iter(f"{_W}pStyle")}
    styles = ElementTree.fromstring(archive.read("word/styles.xml"))  # noqa: S314
    assert used <= {one.get(f"{_W}styleId") for one in styles.iter(f"{_W}style")}
