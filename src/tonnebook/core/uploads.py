"""What files people may hand in, how large they may be, and every reason to refuse one.

The kinds are told by the first bytes of a file, never by what the sender says of it.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from tonnebook.core.errors import Refusal, Sentence

BYTES_MAX = 20 * 1024 * 1024
UNPACKED_BYTES_MAX = 50 * 1024 * 1024
RATIO_MAX = 100
MEMBERS_MAX = 1000
PIXELS_MAX = 40_000_000
NAME_LENGTH_MAX = 120


class UploadKind(StrEnum):
    """What a file is."""

    PDF = "PDF"
    PNG = "PNG"
    JPEG = "JPEG"
    XLSX = "XLSX"
    CSV = "CSV"


class DocumentPurpose(StrEnum):
    """What a document that an organisation hands in is to show."""

    APPLICATION = "APPLICATION"
    AUTHORISATION = "AUTHORISATION"
    IDENTITY = "IDENTITY"
    CONTRACT = "CONTRACT"
    JUDGMENT = "JUDGMENT"
    SUCCESSION = "SUCCESSION"
    EVIDENCE = "EVIDENCE"
    STAMPED_PRINT = "STAMPED_PRINT"
    RISK_LETTER = "RISK_LETTER"
    ENTRY = "ENTRY"


# Papers about who somebody is and what was agreed; tables are imported, not kept.
PAPERS = frozenset({UploadKind.PDF, UploadKind.PNG, UploadKind.JPEG})

# Evidence of a month: papers, and the tables a platform or a laboratory gives out.
EVIDENCE = PAPERS | {UploadKind.XLSX, UploadKind.CSV}

# What a name ends with, by kind; the first is the one we write ourselves.
ENDINGS: Mapping[UploadKind, tuple[str, ...]] = MappingProxyType(
    {
        UploadKind.PDF: (".pdf",),
        UploadKind.PNG: (".png",),
        UploadKind.JPEG: (".jpg", ".jpeg"),
        UploadKind.XLSX: (".xlsx",),
        UploadKind.CSV: (".csv",),
    }
)

_MAGIC = (
    (b"%PDF-", UploadKind.PDF),
    (b"\x89PNG\r\n\x1a\n", UploadKind.PNG),
    (b"\xff\xd8\xff", UploadKind.JPEG),
    (b"PK\x03\x04", UploadKind.XLSX),
)


class UploadRefusal(Refusal):
    """Why a file is not taken."""

    FILE_EMPTY = Sentence(
        zh="文件“{file}”是空的；请重新选择。",
        en="The file “{file}” is empty; please choose it again.",
        article="design choice",
        status=422,
    )
    FILE_TOO_LARGE = Sentence(
        zh="文件“{file}”超过 {limit} MiB；请压缩或拆分后重试。",
        en="The file “{file}” is over {limit} MiB; compress or split it.",
        article="design choice",
        status=422,
    )
    FILE_NAME_UNFIT = Sentence(
        zh="文件名须为 1 至 {length} 个可见字符；请改名后重试。",
        en="A file name has 1 to {length} visible signs; please rename the file.",
        article="design choice",
        status=422,
    )
    FILE_KIND_NOT_TAKEN = Sentence(
        zh="文件“{file}”的内容不是此处接受的类型（{kinds}）；请另存为其中一种。",
        en="The content of the file “{file}” is none of the kinds taken here ({kinds}); save it as one of them.",
        article="design choice",
        status=422,
    )
    FILE_ENDING_DIFFERS = Sentence(
        zh="文件“{file}”的内容是 {kind}，与其后缀不符；请更正后缀，或重新导出该文件。",
        en="The file “{file}” holds {kind}, not what its ending says; correct the ending, or export it again.",
        article="design choice",
        status=422,
    )
    FILE_DAMAGED = Sentence(
        zh="文件“{file}”已损坏，无法读取；请重新导出。",
        en="The file “{file}” is damaged and cannot be read; export it again.",
        article="design choice",
        status=422,
    )
    FILE_HAS_TWO_FACES = Sentence(
        zh="文件“{file}”在 {kind} 内容之外还带有其他数据；请重新导出。",
        en="The file “{file}” carries other data beside its {kind} content; export it again.",
        article="design choice",
        status=422,
    )
    FILE_UNPACKS_TOO_LARGE = Sentence(
        zh="文件“{file}”解压后过大（上限 {limit} MiB、{members} 个部件、压缩比 {ratio}）；请拆分。",
        en="Unpacked, the file “{file}” is too large (at most {limit} MiB, {members} parts, ratio {ratio}); split it.",
        article="design choice",
        status=422,
    )
    FILE_PATH_UNSAFE = Sentence(
        zh="文件“{file}”内含指向他处的路径或链接；请用办公软件重新保存。",
        en="The file “{file}” has parts whose paths or links lead elsewhere; save it again with an office program.",
        article="design choice",
        status=422,
    )
    FILE_HOLDS_FILES = Sentence(
        zh="文件“{file}”内嵌有其他文件；请删去后单独上传。",
        en="The file “{file}” has other files inside; remove them and hand them in by themselves.",
        article="design choice",
        status=422,
    )
    FILE_HAS_MACROS = Sentence(
        zh="文件“{file}”含有宏、脚本或动作；请另存为不含宏的文件。",
        en="The file “{file}” has macros, scripts or actions; save it without them.",
        article="design choice",
        status=422,
    )
    FILE_HAS_LINKS = Sentence(
        zh="文件“{file}”引用了外部文件或网址；请断开链接（含超链接）后重试。",
        en="The file “{file}” refers to files or addresses outside; break its links, hyperlinks too, and try again.",
        article="design choice",
        status=422,
    )
    FILE_HAS_ENTITIES = Sentence(
        zh="文件“{file}”含有 DTD 或实体声明；请用办公软件重新保存。",
        en="The file “{file}” declares a DTD or entities; save it again with an office program.",
        article="design choice",
        status=422,
    )
    FILE_ENCRYPTED = Sentence(
        zh="文件“{file}”已加密，无法检查；请去掉密码后重试。",
        en="The file “{file}” is encrypted and cannot be checked; remove the password.",
        article="design choice",
        status=422,
    )
    FILE_PICTURE_TOO_LARGE = Sentence(
        zh="图片“{file}”超过 {pixels} 像素；请缩小后重试。",
        en="The picture “{file}” has more than {pixels} pixels; make it smaller.",
        article="design choice",
        status=422,
    )
    FILE_NOT_UTF8 = Sentence(
        zh="文件“{file}”不是 UTF-8 文本；请以 UTF-8 编码另存后重试。",
        en="The file “{file}” is no UTF-8 text; save it as UTF-8 and try again.",
        article="design choice",
        status=422,
    )
    FILE_TOO_DEMANDING = Sentence(
        zh="读取文件“{file}”所需的内存或时间超过上限；请拆分。",
        en="Reading the file “{file}” takes more memory or time than allowed; split it.",
        article="design choice",
        status=422,
    )


class DocumentRefusal(Refusal):
    """Why a document cannot be had or used."""

    NO_SUCH_DOCUMENT = Sentence(
        zh="没有编号为 {document} 的文件，或其不属于该单位。",
        en="There is no document {document}, or it is another organisation's.",
        article="design choice",
        status=404,
    )
    DOCUMENTS_MISSING = Sentence(
        zh="办理此事须附文件；请先上传。",
        en="This needs documents; please hand them in first.",
        article="design choice",
        status=422,
    )


def kind_of(head: bytes) -> UploadKind | None:
    """Tell what a file is by its first bytes.

    Args:
        head: at least the first 8 bytes of the file.

    Returns:
        The kind; CSV for anything that could be plain text; None for what we know nothing of.

    Source: design choice, no legal source.

    Example:
        >>> kind_of(b"%PDF-1.7"), kind_of(b"uscc,name"), kind_of(b"MZ" + bytes(6))
        (<UploadKind.PDF: 'PDF'>, <UploadKind.CSV: 'CSV'>, None)
    """
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    # Markup, archives, programs and anything with control signs is no table.
    is_text = not text.startswith((b"<", b"{\\rtf", b"#!", b"PK", b"Rar!")) and all(
        sign > 31 or sign in b"\t\r\n" for sign in text
    )
    return UploadKind.CSV if is_text else None
