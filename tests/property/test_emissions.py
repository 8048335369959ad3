"""Emissions under any input: facilities add up, traces replay, biomass splits whole, doubt never helps."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.core.test_mrv import rules

from tonnebook.core import continuous_monitoring, mrv, source_streams, trace
from tonnebook.core.mrv import LineKind, SourceLine

AMOUNTS = st.decimals(0, 1_000_000, places=4)
SHARES = st.decimals(0, 1, places=6)
LINES = st.one_of(
    st.builds(
        SourceLine, st.just(LineKind.COMBUSTION), st.just("natural_gas"), AMOUNTS, st.sampled_from(["10^4Nm3", "Nm3"])
    ),
    st.builds(SourceLine, st.just(LineKind.PROCESS), st.just("caco3"), AMOUNTS, st.sampled_from(["t", "kg"])),
    st.builds(SourceLine, st.just(LineKind.ELECTRICITY), st.just("grid"), AMOUNTS, st.sampled_from(["MWh", "kWh"])),
    st.builds(SourceLine, st.just(LineKind.HEAT), st.just("steam"), AMOUNTS, st.sampled_from(["GJ", "MJ"])),
)


@given(st.lists(LINES, min_size=1, max_size=8), st.data())
def test_emissions_of_facilities_add_up_to_those_of_the_entity(lines: list[SourceLine], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(lines)))
    parts = [mrv.emissions(part, rules()) for part in (lines[:cut], lines[cut:]) if part]
    whole = mrv.emissions(lines, rules())
    assert abs(sum(part.total.whole for part in parts) - whole.total.whole) <= 1
    assert whole.direct.whole + whole.indirect.whole == whole.total.whole
    assert 0 <= whole.direct_share.value <= 1


@given(st.lists(LINES, min_size=1, max_size=5))
def test_total_is_reached_again_from_the_leaves_of_its_stored_trace(lines: list[SourceLine]) -> None:
    total = mrv.emissions(lines, rules()).total
    assert trace.replay(trace.from_json(trace.to_json(total))) == total.value


@given(LINES, AMOUNTS)
def test_more_activity_never_emits_less(line: SourceLine, more: Decimal) -> None:
    larger = SourceLine(line.kind, line.name, line.quantity + more, line.unit)
    assert mrv.line_emissions(larger, rules()).value >= mrv.line_emissions(line, rules()).value


@given(AMOUNTS, SHARES)
def test_fossil_and_biomass_part_make_the_whole_stream(activity: Decimal, biomass_share: Decimal) -> None:
    stream = source_streams.SourceStream(
        4, activity, "t", emission_factor=Decimal("2.5"), emission_unit="tCO2/t", biomass_share=biomass_share
    )
    split = source_streams.source_stream(stream)
    assert split.fossil + split.biomass == activity * Decimal("2.5")
    assert min(split.fossil, split.biomass) >= 0


@given(AMOUNTS, SHARES, SHARES, st.sampled_from(continuous_monitoring.MeterState))
def test_doubt_about_a_meter_never_adds_export_nor_takes_off_import(
    reading: Decimal, known: Decimal, permitted: Decimal, state: continuous_monitoring.MeterState
) -> None:
    export, taken = (
        continuous_monitoring.conservative_reading(
            reading, state=state, known_error=known, permitted_error=permitted, is_export=is_export
        )
        for is_export in (True, False)
    )
    assert export <= reading <= taken
