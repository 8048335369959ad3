"""Footprints of products: parts kept apart, the quality of data weighted, and life-cycle factors only."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tonnebook.core import trace
from tonnebook.core.errors import Refused
from tonnebook.core.footprints.refusals import FootprintRefusal
from tonnebook.core.footprints.study import (
    DeclaredUnit,
    GwpSet,
    Input,
    LifeFactor,
    LifeStage,
    Part,
    Rating,
    Study,
    SystemBoundary,
    footprint,
)
from tonnebook.core.methods import Boundary

BEST = dict.fromkeys(Rating, 1)
POOR = dict.fromkeys(Rating, 3)


def factor(unit: str, *, boundary: Boundary = Boundary.LIFE_CYCLE, **parts: str) -> LifeFactor:
    values = {Part[name]: Decimal(text) for name, text in parts.items()}
    return LifeFactor("pcf.made_up", unit, values, boundary, "Made-up database", "1")


POWER = Input(LifeStage.PRODUCTION, "power", Decimal(2000), "MWh", factor("kWh", FOSSIL="0.5"), True, BEST)
ORE = Input(LifeStage.RAW_MATERIALS, "ore", Decimal(3000), "t", factor("kg", FOSSIL="0.3"), False, POOR)
FREIGHT = Input(
    LifeStage.TRANSPORT, "freight", Decimal(100_000), "t-km", factor("t-km", FOSSIL="0.1", AIRCRAFT="0.4"), False, POOR
)
STRAW = Input(
    LifeStage.PACKAGING, "straw", Decimal(10), "t",
    factor("kg", FOSSIL="0.5", DLUC="2", LAND_MANAGEMENT="-1", BIOGENIC="3", WITHDRAWAL="-1.5"), False, BEST,
)  # fmt: skip
STUDY = Study(
    declared_unit=DeclaredUnit.KILOGRAM,
    unitary_amount=Decimal(1000),
    made=Decimal(1_000_000),
    boundary=SystemBoundary.CRADLE_TO_GATE,
    from_on=date(2025, 1, 1),
    to_on=date(2026, 1, 1),
    inputs=(POWER, ORE, FREIGHT, STRAW),
    fossil_carbon_kg=Decimal("0.01"),
    biogenic_carbon_kg=Decimal(0),
    mass_kg=Decimal(1),
    exempted_percent=Decimal(1),
    exempted_reason="consumables below the cut-off",
    gwp_sets=(GwpSet.AR6,),
)


def refused(study: Study) -> Refused:
    with pytest.raises(Refused) as caught:
        footprint(study)
    return caught.value


def with_input(one: Input) -> Study:
    return replace(STUDY, inputs=(one,))


def test_a_footprint_by_hand() -> None:
    # Fossil: power 1,000,000 + ore 900,000 + freight 10,000 + straw 5,000 kg; aircraft 40,000 kg; over 1,000,000 kg.
    found = footprint(STUDY)
    parts = {part: str(number.value) for part, number in found.parts.items()}
    assert parts == {
        Part.FOSSIL: "1.915000", Part.AIRCRAFT: "0.040000", Part.DLUC: "0.020000", Part.LAND_MANAGEMENT: "-0.010000",
        Part.BIOGENIC: "0.030000", Part.WITHDRAWAL: "-0.015000",
    }  # fmt: skip
    assert found.excluding.value == Decimal("1.955")
    assert found.including.value == Decimal("1.980")
    assert {stage: number.value for stage, number in found.stages.items()} == {
        LifeStage.RAW_MATERIALS: Decimal("0.9"), LifeStage.TRANSPORT: Decimal("0.05"),
        LifeStage.PRODUCTION: Decimal("1"), LifeStage.PACKAGING: Decimal("0.005"),
    }  # fmt: skip


def test_ratings_are_weighted_over_inputs_above_five_per_cent() -> None:
    # Power 1,000,000 and ore 900,000 of 1,955,000 are above; freight (2.6 %) and straw are not.
    found = footprint(STUDY)
    assert found.coverage_percent.value == Decimal("97.19")
    assert {rating: number.value for rating, number in found.ratings.items()} == dict.fromkeys(Rating, Decimal("1.95"))
    assert found.primary_percent.value == Decimal("51.15")


def test_many_small_inputs_are_all_rated() -> None:
    small = tuple(replace(ORE, name=f"ore {place}") for place in range(25))
    assert footprint(replace(STUDY, inputs=small)).coverage_percent.value == 100


def test_every_number_is_reached_again_from_its_leaves() -> None:
    found = footprint(STUDY)
    numbers = [found.excluding, found.including, found.primary_percent, found.coverage_percent]
    for mapping in (found.parts, found.stages, found.ratings):
        assert isinstance(mapping, Mapping)
        numbers += mapping.values()
    assert all(trace.replay(number) == number.value for number in numbers)


@pytest.mark.parametrize("boundary", [Boundary.COMBUSTION, Boundary.CONSUMPTION])
def test_a_factor_of_burning_or_consumption_is_refused(boundary: Boundary) -> None:
    error = refused(with_input(replace(POWER, factor=factor("kWh", boundary=boundary, FOSSIL="0.5"))))
    assert error.code is FootprintRefusal.FACTOR_NOT_LIFE_CYCLE
    assert boundary.value in error.zh


REFUSED = {
    "nothing": (replace(STUDY, inputs=()), FootprintRefusal.NO_INPUTS),
    "no amount": (replace(STUDY, unitary_amount=Decimal(0)), FootprintRefusal.AMOUNT_NOT_POSITIVE),
    "nothing made": (replace(STUDY, made=Decimal(0)), FootprintRefusal.AMOUNT_NOT_POSITIVE),
    "a piece without mass": (
        replace(STUDY, declared_unit=DeclaredUnit.PIECE, mass_kg=None), FootprintRefusal.AMOUNT_NOT_POSITIVE,
    ),
    "negative carbon": (replace(STUDY, fossil_carbon_kg=Decimal(-1)), FootprintRefusal.QUANTITY_UNFIT),
    "period": (replace(STUDY, to_on=date(2025, 1, 1)), FootprintRefusal.PERIOD_UNFIT),
    "exempted": (replace(STUDY, exempted_percent=Decimal(101)), FootprintRefusal.EXEMPTED_UNFIT),
    "exempted without reason": (replace(STUDY, exempted_reason=" "), FootprintRefusal.EXEMPTED_UNFIT),
    "warming": (replace(STUDY, gwp_sets=()), FootprintRefusal.NO_WARMING_SET),
    "stage": (replace(STUDY, boundary=SystemBoundary.GATE_TO_GATE), FootprintRefusal.STAGE_OUTSIDE_BOUNDARY),
    "quantity": (with_input(replace(POWER, quantity=Decimal(-1))), FootprintRefusal.QUANTITY_UNFIT),
    "unit": (with_input(replace(POWER, unit="t")), FootprintRefusal.INPUT_UNIT_UNFIT),
    "sign": (with_input(replace(POWER, factor=factor("kWh", WITHDRAWAL="1"))), FootprintRefusal.PART_SIGN_UNFIT),
    "below zero": (with_input(replace(POWER, factor=factor("kWh", FOSSIL="-1"))), FootprintRefusal.PART_SIGN_UNFIT),
    "rating": (with_input(replace(POWER, ratings={**BEST, Rating.TEMPORAL: 4})), FootprintRefusal.RATING_UNFIT),
    "no rating": (with_input(replace(POWER, ratings={})), FootprintRefusal.RATING_UNFIT),
    "zero": (with_input(replace(POWER, quantity=Decimal(0))), FootprintRefusal.NOTHING_EMITTED),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_refused(case: str) -> None:
    study, code = REFUSED[case]
    assert refused(study).code is code
