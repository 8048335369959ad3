"""A trace replays to its number, survives JSON, and shows what it rests on."""

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnebook import rulebook
from tonnebook.core import personas, trace
from tonnebook.core.allocation import annual

ORIGIN = trace.Origin("mrv.electricity.factor", "2022-02-11", "S27", "notice", "enacted")


def _emission(mwh: str) -> trace.Traced:
    activity = trace.given(mwh, "MWh", zh="外购电量", en="purchased electricity")
    factor = trace.parameter(Decimal("0.42"), "tCO2/MWh", zh="电力因子", en="electricity factor", origin=ORIGIN)
    emission = trace.product([activity, factor], "tCO2", zh="外购电力排放", en="emissions of purchased electricity")
    return trace.half_up(emission, zh="四舍五入到吨", en="rounded to whole tonnes")


def test_trace_computes_and_names_its_rounding() -> None:
    emission = _emission("1101.19")
    assert emission.whole == 462
    assert emission.op is trace.Op.HALF_UP
    assert trace.origins(emission) == (ORIGIN,)


def test_replay_does_not_trust_stored_values() -> None:
    stored = trace.to_json(_emission("100"))
    stored["value"] = "999"
    tampered = trace.from_json(stored)
    assert tampered.value == 999
    assert trace.replay(tampered) == 42


@given(st.decimals(0, 10**9, places=4))
def test_trace_survives_json_and_replays(mwh: Decimal) -> None:
    emission = _emission(format(mwh, "f"))
    again = trace.from_json(trace.to_json(emission))
    assert again == emission
    assert trace.replay(again) == emission.value


def test_from_json_refuses_what_is_not_a_trace() -> None:
    with pytest.raises(ValueError, match="not a trace"):
        trace.from_json({"value": "1"})


def test_every_operation_replays() -> None:
    six, four = trace.given(6, "t", zh="六", en="six"), trace.given(4, "t", zh="四", en="four")
    expected = {
        trace.total([six, four], "t", zh="", en=""): 10,
        trace.difference(six, four, "t", zh="", en=""): 2,
        trace.quotient(six, four, "", zh="", en=""): Decimal("1.5"),
        trace.power(six, four, "", zh="", en=""): 1296,
        trace.smallest([six, four], "t", zh="", en=""): 4,
        trace.largest([six, four], "t", zh="", en=""): 6,
        trace.same(six, zh="", en=""): 6,
        trace.floor(trace.given("1.9", "t", zh="", en=""), zh="", en=""): 1,
        trace.ceil(trace.given("1.1", "t", zh="", en=""), zh="", en=""): 2,
    }
    for node, value in expected.items():
        assert node.value == trace.replay(node) == value


@pytest.mark.parametrize("region", ["shanghai", "tianjin"])
def test_how_sure_its_parameters_are_follows_an_allowance_through_every_form(region: str) -> None:
    rules = rulebook.at(region, on=date(2026, 6, 1), year=2026, overlays=(rulebook.overlay(region, 2026),))
    steady = next(one for one in personas.personas(region, 2026) if one.code == "steady")
    amounts = annual.annual(steady.facts, rules)
    for number in (amounts.base, amounts.free, amounts.paid):
        told = trace.statuses(number)
        assert "scenario" in told
        assert told == tuple(sorted({rules.status(origin.path).value for origin in trace.origins(number)}))
        stored = trace.from_json(json.loads(json.dumps(trace.to_json(number))))
        assert trace.statuses(stored) == told


def test_a_number_without_parameters_rests_on_nothing() -> None:
    assert trace.statuses(trace.given(1, "t", zh="一", en="one")) == ()
