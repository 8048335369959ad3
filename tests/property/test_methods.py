"""Methods under any input: facilities add up, fossil and biomass part make the whole, traces replay, signs follow."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tonnebook import rulebook
from tonnebook.core import methods, mrv, trace, units
from tonnebook.core.methods import Given, LineKind
from tonnebook.core.mrv import MethodLine

RULES = rulebook.at("shanghai", on=date(2025, 12, 31), year=2025)
AMOUNTS = st.decimals(0, 1_000_000, places=4)
SHARES = st.decimals(0, 1, places=6)
LINES = st.one_of(
    *(
        st.builds(
            MethodLine,
            st.just(LineKind.METHOD),
            st.just(name),
            AMOUNTS,
            st.sampled_from(accepted),
            method=st.just(method),
        )
        for method, name, accepted in (
            ("gas_combustion", "natural_gas", ["10^4Nm3", "Nm3"]),
            ("fuel_combustion", "diesel", ["t", "kg", "10^4t"]),
            ("process_material", "caco3", ["t", "kg"]),
            ("electricity", "grid", ["MWh", "kWh", "10^4kWh"]),
            ("heat", "steam", ["GJ", "MJ"]),
        )
    )
)


def burnt(fuel: Decimal, biomass: Decimal) -> Decimal:
    chosen = methods.version_of(RULES.methods, "elemental_carbon", year=2025, region="shanghai")
    told = {"fuel": (fuel, "t"), "elemental_carbon": (Decimal("0.55"), "tC/t"), "biomass": (biomass, "share")}
    return methods.compute(chosen, {name: Given(*value) for name, value in told.items()}, RULES).value


@given(st.lists(LINES, min_size=2, max_size=8), st.data())
def test_lines_of_facilities_add_up_to_those_of_the_enterprise(lines: list[MethodLine], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(lines) - 1))
    parts = [mrv.emissions(part, RULES) for part in (lines[:cut], lines[cut:])]
    whole = mrv.emissions(lines, RULES)
    assert [line.value for part in parts for line in part.lines] == [line.value for line in whole.lines]
    assert abs(sum(part.total.whole for part in parts) - whole.total.whole) <= 1
    assert trace.replay(trace.from_json(trace.to_json(whole.total))) == whole.total.value


@given(AMOUNTS, SHARES)
def test_the_fossil_and_the_biomass_part_make_the_whole_fuel(fuel: Decimal, biomass: Decimal) -> None:
    fossil, rest = burnt(fuel, biomass), burnt(fuel, 1 - biomass)
    assert units.half_up(fossil + rest, 15) == units.half_up(burnt(fuel, Decimal(0)), 15)
    assert min(fossil, rest) >= 0


@given(AMOUNTS, SHARES)
def test_what_is_handed_over_and_what_is_received_cancel_out(moved: Decimal, share: Decimal) -> None:
    chosen = methods.version_of(RULES.methods, "ccus_transfer", year=2025, region="shanghai")
    told = {"moved": Given(moved, "tCO2"), "fossil_share": Given(share, "share")}
    out, back = (methods.compute(chosen, told, RULES, direction=way).value for way in ("TO_STORAGE", "RECEIVED"))
    assert out == -back <= 0
