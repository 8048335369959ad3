"""Worked examples of allowances: Shanghai power, national power and industry, batches, band, incentives, paid share."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from tonnebook.core import trace, units
from tonnebook.core.allocation import annual as annuals
from tonnebook.core.allocation import (
    batches,
    benchmark,
    changes,
    history,
    incentives,
    industry,
    issue,
    national_power,
    shares,
    totals,
)
from tonnebook.core.allocation.annual import Annual, annual
from tonnebook.core.allocation.changes import Change, ChangeKind
from tonnebook.core.allocation.declarations import Power, Supply
from tonnebook.core.allocation.facts import EntityFacts
from tonnebook.core.allocation.non_fossil import base_emission, earning_mwh
from tonnebook.core.examples import parameters as sheet
from tonnebook.core.trace import Traced
from tonnebook.core.units import decimal_of

_CENT_PLACES = 2
_RATIO_PLACES = 6
_BY_EMISSIONS = "HISTORICAL_EMISSIONS"


def power_plant(
    *, parameters: Mapping[str, str], kind: str, fuel: str, power: str, heat_kj: str, **corrections: str
) -> dict[str, str]:
    """Compute combined output (3 decimals) and base allowance (2 decimals) of a plant of the Shanghai plans."""
    plant = benchmark.Plant(
        kind,
        fuel,
        decimal_of(power),
        decimal_of(heat_kj),
        is_closed_cooling=corrections.get("closed_cooling") == "yes",
        is_clean_coal=corrections.get("clean_coal") == "yes",
        load=decimal_of(corrections.get("load", "1")),
    )
    rules = sheet.rules(parameters)
    combined = units.half_up(benchmark.combined_output(plant, rules).value, 3)
    base = units.half_up(benchmark.power_plant(plant, rules).value, _CENT_PLACES)
    return {"combined_1e4kwh": f"{combined:f}", "base_t": f"{base:f}"}


def by_activity(*, parameters: Mapping[str, str], product: str, activity: str) -> dict[str, str]:
    """Compute the base allowance of an activity by its benchmark."""
    return {"base_t": f"{benchmark.by_activity(product, decimal_of(activity), sheet.rules(parameters)).value:f}"}


def peak_factor(*, parameters: Mapping[str, str], load_share: str) -> dict[str, str]:
    """Compute the peak-regulation factor."""
    return {"ff": f"{national_power.peak_factor(decimal_of(load_share), sheet.rules(parameters)).value:f}"}


def national_unit(
    *, parameters: Mapping[str, str], kind: str, power_mwh: str, heat_gj: str, load_share: str
) -> dict[str, str]:
    """Compute the allowance of a generating unit: for power, for heat and together."""
    unit = national_power.Unit(kind, decimal_of(power_mwh), decimal_of(heat_gj), decimal_of(load_share))
    rules = sheet.rules(parameters)
    return {
        "ae_t": _text(national_power.power_allowance(unit, rules)),
        "ah_t": _text(national_power.heat_allowance(unit, rules)),
        "a_t": _text(national_power.allowance(unit, rules)),
    }


def capped_gap(*, parameters: Mapping[str, str], allowance_t: str, emission_t: str, gas: str) -> dict[str, str]:
    """Cap the gap of a power company."""
    amount = _given(allowance_t)
    is_gas, rules = gas == "yes", sheet.rules(parameters)
    return {"a_t": _text(national_power.cap_gap(amount, emission_t=int(emission_t), is_gas=is_gas, rules=rules))}


def industry_allowance(
    *, parameters: Mapping[str, str], balance: str, intensity: str, emission_t: str
) -> dict[str, str]:
    """Compute coefficient and allowance of a steel, cement or aluminium entity."""
    rules, own = sheet.rules(parameters), decimal_of(intensity)
    middle = trace.given(balance, "t/unit", zh="平衡值", en="balance value")
    alpha = industry.coefficient(balance=middle, intensity=own, rules=rules)
    amount = industry.allowance(emission_t=int(emission_t), balance=middle, intensity=own, rules=rules)
    return {"alpha": f"{alpha.value:f}", "a_t": _text(amount)}


def balance_value(*, parameters: Mapping[str, str], entities: Sequence[Sequence[str]]) -> dict[str, str]:
    """Solve for the balance value of a sector, to 6 decimals."""
    pairs = [(decimal_of(emission), decimal_of(intensity)) for emission, intensity in entities]
    found = industry.balance_value(pairs, sheet.rules(parameters))
    return {"bp": f"{units.half_up(found, _RATIO_PLACES):f}"}


def historical_emissions(*, parameters: Mapping[str, str], year: str, emissions_t: Mapping[str, str]) -> dict[str, str]:
    """Compute the base allowance by historical emissions, to 2 decimals."""
    figures = {int(one): int(tonnes) for one, tonnes in emissions_t.items()}
    base = history.historical_emissions(figures, sheet.rules(parameters, year=int(year)))
    return {"base_t": f"{units.half_up(base.value, _CENT_PLACES):f}"}


def intensity(
    *, parameters: Mapping[str, str], year: str, years: Mapping[str, Sequence[str]], output: str
) -> dict[str, str]:
    """Compute the base allowance of one product by historical intensity, to 2 decimals."""
    past = {int(y): history.ProductYear(decimal_of(row[0]), decimal_of(row[1])) for y, row in years.items()}
    product = history.Product("product", past, decimal_of(output))
    base = history.historical_intensity([product], sheet.rules(parameters, year=int(year)))
    return {"base_t": f"{units.half_up(base.value, _CENT_PLACES):f}"}


def first_batch(*, parameters: Mapping[str, str], last_emission_t: str) -> dict[str, str]:
    """Compute the first batch."""
    return {"first_batch_t": _text(batches.first_batch(int(last_emission_t), sheet.rules(parameters)))}


def true_up(*, free_t: str, issued_t: str, held_t: str) -> dict[str, str]:
    """Settle the second batch against the first."""
    done = batches.true_up(_given(free_t), issued_t=int(issued_t), held_free_t=int(held_t))
    names = ("issue_t", "recall_t", "recall_outstanding_t")
    return {name: str(getattr(done, name)) for name in names}


def band(*, parameters: Mapping[str, str], allowance_t: str, emission_t: str) -> dict[str, str]:
    """Keep an allowance within the band around the emission."""
    return {"a_t": _text(batches.band(_given(allowance_t), int(emission_t), sheet.rules(parameters)))}


def incentive(*, parameters: Mapping[str, str], ground: str, allowance_t: str) -> dict[str, str]:
    """Compute what one incentive ground adds."""
    return {"added_t": _text(incentives.incentive(_given(allowance_t), ground, sheet.rules(parameters)))}


def non_fossil(*, parameters: Mapping[str, str], allowance_t: str, emission_t: str, market_mwh: str) -> dict[str, str]:
    """Top up for non-fossil power bought on the market."""
    bought, rules = decimal_of(market_mwh), sheet.rules(parameters)
    amount = incentives.non_fossil_top_up(
        _given(allowance_t), emission_t=int(emission_t), market_mwh=bought, rules=rules
    )
    return {"a_t": _text(amount)}


def base_year_without_power(
    *, parameters: Mapping[str, str], emission_t: str, supply: str, bought_mwh: str, taken_out_mwh: str
) -> dict[str, str]:
    """Take non-fossil power out of the emission of a base year."""
    bought = [Power(Supply(supply), decimal_of(bought_mwh))]
    found = base_emission(
        int(emission_t), purchases=bought, taken_out_mwh=decimal_of(taken_out_mwh), rules=sheet.rules(parameters)
    )
    return {"emission_t": _text(found)}


def change_of_entity(
    *, parameters: Mapping[str, str], year: str, on: str, share: str, successor: str, emissions_t: Mapping[str, str]
) -> dict[str, str]:
    """Let a change of one entity take effect on its base years, and on those of a successor that had none."""
    change = Change("EC-1", "A", ChangeKind.BOUNDARY, date.fromisoformat(on), decimal_of(share), successor)
    figures = {int(one): int(tonnes) for one, tonnes in emissions_t.items()}
    facts = {"A": EntityFacts("A", "", figures), **({"B": EntityFacts("B", "", {})} if successor else {})}
    found = changes.applied(facts, [change], sheet.rules(parameters, year=int(year)))
    return {f"{entity}_{one}": str(tonnes) for entity, own in found.items() for one, tonnes in own.emissions_t.items()}


def earning_power(
    *, parameters: Mapping[str, str], bought: Sequence[Sequence[str]], taken_out_mwh: str
) -> dict[str, str]:
    """Say how much of a year's non-fossil power may earn allowances; a row is supply and MWh."""
    purchases = [Power(Supply(supply), decimal_of(mwh)) for supply, mwh in bought]
    rules = sheet.rules(parameters)
    found = earning_mwh(purchases, taken_out_mwh=decimal_of(taken_out_mwh), rules=rules)
    return {"earning_mwh": f"{found:f}"}


def paid_split(
    *, parameters: Mapping[str, str], sector: str, allowance_t: str, coefficient: str, grounds: str = ""
) -> dict[str, str]:
    """Split an annual allowance into its free and its paid part."""
    rules = sheet.rules(parameters)
    share = shares.paid_share(sector, decimal_of(coefficient), rules, grounds=grounds.split())
    parts = shares.split(_given(allowance_t), share)
    return {"free_t": _text(parts.free), "paid_t": _text(parts.paid)}


def direct_issue(
    *, parameters: Mapping[str, str], kind: str, direct_share: str, improving: str, base_t: str
) -> dict[str, str]:
    """Divide an allowance by the table of the 2019 plan; `kind` is the sector, of the class of its name."""
    rules = sheet.rules(
        {
            **parameters,
            f"allocation.direct_issue_sectors.{kind}": kind,
            f"allocation.method.{kind}": _BY_EMISSIONS,
            "allocation.history_years": "3",
        }
    )
    falling = {2023: 3, 2024: 2, 2025: 1 if improving == "yes" else 2}
    facts = EntityFacts("example", kind, falling, direct_share=decimal_of(direct_share))
    parts = issue.divide(_given(base_t), facts, rules)
    band = issue.band_of(facts.direct_share or Decimal(0), issue.bands(kind, rules))
    share = rules.decimal(band.share_path(is_improving=issue.is_improving(facts, rules)))
    return {"share": f"{share:f}", "direct_t": _text(parts.free)}


def absolute_cap(*, parameters: Mapping[str, str], sector: str, base_t: Mapping[str, str]) -> dict[str, str]:
    """Fit the allowances of a sector into its absolute cap, by entity."""
    rules, zero = sheet.rules(parameters), trace.given(0, "t", zh="零", en="zero")
    amounts = {entity: Annual(_given(tonnes), _given(tonnes), zero) for entity, tonnes in base_t.items()}
    facts = {entity: EntityFacts(entity, sector, {}) for entity in base_t}
    return {entity: _text(one.base) for entity, one in totals.corrected(amounts, facts, rules).items()}


def region_total(*, parameters: Mapping[str, str], entities: Sequence[Sequence[str]]) -> dict[str, str]:
    """Add up a region's year; a row is sector, planned, settled (empty while unknown) and paid tonnes."""
    rows = [
        totals.Planned(sector, int(planned), int(settled) if settled else None, int(paid))
        for sector, planned, settled, paid in entities
    ]
    found = totals.total(rows, sheet.rules(parameters))
    names = ("total_t", "set_aside_t", "reserve_t", "free_t", "paid_t", "open_t")
    return {name: str(getattr(found, name)) for name in names}


def headroom(*, parameters: Mapping[str, str], wanted_t: str, drawn_t: str) -> dict[str, str]:
    """Draw on the headroom."""
    left = totals.check_headroom(wanted_t=int(wanted_t), drawn_t=int(drawn_t), rules=sheet.rules(parameters))
    return {"left_t": _text(left)}


def cut(*, base_t: str, paid_t: str, decided_t: str) -> dict[str, str]:
    """Take what a decision cuts off an annual allowance."""
    base, paid = _given(base_t), _given(paid_t)
    whole = Annual(base, _given(str(base.whole - paid.whole)), paid)
    left = annuals.cut(whole, int(decided_t))
    amounts = {"base_t": left.base, "free_t": left.free, "paid_t": left.paid, "cut_t": left.cut or _given("0")}
    return {name: _text(one) for name, one in amounts.items()}


def annual_allowance(
    *,
    parameters: Mapping[str, str],
    year: str,
    sector: str,
    emissions_t: Mapping[str, str],
    determined_t: str,
    **rest: str,
) -> dict[str, str]:
    """Compute an annual allowance through all steps in their order; `rest`: market_mwh, grounds, the outputs."""
    last, made = rest.get("output_last", "1"), rest.get("output", "1")
    facts = EntityFacts(
        "example",
        sector,
        {int(one): int(tonnes) for one, tonnes in emissions_t.items()},
        {int(year) - 1: {"product": decimal_of(last)}},
        {"product": decimal_of(made)},
        determined_t=int(determined_t),
        market_mwh=decimal_of(rest.get("market_mwh", "0")),
        grounds=frozenset(rest.get("grounds", "").split()),
        new_facility_t=int(rest.get("new_facility_t", "0")),
        direct_share=decimal_of(rest["direct_share"]) if "direct_share" in rest else None,
    )
    found = annual(facts, sheet.rules(parameters, year=int(year)))
    return {"base_t": _text(found.base), "free_t": _text(found.free), "paid_t": _text(found.paid)}


def _given(tonnes: str) -> Traced:
    return trace.given(tonnes, "t", zh="给定", en="given")


def _text(amount: Traced) -> str:
    return str(amount.whole)
