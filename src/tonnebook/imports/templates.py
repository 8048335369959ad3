"""The Excel templates: their sheets and columns, said once for writing the empty file and for reading a filled one."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from tonnebook import rulebook
from tonnebook.core.mrv import CONVERSIONS, LineKind

_TEXT_FORMAT, _DAY_FORMAT = "@", "yyyy-mm-dd"
_ROWS_FORMATTED = 500


class Form(StrEnum):
    """How a cell is written."""

    TEXT = "TEXT"
    NUMBER = "NUMBER"
    YEAR = "YEAR"
    DAY = "DAY"


_FORM_WORDS = {
    Form.TEXT: ("文本", "text"),
    Form.NUMBER: ("数值，不小于零", "number, zero or more"),
    Form.YEAR: ("四位年份", "year, four digits"),
    Form.DAY: ("日期", "date"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in both languages, how its cells are written, and the words it takes if it takes only some."""

    name: str
    zh: str
    form: Form = Form.TEXT
    is_required: bool = True
    words: tuple[str, ...] = ()
    length_max: int = 200

    @property
    def heading(self) -> str:
        """What stands in the first row."""
        return f"{self.zh} | {self.name}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name, its columns in order, and whether it must have at least one row."""

    name: str
    columns: tuple[Column, ...]
    is_required: bool = True


_REGIONS = tuple(region for region in rulebook.regions() if region != "eu")
_UNITS = tuple(sorted({unit for conversions in CONVERSIONS.values() for unit in conversions}))
_USCC = Column("uscc", "统一社会信用代码", length_max=18)
_YEAR = Column("year", "年度", Form.YEAR)
_FACILITY = Column("facility", "设施编号", length_max=40)
_SECTOR = Column("sector", "行业代码", length_max=40)
_QUANTITY = Column("quantity", "数量", Form.NUMBER)

TEMPLATES: Mapping[str, tuple[Sheet, ...]] = MappingProxyType(
    {
        "entities": (
            Sheet(
                "entities",
                (
                    _USCC,
                    Column("name_zh", "中文名称"),
                    Column("name_en", "英文名称"),
                    Column("region", "地区", words=_REGIONS),
                    Column("district", "区县", is_required=False, length_max=60),
                    _SECTOR,
                ),
            ),
            Sheet(
                "facilities",
                (
                    _FACILITY,
                    _USCC,
                    Column("name_zh", "设施中文名称"),
                    Column("name_en", "设施英文名称"),
                    _SECTOR,
                    Column("from_on", "起始日期", Form.DAY),
                ),
                is_required=False,
            ),
        ),
        "reports": (
            Sheet(
                "lines",
                (
                    _USCC,
                    _YEAR,
                    _FACILITY,
                    Column("kind", "排放源类型", words=tuple(kind.value for kind in LineKind)),
                    Column("name", "燃料或过程", length_max=60),
                    _QUANTITY,
                    Column("unit", "单位", words=_UNITS),
                    Column("ncv", "实测低位发热量", Form.NUMBER, is_required=False),
                    Column("carbon_content", "实测单位热值含碳量（tC/GJ）", Form.NUMBER, is_required=False),
                    Column("oxidation", "实测碳氧化率（0–1）", Form.NUMBER, is_required=False),
                ),
            ),
            Sheet(
                "outputs",
                (
                    _USCC,
                    _YEAR,
                    Column("product", "产品代码", length_max=60),
                    _QUANTITY,
                    Column("unit", "单位", length_max=20),
                ),
                is_required=False,
            ),
        ),
    }
)


def write(kind: str, path: Path) -> None:
    """Write an empty template.

    Args:
        kind: a key of `TEMPLATES`.
        path: of the new file.

    Raises:
        OSError: when it cannot be written.
    """
    book = Workbook()
    notes = book.active
    assert notes is not None
    notes.title = "说明 notes"
    notes.append(["工作表 sheet", "列 column", "格式 form", "必填 required", "取值 words"])
    for sheet in TEMPLATES[kind]:
        page = book.create_sheet(sheet.name)
        page.freeze_panes = "A2"
        for place, column in enumerate(sheet.columns, start=1):
            letter = get_column_letter(place)
            page.cell(1, place, column.heading).font = Font(bold=True)
            page.column_dimensions[letter].width = max(14, 2 * len(column.zh) + len(column.name))
            form_zh, form_en = _FORM_WORDS[column.form]
            required = "是 yes" if column.is_required else "否 no"
            notes.append([sheet.name, column.heading, f"{form_zh} {form_en}", required, ", ".join(column.words)])
            number_format = {Form.TEXT: _TEXT_FORMAT, Form.DAY: _DAY_FORMAT}.get(column.form)
            for row in range(2, _ROWS_FORMATTED + 2) if number_format else ():
                page.cell(row, place).number_format = str(number_format)
    # The sheets to fill come first, the notes last.
    book.move_sheet(notes, len(TEMPLATES[kind]))
    book.active = 0
    book.save(path)
