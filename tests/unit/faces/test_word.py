"""Word files: the same bytes every time, whole by the rules of the format, and nothing that people typed is markup."""

import io
import zipfile
from pathlib import PurePosixPath
from xml.etree import ElementTree

from tonnebook.core.canonical import Json
from tonnebook.faces import word

_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
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


def test_every_part_is_well_formed_has_a_kind_and_every_relation_leads_to_one() -> None:
    archive = opened(word.letter(paper()))
    names = set(archive.namelist())
    kinds = ElementTree.fromstring(archive.read("[Content_Types].xml"))  # noqa: S314
    told = {one.get("PartName", "").removeprefix("/") for one in kinds} | {one.get("Extension", "") for one in kinds}
    for name in names - {"[Content_Types].xml"}:
        assert name in told or PurePosixPath(name).suffix.removeprefix(".") in told, name
        if name.endswith((".xml", ".rels")):
            ElementTree.fromstring(archive.read(name))  # noqa: S314
    for name in ("_rels/.rels", "word/_rels/document.xml.rels"):
        folder = PurePosixPath(name).parent.parent
        for relation in ElementTree.fromstring(archive.read(name)).iter(_RELATION):  # noqa: S314
            assert str(folder / relation.get("Target", "")) in names


def test_what_people_typed_is_text_and_every_style_is_there() -> None:
    archive = opened(word.letter(paper(title='<w:p/> & "quoted"')))
    document = ElementTree.fromstring(archive.read("word/document.xml"))  # noqa: S314
    assert '<w:p/> & "quoted"' in "".join(document.itertext())
    used = {one.get(f"{_W}val") for one in document.iter(f"{_W}pStyle")}
    styles = ElementTree.fromstring(archive.read("word/styles.xml"))  # noqa: S314
    assert used <= {one.get(f"{_W}styleId") for one in styles.iter(f"{_W}style")}
