"""The program that opens a file somebody handed in, in a process of its own with little memory, time and rights.

It knows nothing of tonnebook and is started by `faces.uploads` as a script: kind as first argument, content on standard
input, one JSON object on standard output: `{"refused": "FILE_…"}`, or `{"sheets": {…}}` with the cells of a table when
the second argument is "cells", or `{}`. A file is inspected piece by piece before anything reads it as a whole.
"""

import binascii
import contextlib
import csv
import io
import itertools
import json
import re
import resource
import stat
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, NoReturn
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

MEMORY_BYTES_MAX = 512 * 1024 * 1024
SECONDS_MAX = 20
# The limits of `core.uploads`, which this program must not import; a test keeps them equal.
UNPACKED_BYTES_MAX = 50 * 1024 * 1024
RATIO_MAX = 100
MEMBERS_MAX = 1000
PIXELS_MAX = 40_000_000

_DIRECTORY_BYTES_MAX = 1024 * MEMBERS_MAX
_CELLS_MAX = 2_000_000
_ARCHIVE_END_BYTES_MAX = 66_000
_CELL_LENGTH_MAX = 32_767
_DEPTH_MAX = 64
_CHUNK = 64 * 1024


class Refusal(Exception):
    """The file is refused; the message is the code."""


def limit_self() -> None:
    """Give up, for good, what reading a file does not need."""
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES_MAX),
        (resource.RLIMIT_CPU, SECONDS_MAX),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
    ):
        resource.setrlimit(limit, (most, most))


def refuse(code: str) -> NoReturn:
    """Stop with a code."""
    raise Refusal(code)


# --- Workbooks ------------------------------------------------------------------------------------------------------

_END = struct.Struct("<4s4H2LH")
_ARCHIVES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"\xd0\xcf\x11\xe0",
)
_MACROS = re.compile(r"vbaproject|macrosheet|activex|customui|/dialogsheets/|/ctrlprops/", re.IGNORECASE)
_EMBEDDED = re.compile(
    r"embeddings/|\.(?:zip|xls[xmb]?|docx?|docm|pptx?|jar|exe|dll|js|vbs|bat|rar|7z|gz)$", re.IGNORECASE
)
_OUTSIDE = re.compile(r"externallinks/|connections\.xml$|querytables/|webextensions/", re.IGNORECASE)
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
# Formulas that fetch something, start something or read another workbook.
_REACHING = re.compile(r"\b(?:WEBSERVICE|RTD|DDE|CALL|REGISTER|IMPORTDATA)\s*\(|\|\s*'|\[\d+\]", re.IGNORECASE)


def check_workbook(content: bytes) -> None:
    """Refuse a package that is more, or other, than a plain workbook."""
    _check_directory(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            members = package.infolist()
            _check_members(members, len(content))
            for member in members:
                _check_member(member, _unpacked(package, member))
            if not {"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"} <= {one.filename for one in members}:
                refuse("FILE_DAMAGED")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, UnicodeError, struct.error):
        refuse("FILE_DAMAGED")


# Before `zipfile` reads the directory of members: it must be small, and the file must end with it.
def _check_directory(content: bytes) -> None:
    place = content.rfind(b"PK\x05\x06")
    if place < 0 or place + _END.size > len(content):
        refuse("FILE_DAMAGED")
    _, disk, _, _, count, size, offset, comment = _END.unpack_from(content, place)
    if place + _END.size + comment != len(content) or comment or disk:
        refuse("FILE_HAS_TWO_FACES")
    if count > MEMBERS_MAX or size > _DIRECTORY_BYTES_MAX:
        refuse("FILE_UNPACKS_TOO_LARGE")
    if offset + size != place:
        refuse("FILE_HAS_TWO_FACES")


def _check_members(members: list[zipfile.ZipInfo], size: int) -> None:
    names = [one.filename for one in members]
    unpacked = sum(one.file_size for one in members)
    if len(members) > MEMBERS_MAX or unpacked > min(UNPACKED_BYTES_MAX, RATIO_MAX * size):
        refuse("FILE_UNPACKS_TOO_LARGE")
    if any(one.file_size > RATIO_MAX * max(one.compress_size, 1) for one in members):
        refuse("FILE_UNPACKS_TOO_LARGE")
    if any(one.flag_bits & 0x1 for one in members):
        refuse("FILE_ENCRYPTED")
    if any(_leads_elsewhere(one) for one in members) or len({name.lower() for name in names}) < len(names):
        refuse("FILE_PATH_UNSAFE")
    # Members that share bytes unpack to far more than their directory admits.
    places = sorted((one.header_offset, one.compress_size) for one in members)
    if any(at + 30 + packed > after for (at, packed), (after, _) in itertools.pairwise(places)):
        refuse("FILE_UNPACKS_TOO_LARGE")
    for pattern, code in ((_MACROS, "FILE_HAS_MACROS"), (_EMBEDDED, "FILE_HOLDS_FILES"), (_OUTSIDE, "FILE_HAS_LINKS")):
        if any(pattern.search(name) for name in names):
            refuse(code)


def _leads_elsewhere(member: zipfile.ZipInfo) -> bool:
    name, mode = member.orig_filename, member.external_attr >> 16
    is_odd = "\\" in name or "\0" in name or ":" in name or name.startswith("/") or ".." in name.split("/")
    return is_odd or stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR)


def _unpacked(package: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    parts, size = [], 0
    with package.open(member) as opened:
        while part := opened.read(_CHUNK):
            size += len(part)
            if size > UNPACKED_BYTES_MAX:
                refuse("FILE_UNPACKS_TOO_LARGE")
            parts.append(part)
    return b"".join(parts)


def _check_member(member: zipfile.ZipInfo, content: bytes) -> None:
    if content.startswith(_ARCHIVES) or content.startswith((b"MZ", b"\x7fELF")):
        refuse("FILE_HOLDS_FILES")
    if member.filename.lower().endswith((".xml", ".rels", ".vml")):
        _check_markup(member.filename, content)


def _check_markup(name: str, content: bytes) -> None:
    from defusedxml import sax
    from defusedxml.common import DefusedXmlException

    try:
        sax.parseString(content, _Markup(name), forbid_dtd=True)
    except DefusedXmlException:
        refuse("FILE_HAS_ENTITIES")
    except (SAXException, ValueError, LookupError):
        refuse("FILE_DAMAGED")


class _Markup(ContentHandler):
    """Looks at each element of a part as it passes by, so that a part of any size needs little memory."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.is_relations = name.endswith(".rels")
        self.is_types = name == "[Content_Types].xml"
        self.depth = 0
        self.formula: list[str] | None = None

    def startElement(self, name: str, attributes: AttributesImpl) -> None:
        self.depth += 1
        if self.depth > _DEPTH_MAX:
            refuse("FILE_DAMAGED")
        local = name.rpartition(":")[2]
        if self.is_relations and local == "Relationship":
            self._check_relation(attributes.get("Target", ""), attributes.get("TargetMode", ""))
        if self.is_types and "ContentType" in attributes.getNames():
            self._check_type(attributes.get("PartName", ""), attributes["ContentType"])
        if local in ("oleObject", "control"):
            refuse("FILE_HOLDS_FILES")
        if local in ("f", "definedName", "formula1", "formula2"):
            self.formula = []

    def characters(self, content: str) -> None:
        if self.formula is not None:
            self.formula.append(content)

    def endElement(self, name: str) -> None:
        self.depth -= 1
        if self.formula is not None:
            if _REACHING.search("".join(self.formula)):
                refuse("FILE_HAS_LINKS")
            self.formula = None

    def _check_relation(self, target: str, mode: str) -> None:
        if mode.strip().lower() == "external" or "://" in target or target.startswith("\\\\"):
            refuse("FILE_HAS_LINKS")

    def _check_type(self, part: str, content_type: str) -> None:
        if "macroenabled" in content_type.lower() or "vba" in content_type.lower():
            refuse("FILE_HAS_MACROS")
        if part == "/xl/workbook.xml" and content_type != _WORKBOOK:
            refuse("FILE_DAMAGED")


def workbook_cells(content: bytes) -> dict[str, list[list[Any]]]:
    """Give every cell of a workbook that has been checked, by sheet; formulas give the value last computed."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        count = iter(range(_CELLS_MAX))
        return {
            sheet.title: [_row(cells, count) for cells in sheet.iter_rows(values_only=True)]
            for sheet in book.worksheets
        }
    except (KeyError, ValueError, SyntaxError, TypeError, AttributeError, IndexError, zipfile.BadZipFile):
        refuse("FILE_DAMAGED")


def _row(cells: tuple[Any, ...], count: Iterator[int]) -> list[Any]:
    row = [_plain(cell) for cell in cells]
    for _ in row:
        if next(count, None) is None:
            refuse("FILE_TOO_DEMANDING")
    return row


# JSON has no days and instants: they become objects with one field.
def _plain(cell: object) -> object:
    if isinstance(cell, datetime):
        return {"at": cell.isoformat()}
    if isinstance(cell, date):
        return {"on": cell.isoformat()}
    if isinstance(cell, time | timedelta):
        return str(cell)
    return cell if isinstance(cell, str | int | float | bool) or cell is None else str(cell)


# --- Tables, pictures, papers ---------------------------------------------------------------------------------------


def check_table(content: bytes) -> None:
    """Refuse what is no table of text."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        refuse("FILE_NOT_UTF8")
    if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text):
        refuse("FILE_DAMAGED")
    csv.field_size_limit(_CELL_LENGTH_MAX)
    try:
        if sum(len(cells) for cells in csv.reader(io.StringIO(text, newline=""), strict=True)) > _CELLS_MAX:
            refuse("FILE_TOO_DEMANDING")
    except csv.Error:
        refuse("FILE_DAMAGED")


_PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def check_png(content: bytes) -> None:
    """Refuse a picture that is too large, damaged, or followed by something else."""
    place, kinds, inflater = 8, list[bytes](), zlib.decompressobj()
    unpacked = most = pixels = 0
    while not kinds or kinds[-1] != b"IEND":
        size, kind = struct.unpack_from(">I4s", content, place)
        body = content[place + 8 : place + 8 + size]
        (crc,) = struct.unpack_from(">I", content, place + 8 + size)
        if crc != binascii.crc32(kind + body):
            refuse("FILE_DAMAGED")
        if (kind == b"IHDR") != (not kinds):
            refuse("FILE_DAMAGED")
        if kind == b"IHDR":
            pixels, most = _png_size(body)
        elif kind == b"IDAT":
            unpacked += _inflate(inflater, body, most - unpacked)
        elif kind in (b"zTXt", b"iTXt", b"iCCP"):
            _check_packed_words(body)
        kinds.append(kind)
        place += 12 + size
    if place != len(content):
        refuse("FILE_HAS_TWO_FACES")
    if not pixels or not inflater.eof or unpacked * 8 < pixels:
        refuse("FILE_DAMAGED")


def _png_size(head: bytes) -> tuple[int, int]:
    width, height, depth, colour, packing, filtering, interlace = struct.unpack(">2I5B", head)
    if not width or not height or colour not in _PNG_CHANNELS or packing or filtering or interlace > 1:
        refuse("FILE_DAMAGED")
    if width * height > PIXELS_MAX:
        refuse("FILE_PICTURE_TOO_LARGE")
    row = 1 + -(-width * depth * _PNG_CHANNELS[colour] // 8)
    # Seven passes of an interlaced picture add at most their filter bytes and rounding to every row.
    return width * height, height * row + (16 * (height + 8) if interlace else 0)


def _inflate(inflater: Any, packed: bytes, most: int) -> int:
    unpacked = len(inflater.decompress(packed, max(most, 0) + 1))
    if unpacked > most:
        refuse("FILE_UNPACKS_TOO_LARGE")
    return unpacked


def _check_packed_words(body: bytes) -> None:
    place = body.find(b"\x78")
    if place >= 0:
        with contextlib.suppress(zlib.error):
            _inflate(zlib.decompressobj(), body[place:], max(RATIO_MAX * len(body), _CHUNK))


_STANDALONE = {0x01, *range(0xD0, 0xD8)}
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


def check_jpeg(content: bytes) -> None:
    """Refuse a picture that is too large, damaged, or followed by something else."""
    place, has_frame = 2, False
    while True:
        marker, place = _next_marker(content, place)
        if marker == 0xD9:
            break
        if marker in _STANDALONE:
            continue
        (size,) = struct.unpack_from(">H", content, place)
        if marker in _FRAMES:
            height, width = struct.unpack_from(">2H", content, place + 3)
            if not height or not width:
                refuse("FILE_DAMAGED")
            if height * width > PIXELS_MAX:
                refuse("FILE_PICTURE_TOO_LARGE")
            has_frame = True
        place += max(size, 2)
        if marker == 0xDA:
            place = _end_of_scan(content, place)
    if place != len(content):
        refuse("FILE_HAS_TWO_FACES")
    if not has_frame:
        refuse("FILE_DAMAGED")


def _next_marker(content: bytes, place: int) -> tuple[int, int]:
    if content[place] != 0xFF:
        refuse("FILE_DAMAGED")
    while content[place] == 0xFF:
        place += 1
    return content[place], place + 1


def _end_of_scan(content: bytes, place: int) -> int:
    found = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]").search(content, place)
    if found is None:
        refuse("FILE_DAMAGED")
    return found.start()


_NAME_CODE = re.compile(rb"#([0-9A-Fa-f]{2})")
_ACTIONS = re.compile(rb"/(?:JavaScript|Launch|RichMedia|XFA|ImportData|SubmitForm|Rendition|Movie|Sound)\b")
_FILES_INSIDE = re.compile(rb"/(?:EmbeddedFiles?|Filespec|Collection)\b")
_REACHING_OUT = re.compile(rb"/(?:GoToR|GoToE|URI)\b")
_STREAM = re.compile(rb"<<(.{0,4000}?)>>\s*stream\r?\n", re.DOTALL)


def check_pdf(content: bytes) -> None:
    """Refuse a paper with scripts, actions, files or links inside, also where its objects are packed."""
    if not re.match(rb"%PDF-[12]\.\d[\r\n ]", content):
        refuse("FILE_DAMAGED")
    end = content.rfind(b"%%EOF")
    if end < 0 or b"startxref" not in content:
        refuse("FILE_DAMAGED")
    if content[end + 5 :].strip(b"\r\n \0"):
        refuse("FILE_HAS_TWO_FACES")
    _check_objects(content)
    left = UNPACKED_BYTES_MAX
    for found in _STREAM.finditer(content):
        words = _decoded(found[1])
        if b"/ObjStm" in words and b"/FlateDecode" not in words:
            refuse("FILE_HAS_TWO_FACES")
        if b"/FlateDecode" in words or re.search(rb"/Fl\b", words):
            left -= _check_stream(content, found.end(), left, is_objects=b"/ObjStm" in words)


def _check_stream(content: bytes, start: int, left: int, *, is_objects: bool) -> int:
    inflater, packed, unpacked, kept = zlib.decompressobj(), memoryview(content)[start:], 0, []
    try:
        while not inflater.eof and packed:
            part = inflater.decompress(packed[:_CHUNK], left - unpacked + 1)
            packed = (
                packed[min(_CHUNK, len(packed)) :]
                if not inflater.unconsumed_tail
                else packed[_CHUNK - len(inflater.unconsumed_tail) :]
            )
            unpacked += len(part)
            if unpacked > left:
                refuse("FILE_UNPACKS_TOO_LARGE")
            kept += [part] if is_objects else []
    except zlib.error:
        refuse("FILE_DAMAGED")
    _check_objects(b"".join(kept))
    return unpacked


def _check_objects(content: bytes) -> None:
    words = _decoded(content)
    for pattern, code in (
        (re.compile(rb"/Encrypt\b"), "FILE_ENCRYPTED"),
        (_ACTIONS, "FILE_HAS_MACROS"),
        (_FILES_INSIDE, "FILE_HOLDS_FILES"),
        (_REACHING_OUT, "FILE_HAS_LINKS"),
    ):
        if pattern.search(words):
            refuse(code)


# A name may be written /J#61vaScript.
def _decoded(content: bytes) -> bytes:
    return _NAME_CODE.sub(lambda found: bytes([int(found[1], 16)]), content)


_CHECKS: Mapping[str, Callable[[bytes], None]] = {
    "XLSX": check_workbook,
    "CSV": check_table,
    "PNG": check_png,
    "JPEG": check_jpeg,
    "PDF": check_pdf,
}


def inspect(kind: str, content: bytes, *, wants_cells: bool) -> dict[str, object]:
    """Check a file and give its cells when wanted; what is wrong is given as a code."""
    try:
        # An archive is read from its end, so that a picture or paper in front of one would be both.
        if kind != "XLSX" and b"PK\x05\x06" in content[-_ARCHIVE_END_BYTES_MAX:]:
            refuse("FILE_HAS_TWO_FACES")
        _CHECKS[kind](content)
        return {"sheets": workbook_cells(content)} if wants_cells else {}
    except Refusal as refusal:
        return {"refused": str(refusal)}
    except (IndexError, struct.error, zlib.error):
        return {"refused": "FILE_DAMAGED"}
    except (MemoryError, RecursionError):
        return {"refused": "FILE_TOO_DEMANDING"}


if __name__ == "__main__":
    limit_self()
    told = inspect(sys.argv[1], sys.stdin.buffer.read(), wants_cells=sys.argv[2:] == ["cells"])
    sys.stdout.write(json.dumps(told))
