"""The record companies exchange: ours keeps every rule of the data model, and each rule has a record that breaks it."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.unit.core.test_footprints import POWER, STUDY

from tonnebook.core.footprints import pact, record_rules
from tonnebook.core.footprints.pact import Maker, Told
from tonnebook.core.footprints.study import Input, LifeStage, Part, footprint
from tonnebook.core.methods import Boundary

ID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
MAKER = Maker("91310000MA1FL0001K", "Red River", "steel", "Rebar 20", "Rebar, made-up", "CN-SH")
TOLD = Told(ID, 1, (), datetime(2026, 3, 1, tzinfo=UTC), None, True, "")


def record() -> dict[str, Any]:
    return pact.record(STUDY, footprint(STUDY), MAKER, TOLD)


def broken(change: Callable[[dict[str, Any], dict[str, Any]], object]) -> set[tuple[str, str]]:
    changed = copy.deepcopy(record())
    change(changed, changed["pcf"])
    return {(one.rule.name, one.field) for one in record_rules.breaches(changed)}


def test_our_record_keeps_every_rule() -> None:
    assert record_rules.breaches(record()) == ()
    before = replace(TOLD, preceding=(ID,), updated_at=TOLD.created_at, is_active=False, comment="a new furnace")
    assert record_rules.breaches(pact.record(STUDY, footprint(STUDY), MAKER, before)) == ()


def test_numbers_are_decimal_text_and_dates_are_in_utc() -> None:
    made = json.loads(json.dumps(record()))
    assert made["pcf"]["pCfExcludingBiogenic"] == "1.955000"
    assert made["pcf"]["fossilGhgEmissions"] == "1.955000"
    assert made["pcf"]["aircraftGhgEmissions"] == "0.040000"
    assert (made["pcf"]["referencePeriodStart"], made["version"]) == ("2024-12-31T16:00:00Z", 1)
    assert made["pcf"]["secondaryEmissionFactorSources"] == [{"name": "Made-up database", "version": "1"}]


def test_without_secondary_data_no_source_is_named() -> None:
    own = replace(STUDY, inputs=(POWER,))
    assert "secondaryEmissionFactorSources" not in pact.record(own, footprint(own), MAKER, TOLD)["pcf"]  # type: ignore[operator]


def set_to(field: str, value: object) -> Callable[[dict[str, Any], dict[str, Any]], object]:
    def change(read: dict[str, Any], pcf: dict[str, Any]) -> None:
        *path, last = field.split(".")
        place = {"": read, "pcf": pcf, "pcf.dqi": pcf["dqi"], "pcf.assurance": pcf.setdefault("assurance", {})}
        place[".".join(path)][last] = value

    return change


def without(field: str) -> Callable[[dict[str, Any], dict[str, Any]], object]:
    def change(read: dict[str, Any], pcf: dict[str, Any]) -> None:
        path, _, last = field.rpartition(".")
        del {"": read, "pcf": pcf, "pcf.dqi": pcf.get("dqi", {})}[path][last]

    return change


def both(*changes: Callable[[dict[str, Any], dict[str, Any]], object]) -> Callable[..., object]:
    return lambda read, pcf: [change(read, pcf) for change in changes]


OLD = both(set_to("pcf.referencePeriodStart", "2022-01-01T00:00:00Z"), set_to("pcf.referencePeriodEnd", "2023-01-01T00:00:00Z"))  # noqa: E501  # fmt: skip
START, END, LATE = "2026-01-01T00:00:00Z", "2028-12-31T00:00:00Z", "2029-01-02T00:00:00Z"
BREAKING = {
    "MANDATORY": [(without("companyName"), "companyName"), (set_to("pcf.crossSectoralStandards", []), "pcf.crossSectoralStandards")],  # noqa: E501
    "ID": [(set_to("id", "4"), "id"), (set_to("precedingPfIds", []), "precedingPfIds"), (set_to("precedingPfIds", [ID, ID]), "precedingPfIds")],  # noqa: E501
    "VERSION": [(set_to("version", 2**31), "version"), (set_to("version", "1"), "version"), (set_to("specVersion", "2.3.0"), "specVersion")],  # noqa: E501
    "INSTANT": [(set_to("created", "2026-03-01"), "created"), (set_to("pcf.referencePeriodEnd", 3), "pcf.referencePeriodEnd")],  # noqa: E501
    "PERIOD": [(set_to("pcf.referencePeriodStart", LATE), "pcf.referencePeriodEnd")],
    "VALIDITY": [
        (set_to("validityPeriodStart", START), "validityPeriodEnd"),
        (both(set_to("validityPeriodStart", "2025-06-01T00:00:00Z"), set_to("validityPeriodEnd", END)), "validityPeriodStart"),  # noqa: E501
        (both(set_to("validityPeriodStart", START), set_to("validityPeriodEnd", LATE)), "validityPeriodEnd"),
        (both(set_to("validityPeriodStart", START), set_to("validityPeriodEnd", START)), "validityPeriodEnd"),
    ],
    "STATUS": [(set_to("status", "Draft"), "status")],
    "URN": [(set_to("companyIds", ["91310000"]), "companyIds"), (set_to("productIds", ["urn:a1:b", "urn:a1:b"]), "productIds")],  # noqa: E501
    "DECIMAL": [(set_to("pcf.fossilGhgEmissions", 1.5), "pcf.fossilGhgEmissions"), (set_to("pcf.dqi.temporalDQR", "1e0"), "pcf.dqi.temporalDQR")],  # noqa: E501
    "DECLARED_UNIT": [(set_to("pcf.declaredUnit", "tonne"), "pcf.declaredUnit")],
    "PIECE_HAS_MASS": [(both(set_to("pcf.declaredUnit", "piece"), without("pcf.productMassPerDeclaredUnit")), "pcf.productMassPerDeclaredUnit")],  # noqa: E501
    "AMOUNT": [(set_to("pcf.unitaryProductAmount", "0"), "pcf.unitaryProductAmount")],
    "NOT_NEGATIVE": [(set_to("pcf.dLucGhgEmissions", "-0.1"), "pcf.dLucGhgEmissions")],
    "WITHDRAWAL": [(set_to("pcf.biogenicCarbonWithdrawal", "0.1"), "pcf.biogenicCarbonWithdrawal")],
    "PERCENT": [(set_to("pcf.primaryDataShare", "100.1"), "pcf.primaryDataShare"), (set_to("pcf.dqi.coveragePercent", "-1"), "pcf.dqi.coveragePercent")],  # noqa: E501
    "RATING": [(set_to("pcf.dqi.reliabilityDQR", "3.01"), "pcf.dqi.reliabilityDQR")],
    "WARMING": [(set_to("pcf.ipccCharacterizationFactorsSources", ["AR6", "AR6"]), "pcf.ipccCharacterizationFactorsSources"), (set_to("pcf.ipccCharacterizationFactorsSources", ["IPCC"]), "pcf.ipccCharacterizationFactorsSources")],  # noqa: E501
    "STANDARD": [(set_to("pcf.crossSectoralStandards", ["ours"]), "pcf.crossSectoralStandards"), (set_to("pcf.biogenicAccountingMethodology", "ours"), "pcf.biogenicAccountingMethodology")],  # noqa: E501
    "PLACE": [(set_to("pcf.geographyCountry", "CN"), "pcf.geographyCountrySubdivision"), (set_to("pcf.geographyCountrySubdivision", "Shanghai"), "pcf.geographyCountrySubdivision"), (both(without("pcf.geographyCountrySubdivision"), set_to("pcf.geographyRegionOrSubregion", "Atlantis")), "pcf.geographyRegionOrSubregion")],  # noqa: E501
    "PACKAGING": [(both(set_to("pcf.packagingEmissionsIncluded", False), set_to("pcf.packagingGhgEmissions", "1")), "pcf.packagingGhgEmissions"), (set_to("pcf.packagingEmissionsIncluded", "yes"), "pcf.packagingEmissionsIncluded")],  # noqa: E501
    "SOURCES": [(set_to("pcf.secondaryEmissionFactorSources", []), "pcf.secondaryEmissionFactorSources"), (set_to("pcf.secondaryEmissionFactorSources", [{"name": "x"}]), "pcf.secondaryEmissionFactorSources")],  # noqa: E501
    "ASSURANCE": [(set_to("pcf.assurance.level", "absolute"), "pcf.assurance.level")],
    "QUALITY": [(both(OLD, without("pcf.primaryDataShare"), without("pcf.dqi")), "pcf.primaryDataShare")],
    "SINCE_2025": [(without("pcf.primaryDataShare"), "pcf.primaryDataShare"), (without("pcf.dqi.temporalDQR"), "pcf.dqi.temporalDQR")],  # noqa: E501
}  # fmt: skip


def test_every_rule_has_a_record_that_breaks_it() -> None:
    assert set(BREAKING) == {rule.name for rule in record_rules.RULES}
    assert all(rule.zh and rule.en for rule in record_rules.RULES)


@pytest.mark.parametrize("name", BREAKING)
def test_a_record_that_breaks_a_rule_is_told_its_field(name: str) -> None:
    for change, field in BREAKING[name]:
        assert (name, field) in broken(change)


def test_before_2025_the_later_fields_may_be_missing() -> None:
    old = both(OLD, without("pcf.dqi"), without("pcf.pCfIncludingBiogenic"))
    assert broken(old) == set()


def test_a_suppliers_record_is_an_input_like_any_other() -> None:
    made = pact.factor_of(record(), "ab" * 32)
    assert (made.code, made.unit, made.boundary) == (f"pact.{ID}", "kg", Boundary.LIFE_CYCLE)
    assert made.parts[Part.FOSSIL] == Decimal("1.915")
    assert "ab" * 32 in made.version
    part = Input(LifeStage.RAW_MATERIALS, "rebar", Decimal(2), "t", made, True, POWER.ratings)
    assert footprint(replace(STUDY, inputs=(part,), made=Decimal(1000))).excluding.value == Decimal("3.91")


def test_a_record_is_valid_for_three_years_or_its_own_period() -> None:
    own = record()
    assert [pact.is_valid_on(own, date(year, 6, 1)) for year in (2025, 2026, 2028, 2029)] == [False, True, True, False]
    own |= {"validityPeriodStart": START, "validityPeriodEnd": "2027-01-01T00:00:00Z"}
    assert not pact.is_valid_on(own, date(2027, 6, 1))
    leap = record()
    leap["pcf"]["referencePeriodEnd"] = "2024-02-29T00:00:00Z"
    assert pact.is_valid_on(leap, date(2027, 2, 27))
