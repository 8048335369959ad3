"""Good files of every kind, and two hundred bad ones, small on disk, made here and never by the program under test."""

import binascii
import codecs
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import openpyxl

MIB = 1024 * 1024
ENDINGS = {"XLSX": "xlsx", "PNG": "png", "JPEG": "jpg", "PDF": "pdf", "CSV": "csv"}


@dataclass(frozen=True)
class Bad:
    """A file nobody may hand in, and the code that says so."""

    name: str
    content: bytes
    code: str


# --- Good ones --------------------------------------------------------------------------------------------------------


@cache
def workbook() -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(["uscc", "quantity"])
    sheet.append(["红河钢铁", 120.5])
    book.save(buffer)
    return buffer.getvalue()


def packed(
    changes: Mapping[str, bytes | None] = {}, *, packing: int = zipfile.ZIP_DEFLATED, base: bool = True
) -> bytes:
    """The good workbook with members put in, replaced or (None) left out."""
    members: dict[str, bytes] = {}
    if base:
        with zipfile.ZipFile(io.BytesIO(workbook())) as package:
            members = {name: package.read(name) for name in package.namelist()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as package:
        for name, content in {**members, **changes}.items():
            if content is not None:
                package.writestr(name, content)
    return buffer.getvalue()


def part(name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook())) as package:
        return package.read(name)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", binascii.crc32(kind + body))


def png(width: int = 4, height: int = 4, *, data: bytes | None = None, more: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0))
    rows = zlib.compress((b"\0" + bytes(width * 3)) * height) if data is None else data
    return b"\x89PNG\r\n\x1a\n" + head + more + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg(width: int = 4, height: int = 4, *, frame: bool = True) -> bytes:
    found = b"\xff\xc0\x00\x0b\x08" + struct.pack(">2H", height, width) + b"\x01\x01\x11\x00"
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\x12\x34\xff\x00\x56"
    return b"\xff\xd8\xff\xe0\x00\x04\x00\x00" + (found if frame else b"") + scan + b"\xff\xd9"


def pdf(*objects: bytes) -> bytes:
    page = b"<< /Type /Page /Contents 4 0 R >>"
    words = zlib.compress(b"BT (hello) Tj ET")
    stream = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(words), words)
    listed = b"".join(
        b"%d 0 obj\n%s\nendobj\n" % (index, one) for index, one in enumerate((page, stream, *objects), start=3)
    )
    return b"%PDF-1.7\n" + listed + b"trailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"


def object_stream(words: bytes) -> bytes:
    body = zlib.compress(words)
    return b"<< /Type /ObjStm /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(body), body)


def table() -> bytes:
    return "uscc,name\r\n91310000,红河钢铁\r\n".encode()


GOOD: Mapping[str, Callable[[], bytes]] = {
    "XLSX": workbook,
    "PNG": png,
    "JPEG": jpeg,
    "PDF": pdf,
    "CSV": table,
}

# --- Bad ones ---------------------------------------------------------------------------------------------------------


def bad_files() -> list[Bad]:
    """All of them."""
    return [*_workbooks(), *_markup(), *_bombs(), *_pictures(), *_papers(), *_tables(), *_disguised()]


def _xlsx(content: bytes, code: str) -> Bad:
    return Bad("a.xlsx", content, code)


_PATHS = ("../a.xml", "xl/../../a.xml", "/etc/a.xml", "..", "a/..", "C:/a.xml", "file:a.xml")
_MACROS = ("xl/vbaProject.bin", "xl/VBAPROJECT.BIN", "xl/macrosheets/sheet1.xml", "xl/activeX/activeX1.xml")
_INSIDE = ("a.zip", "a.xlsx", "a.docx", "a.exe", "a.js", "a.vbs", "a.jar", "a.7z", "xl/embeddings/oleObject1.bin")
_OUTSIDE = ("xl/externalLinks/externalLink1.xml", "xl/connections.xml", "xl/queryTables/queryTable1.xml")
_ARCHIVES = (b"PK\x03\x04", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08", b"BZh9", b"MZ\x90", b"\x7fELF\x02")
_FORMULAS = (
    'WEBSERVICE("http://x.example")',
    "webservice (A1)",
    "cmd|' /C calc'!A0",
    'RTD("a",,"b")',
    "[1]Sheet1!A1",
    'DDE("a","b")',
    'CALL("Kernel32","WinExec","JCJ")',
    'REGISTER("a")',
)


def _workbooks() -> Iterator[Bad]:
    for name in _PATHS:
        yield _xlsx(packed({name: b"<a/>"}), "FILE_PATH_UNSAFE")
    # `zipfile` itself would not write these names.
    for patched in (b"..\\a", b"a\0.b", b"st.x"):
        twice = {"xl/aQQa.xml": b"x", "xl/st.x.xml": b"x"}
        yield _xlsx(packed(twice).replace(b"aQQa", patched), "FILE_PATH_UNSAFE")
    for mode in (0o120777, 0o020666, 0o010666, 0o140777):
        yield _xlsx(_with_mode(mode), "FILE_PATH_UNSAFE")
    for name in _MACROS:
        yield _xlsx(packed({name: b"x"}), "FILE_HAS_MACROS")
    for name in _INSIDE:
        yield _xlsx(packed({name: b"x"}), "FILE_HOLDS_FILES")
    for name in _OUTSIDE:
        yield _xlsx(packed({name: b"<a/>"}), "FILE_HAS_LINKS")
    for magic in _ARCHIVES:
        yield _xlsx(packed({"xl/media/image1.png": magic + bytes(8)}), "FILE_HOLDS_FILES")
    types = part("[Content_Types].xml")
    for kind in (b"sheet.macroEnabled.main+xml", b"SHEET.MACROENABLED.MAIN+XML"):
        yield _xlsx(packed({"[Content_Types].xml": types.replace(b"sheet.main+xml", kind)}), "FILE_HAS_MACROS")
    yield _xlsx(packed({"[Content_Types].xml": types.replace(b"sheet.main+xml", b"template.main+xml")}), "FILE_DAMAGED")
    yield from _formulas_and_relations()
    yield from _broken_workbooks()


def _broken_workbooks() -> Iterator[Bad]:
    whole = workbook()
    for cut in range(1, 9):
        yield _xlsx(whole[: len(whole) * cut // 9], "FILE_DAMAGED")
    for name in ("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"):
        yield _xlsx(packed({name: None}), "FILE_DAMAGED")
    for more in (b"<html>", b"\0" * 100, b"%PDF-1.7", whole):
        yield _xlsx(whole + more, "FILE_HAS_TWO_FACES")
    yield _xlsx(b"PK\x03\x04 hello " + whole, "FILE_HAS_TWO_FACES")
    yield _xlsx(_with_flag(0x1), "FILE_ENCRYPTED")


def _formulas_and_relations() -> Iterator[Bad]:
    sheet = part("xl/worksheets/sheet1.xml")
    for formula in _FORMULAS:
        cell = f'<row r="9"><c r="A9"><f>{formula}</f></c></row></sheetData>'.replace('")', "&quot;)").encode()
        yield _xlsx(packed({"xl/worksheets/sheet1.xml": sheet.replace(b"</sheetData>", cell)}), "FILE_HAS_LINKS")
    for target in (
        'Target="http://x.example/a" TargetMode="External"',
        'Target="mailto:a@b.example" TargetMode="External"',
        'Target="a.xlsx" TargetMode=" external "',
        'Target="file:///etc/passwd"',
        'Target="\\\\server\\share"',
    ):
        rels = f'<Relationships xmlns="urn:r"><Relationship Id="rId1" Type="t" {target}/></Relationships>'.encode()
        yield _xlsx(packed({"xl/worksheets/_rels/sheet1.xml.rels": rels}), "FILE_HAS_LINKS")


def _with_mode(mode: int) -> bytes:
    buffer = io.BytesIO(workbook())
    with zipfile.ZipFile(buffer, "a") as package:
        member = zipfile.ZipInfo("xl/link.xml")
        member.create_system, member.external_attr = 3, mode << 16
        package.writestr(member, "/etc/passwd")
    return buffer.getvalue()


def _with_flag(flag: int) -> bytes:
    content = bytearray(workbook())
    place = content.find(b"PK\x01\x02")
    content[place + 8] |= flag
    return bytes(content)


_ENTITIES = (
    b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://x.example/x.dtd">%x;]><a/>',
    b'<!DOCTYPE a SYSTEM "http://x.example/x.dtd"><a/>',
    b'<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;&x;&x;">]><a>&y;</a>',
    b"<!DOCTYPE a><a/>",
)
_PARTS = ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml", "xl/styles.xml", "_rels/.rels")


def _markup() -> Iterator[Bad]:
    for name in _PARTS:
        for markup in _ENTITIES:
            yield _xlsx(packed({name: markup}), "FILE_HAS_ENTITIES")
    utf16 = codecs.BOM_UTF16_LE + _ENTITIES[0].decode().encode("utf-16-le")
    yield _xlsx(packed({"xl/workbook.xml": utf16}), "FILE_HAS_ENTITIES")
    deep = "".join(f"<a{count}>" for count in range(5000)).encode()
    for markup in (
        deep,
        b"<a>",
        b"",
        b"<a></b>",
        b"&lt;",
        b'<?xml version="1.0" encoding="klingon"?><a/>',
        b"<a>\0</a>",
    ):
        yield _xlsx(packed({"xl/workbook.xml": markup}), "FILE_DAMAGED")


def _bombs() -> Iterator[Bad]:
    for size in (5 * MIB, 40 * MIB, 60 * MIB):
        yield _xlsx(packed({"xl/media/image1.bin": bytes(size)}), "FILE_UNPACKS_TOO_LARGE")
    yield _xlsx(packed({f"xl/part{count}.bin": bytes(3 * MIB) for count in range(20)}), "FILE_UNPACKS_TOO_LARGE")
    yield _xlsx(packed({f"xl/part{count}.bin": b"" for count in range(1001)}), "FILE_UNPACKS_TOO_LARGE")
    crowded = bytearray(packed({f"xl/part{count}.bin": b"" for count in range(12_000)}))
    crowded[-14:-10] = struct.pack("<2H", 3, 3)
    yield _xlsx(bytes(crowded), "FILE_UNPACKS_TOO_LARGE")
    lying = packed({"xl/media/image1.bin": bytes(60 * MIB)})
    yield _xlsx(lying.replace(struct.pack("<I", 60 * MIB), struct.pack("<I", 1000)), "FILE_DAMAGED")
    yield _xlsx(_overlapping(), "FILE_UNPACKS_TOO_LARGE")


def _overlapping() -> bytes:
    # Two entries of the directory that point to the same bytes.
    content = bytearray(packed({"xl/aaaa.bin": b"12345678" * 100, "xl/bbbb.bin": b"87654321" * 100}))
    places = [place for place in range(len(content)) if content.startswith(b"PK\x01\x02", place)]
    first, second = places[-2:]
    content[second + 42 : second + 46] = content[first + 42 : first + 46]
    return bytes(content)


def _pictures() -> Iterator[Bad]:
    for width, height in ((100_000, 100_000), (2**31 - 1, 1), (1, 2**31 - 1), (40_001, 1000)):
        yield Bad("a.png", png(width, height, data=zlib.compress(b"x")), "FILE_PICTURE_TOO_LARGE")
    yield Bad("a.png", png(0, 4), "FILE_DAMAGED")
    whole = png()
    for cut in (9, 20, 33, 40, len(whole) - 12, len(whole) - 1):
        yield Bad("a.png", whole[:cut], "FILE_DAMAGED")
    for place in (20, 45, len(whole) - 2):
        yield Bad("a.png", whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :], "FILE_DAMAGED")
    yield Bad("a.png", png(data=zlib.compress(bytes(30 * MIB))), "FILE_UNPACKS_TOO_LARGE")
    for kind in (b"zTXt", b"iTXt", b"iCCP"):
        words = chunk(kind, b"k\0\0" + zlib.compress(bytes(30 * MIB)))
        yield Bad("a.png", png(more=words), "FILE_UNPACKS_TOO_LARGE")
    yield Bad("a.png", png(data=zlib.compress(b"x")[:-4]), "FILE_DAMAGED")
    for name, whole in (("a.png", png()), ("a.jpg", jpeg()), ("a.jpeg", jpeg())):
        for more in (b"<script>alert(1)</script>", bytes(10), workbook(), pdf()):
            yield Bad(name, whole + more, "FILE_HAS_TWO_FACES")
    yield Bad("a.jpg", jpeg(65_000, 65_000), "FILE_PICTURE_TOO_LARGE")
    yield Bad("a.jpg", jpeg(0, 4), "FILE_DAMAGED")
    yield Bad("a.jpg", jpeg(frame=False), "FILE_DAMAGED")
    for cut in (4, 9, 15, 25, len(jpeg()) - 2, len(jpeg()) - 1):
        yield Bad("a.jpg", jpeg()[:cut], "FILE_DAMAGED")


_NAMES = {
    b"JavaScript": "FILE_HAS_MACROS",
    b"Launch": "FILE_HAS_MACROS",
    b"RichMedia": "FILE_HAS_MACROS",
    b"XFA": "FILE_HAS_MACROS",
    b"SubmitForm": "FILE_HAS_MACROS",
    b"ImportData": "FILE_HAS_MACROS",
    b"EmbeddedFile": "FILE_HOLDS_FILES",
    b"Filespec": "FILE_HOLDS_FILES",
    b"URI": "FILE_HAS_LINKS",
    b"GoToR": "FILE_HAS_LINKS",
    b"GoToE": "FILE_HAS_LINKS",
    b"Encrypt": "FILE_ENCRYPTED",
}


def _papers() -> Iterator[Bad]:
    for name, code in _NAMES.items():
        said = b"<< /S /%s >>"
        escaped = b"#%02x" % name[0] + name[1:]
        for words in (pdf(said % name), pdf(said % escaped), pdf(object_stream(said % name))):
            yield Bad("a.pdf", words, code)
    whole = pdf()
    for more in (b"<html>", workbook()):
        yield Bad("a.pdf", whole + more, "FILE_HAS_TWO_FACES")
    yield Bad("a.pdf", whole[:-10], "FILE_DAMAGED")
    yield Bad("a.pdf", b"%PDF-hello" + whole, "FILE_DAMAGED")
    yield Bad("a.pdf", pdf(object_stream(bytes(60 * MIB))), "FILE_UNPACKS_TOO_LARGE")
    yield Bad("a.pdf", pdf(object_stream(b"x").replace(b"\nx\x9c", b"\nxx")), "FILE_DAMAGED")
    hidden = b"<< /Type /ObjStm /Filter /LZWDecode >>\nstream\nabc\nendstream"
    yield Bad("a.pdf", pdf(hidden), "FILE_HAS_TWO_FACES")


def _tables() -> Iterator[Bad]:
    yield Bad("a.csv", "统一,名称\n".encode("gb18030"), "FILE_NOT_UTF8")
    yield Bad("a.csv", b"a,b\n\xff\xfe,c\n", "FILE_NOT_UTF8")
    yield Bad("a.csv", b'a,b\n"c,d\n', "FILE_DAMAGED")
    yield Bad("a.csv", b'a,b\n"c"d,e\n', "FILE_DAMAGED")
    yield Bad("a.csv", b"a," + b"x" * 40_000, "FILE_DAMAGED")
    yield Bad("a.csv", b"a" * 2000 + b"\0", "FILE_DAMAGED")
    for sign in (b"\0", b"\x01", b"\x1b"):
        yield Bad("a.csv", b"a,b\n" + sign + b",c\n", "FILE_KIND_NOT_TAKEN")
    for head in (b"<html>", b"  <svg>", b"#!/bin/sh", b"{\\rtf1", b"MZ\x90\0", b"\xd0\xcf\x11\xe0", b"<?xml ?>"):
        yield Bad("a.csv", head + b"a,b\n", "FILE_KIND_NOT_TAKEN")


def _disguised() -> Iterator[Bad]:
    for kind, write in GOOD.items():
        for ending in sorted({*ENDINGS.values(), "exe", "html", "xlsm"} - {ENDINGS[kind]}):
            yield Bad(f"a.{ending}", write(), "FILE_ENDING_DIFFERS")
        yield Bad(f"a.{ENDINGS[kind]}", b"", "FILE_EMPTY")
    for name in ("a\u202egnp.png", "a\u200b.png", "a\n.png", "x" * 200 + ".png", "..", ""):
        yield Bad(name, png(), "FILE_NAME_UNFIT")
    yield Bad("a.csv", b"x" * (20 * MIB + 1), "FILE_TOO_LARGE")
