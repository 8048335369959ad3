"""Factors of key products: complete, versioned, looked up by year, and written as the national template wants them."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tonnebook.core.errors import Refused
from tonnebook.core.footprints import factors
from tonnebook.core.footprints.factors import ProductFactor, ProductFactorRefusal
from tonnebook.core.footprints.study import Part
from tonnebook.core.methods import Boundary

FACTOR = ProductFactor(
    "made_up.cement", "水泥（虚构）", "Cement (made up)", Decimal("0.7"), "kgCO2e/kg", "CN", 2024, None, 2025,
    "Made-up bureau", "Made-up notice", Boundary.LIFE_CYCLE, 2, Decimal(10),
)  # fmt: skip
UNFIT = {
    "code": {"code": "Cement"}, "name_zh": {"name_zh": " "}, "publisher": {"publisher": ""}, "note": {"note": ""},
    "place": {"place": ""}, "value": {"value": Decimal(-1)}, "unit": {"unit": "tCO2/t"},
    "from_year": {"to_year": 2023}, "published_year": {"published_year": 1999}, "quality": {"quality": 4},
    "uncertainty_percent": {"uncertainty_percent": Decimal(101)},
}  # fmt: skip


@pytest.mark.parametrize("field", UNFIT)
def test_a_factor_that_does_not_fit_is_refused_by_field(field: str) -> None:
    with pytest.raises(Refused) as caught:
        factors.check(replace(FACTOR, **UNFIT[field]), None)  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.facts["field"]) == (ProductFactorRefusal.FACTOR_FIELD_UNFIT, field)


def test_the_same_factor_is_not_entered_twice() -> None:
    factors.check(FACTOR, (replace(FACTOR, value=Decimal("0.8")), 1))
    with pytest.raises(Refused) as caught:
        factors.check(FACTOR, (FACTOR, 1))
    assert caught.value.code is ProductFactorRefusal.FACTOR_UNCHANGED


def test_the_latest_version_that_covers_a_year_holds_and_a_missing_year_is_refused() -> None:
    older, newer = replace(FACTOR, from_year=2020, to_year=2024), replace(FACTOR, from_year=2024)
    versions = [(older, 1), (newer, 2)]
    chosen = [factors.for_year(versions, code=FACTOR.code, year=year)[1] for year in (2020, 2023, 2024, 2030)]
    assert chosen == [1, 1, 2, 2]
    with pytest.raises(Refused) as caught:
        factors.for_year(versions, code=FACTOR.code, year=2019)
    assert caught.value.code is ProductFactorRefusal.FACTOR_YEAR_MISSING


def test_a_factor_becomes_the_factor_of_an_input() -> None:
    life = FACTOR.life_factor(3)
    assert (life.unit, life.parts, life.version) == ("kg", {Part.FOSSIL: Decimal("0.7")}, "3")


def test_the_contribution_names_its_gaps() -> None:
    rows, gaps = factors.contribution([FACTOR, replace(FACTOR, code="made_up.lime", name_en="")])
    assert list(rows[0]) == list(factors.TEMPLATE)
    assert (rows[0]["中文名称"], rows[0]["数值"], rows[0]["适用截止年份"]) == ("水泥（虚构）", "0.7", None)
    assert gaps == [("made_up.lime", "英文名称")]
