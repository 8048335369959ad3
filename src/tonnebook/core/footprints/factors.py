"""Factors of key products: what the authority publishes, year by year, and hands on to the national database.

A factor is never changed: a correction is a new version beside the old one. Which version holds for a year is looked
up, never guessed: a year without one is refused.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.footprints.study import LifeFactor, Part
from tonnebook.core.methods import Boundary

# Columns of the retrieval template of the national database, in its order and words.
TEMPLATE = (
    "中文名称",
    "英文名称",
    "数值",
    "单位",
    "地区",
    "适用起始年份",
    "适用截止年份",
    "发布年份",
    "发布机构",
    "来源说明",
)
_UNIT = re.compile(r"kgCO2e/\S.*")
_CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
_QUALITIES = range(1, 4)
_YEARS = range(2000, 2101)
_TEXT_MAX = 500


class ProductFactorRefusal(Refusal):
    """Why a factor of a product is not entered or not found."""

    FACTOR_FIELD_UNFIT = Sentence(
        zh="因子 {factor} 的“{field}”为“{value}”，不符合要求：{want_zh}。",
        en="“{field}” of the factor {factor} is “{value}”, which does not fit: {want_en}.",
        article="S98, retrieval template (copy)",
        status=422,
    )
    FACTOR_UNCHANGED = Sentence(
        zh="因子 {factor} 与现行第 {version} 版完全相同，无须重复录入。",
        en="The factor {factor} is the same as its version {version}; there is nothing to enter.",
        article="design choice",
    )
    FACTOR_YEAR_MISSING = Sentence(
        zh="因子 {factor} 没有适用于 {year} 年的版本；请由主管部门录入，或改用其他因子。",
        en="The factor {factor} has no version for {year}; have the authority enter one, or use another factor.",
        article="design choice",
        status=422,
    )


@dataclass(frozen=True, slots=True)
class ProductFactor:
    """One version of a factor.

    Attributes:
        code: by which footprints use it, such as "electricity.national".
        name_zh: product, in Chinese.
        name_en: the same in English.
        value: kgCO2e per unit, >= 0, fossil side.
        unit: "kgCO2e/" and the unit of the product.
        place: where it holds, such as "CN" or "CN-SH".
        from_year: first year it applies to.
        to_year: last year it applies to; None while it goes on.
        published_year: year of publication.
        publisher: who published it.
        note: where it is from, in words.
        boundary: what it counts; a footprint takes the life cycle alone.
        quality: of its data, 1 (best) to 3.
        uncertainty_percent: half width of its range, >= 0; None where nobody said.
    """

    code: str
    name_zh: str
    name_en: str
    value: Decimal
    unit: str
    place: str
    from_year: int
    to_year: int | None
    published_year: int
    publisher: str
    note: str
    boundary: Boundary
    quality: int
    uncertainty_percent: Decimal | None

    def life_factor(self, version: int) -> LifeFactor:
        """Give it as the factor of an input of a footprint."""
        unit = self.unit.partition("/")[2]
        return LifeFactor(
            self.code, unit, {Part.FOSSIL: self.value}, self.boundary, f"{self.publisher}: {self.note}", str(version)
        )


def check(drafted: ProductFactor, latest: tuple[ProductFactor, int] | None) -> None:
    """Refuse a factor that is incomplete, out of bounds or nothing new.

    Args:
        drafted: what is to be entered.
        latest: the latest version of its code with its number, if there is one.

    Raises:
        Refused: FACTOR_FIELD_UNFIT for the first field that does not fit; FACTOR_UNCHANGED.

    Source: S98, retrieval template (copy); bounds are a design choice.
    """
    for field, value, zh, en in _flaws(drafted):
        facts = {"factor": drafted.code, "field": field, "value": value, "want_zh": zh, "want_en": en}
        raise Refused(ProductFactorRefusal.FACTOR_FIELD_UNFIT, **facts)
    if latest and latest[0] == drafted:
        raise Refused(ProductFactorRefusal.FACTOR_UNCHANGED, factor=drafted.code, version=latest[1])


def for_year(versions: Sequence[tuple[ProductFactor, int]], *, code: str, year: int) -> tuple[ProductFactor, int]:
    """Choose the version of a factor that holds for a year: of those that cover it the latest.

    Args:
        versions: of one code, with their numbers, in any order.
        code: for the refusal.
        year: accounting year.

    Raises:
        Refused: FACTOR_YEAR_MISSING.

    Source: design choice, no legal source.
    """
    covering = [
        (factor, number)
        for factor, number in versions
        if factor.from_year <= year and (factor.to_year is None or year <= factor.to_year)
    ]
    if not covering:
        raise Refused(ProductFactorRefusal.FACTOR_YEAR_MISSING, factor=code, year=year)
    return max(covering, key=lambda pair: pair[1])


def contribution(factors: Sequence[ProductFactor]) -> tuple[list[dict[str, object]], list[tuple[str, str]]]:
    """Write factors as rows of the national template, and list what is missing before they can be handed on.

    Args:
        factors: the versions that hold, in the order of the file.

    Returns:
        Rows by column of `TEMPLATE`, and pairs of code and empty column; only a last year may be left open.

    Source: S98, retrieval template (copy).
    """
    rows = [_row(factor) for factor in factors]
    gaps = [
        (factor.code, column)
        for factor, row in zip(factors, rows, strict=True)
        for column in TEMPLATE
        if row[column] in (None, "") and column != "适用截止年份"
    ]
    return rows, gaps


def _row(factor: ProductFactor) -> dict[str, object]:
    values = (
        factor.name_zh,
        factor.name_en,
        format(factor.value, "f"),
        factor.unit,
        factor.place,
        factor.from_year,
        factor.to_year,
        factor.published_year,
        factor.publisher,
        factor.note,
    )
    return dict(zip(TEMPLATE, values, strict=True))


def _flaws(drafted: ProductFactor) -> Iterator[tuple[str, object, str, str]]:
    if not _CODE.fullmatch(drafted.code):
        yield "code", drafted.code, "小写字母、数字、下划线，以点分段", "small letters, digits and dots"
    texts: Mapping[str, str] = {
        "name_zh": drafted.name_zh,
        "place": drafted.place,
        "publisher": drafted.publisher,
        "note": drafted.note,
    }
    for field, text in texts.items():
        if not 0 < len(text.strip()) <= _TEXT_MAX:
            yield field, text, "须填写，且不超过 500 字", "it is needed, with 500 signs at most"
    if not drafted.value.is_finite() or drafted.value < 0:
        yield "value", drafted.value, "不小于零的数", "a number of zero or more"
    if not _UNIT.fullmatch(drafted.unit):
        yield "unit", drafted.unit, "写作 kgCO2e/单位", "written as kgCO2e/unit"
    to_year = drafted.to_year if drafted.to_year is not None else drafted.from_year
    if drafted.from_year not in _YEARS or to_year not in _YEARS or to_year < drafted.from_year:
        yield "from_year", f"{drafted.from_year}–{drafted.to_year or ''}", "年份须从早到晚", "years in order"
    if drafted.published_year not in _YEARS:
        yield "published_year", drafted.published_year, "2000 至 2100 的年份", "a year from 2000 to 2100"
    if drafted.quality not in _QUALITIES:
        yield "quality", drafted.quality, "1 至 3", "1 to 3"
    if drafted.uncertainty_percent is not None and not 0 <= drafted.uncertainty_percent <= 100:
        yield "uncertainty_percent", drafted.uncertainty_percent, "0 至 100", "0 to 100"
