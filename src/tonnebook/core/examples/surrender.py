"""Worked examples of surrender: limits, proposal, what is eligible, force, status of a year, cumulative codes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from tonnebook.core import enforcement, foreign_credits, surrender
from tonnebook.core.examples import parameters as sheet
from tonnebook.core.foreign_credits import CancelledBlock
from tonnebook.core.ledger import AccountType, AssetKey, AssetKind


def credit_limit(*, parameters: Mapping[str, str], determined_t: str, issued_t: str = "0") -> dict[str, str]:
    """Compute how many credits may be used, in all and of each kind with a limit of its own."""
    duty, rules = surrender.Duty(int(determined_t), issued_t=int(issued_t)), sheet.rules(parameters)
    narrower = {f"{name}_t": str(limit.whole) for name, limit in surrender.sub_limits(duty, rules).items()}
    return {"limit_t": str(surrender.credit_limit(duty, rules).whole), **narrower}


def proposal(
    *, parameters: Mapping[str, str], year: str, determined_t: str, lots: Sequence[Mapping[str, str]]
) -> dict[str, str]:
    """Propose a surrender: tonnes by asset code, in the order of use."""
    rules = sheet.rules(parameters, year=int(year))
    lines = surrender.propose(surrender.Duty(int(determined_t)), [_lot(lot) for lot in lots], rules)
    return {line.asset.code: str(line.quantity_t) for line in lines}


def eligibility(*, parameters: Mapping[str, str], year: str, lots: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Say of each lot whether it may be surrendered: YES, or the code of the refusal."""
    rules = sheet.rules(parameters, year=int(year))
    found = {lot.asset.code: surrender.ineligible(lot.asset, rules) for lot in map(_lot, lots)}
    return {asset: refused.code.name if refused else "YES" for asset, refused in found.items()}


def submission(
    *, parameters: Mapping[str, str], year: str, determined_t: str, lines: Sequence[Mapping[str, str]], **before: str
) -> dict[str, str]:
    """Check lines against what is owed and held, which may be refused; a row without `free_t` is held in full."""
    surrendered_t, credits_t = (int(before.get(name, "0")) for name in ("surrendered_t", "credits_t"))
    duty = surrender.Duty(int(determined_t), surrendered_t=surrendered_t, credits_t=credits_t)
    lots = [_lot({"free_t": row["t"], **row}) for row in lines]
    wanted = [surrender.Line(lot.asset, int(row["t"]), lot.labels) for lot, row in zip(lots, lines, strict=True)]
    total_t = sum(line.quantity_t for line in wanted)
    surrender.check(duty, wanted, lots, shown_total_t=total_t, rules=sheet.rules(parameters, year=int(year)))
    return {"submitted_t": str(total_t)}


def foreign_credit(
    *, parameters: Mapping[str, str], reduced_from_on: str, registered_on: str, used_on: str = "2026-06-01", **told: str
) -> dict[str, str]:
    """Say whether credits cancelled in another registry may be used: YES, or the code of the refusal."""
    used = date.fromisoformat(used_on)
    rules = replace(sheet.rules(parameters, year=used.year), on=used)
    reduced_on, on = date.fromisoformat(reduced_from_on), date.fromisoformat(registered_on)
    block = replace(_block(reduced_on=reduced_on, registered_on=on, **told), year=used.year)
    refused = foreign_credits.unusable(block, entity="A", covered={"A", "B"}, rules=rules)
    return {"usable": refused.code.name if refused else "YES"}


def origin(*, parameters: Mapping[str, str], province: str) -> dict[str, str]:
    """Name the limits of their own that credits of a province count towards; empty text for none."""
    day = date(2019, 1, 1)
    block = _block(reduced_on=day, registered_on=day, province=province)
    return {"labels": " ".join(sorted(foreign_credits.labels(block, sheet.rules(parameters))))}


def settlement(*, determined_t: str, surrendered_t: str, held_t: str, recall_t: str = "0") -> dict[str, str]:
    """Settle a year under the yearly rule."""
    duty = surrender.Duty(int(determined_t), recall_outstanding_t=int(recall_t), surrendered_t=int(surrendered_t))
    found = surrender.settle(duty, held_t=int(held_t))
    return {
        "code": found.code.value,
        "shortfall_t": str(found.shortfall.whole),
        "surplus_t": str(found.surplus.whole),
    }


def forced(
    *, parameters: Mapping[str, str], year: str, missing_t: str, reach: Sequence[Mapping[str, str]]
) -> dict[str, str]:
    """Choose what is taken by force: tonnes by account type and asset code, in order."""
    within = [
        enforcement.Reach(
            AccountType(row["account"]), _lot(row).asset, _lot(row).free_t, int(row.get("resting_t", "0"))
        )
        for row in reach
    ]
    found = enforcement.takings(int(missing_t), within, sheet.rules(parameters, year=int(year)))
    return {f"{one.type.value} {one.asset.code}": str(one.quantity_t) for one in found}


def cumulative(*, verified: Mapping[str, str], surrendered: Mapping[str, str]) -> dict[str, str]:
    """Give the codes of the cumulative rule; an empty text is no figure."""
    codes = surrender.cumulative_codes(_figures(verified), _figures(surrendered))
    return {str(year): code for year, code in codes.items()}


def _figures(texts: Mapping[str, str]) -> dict[int, int | None]:
    return {int(year): int(text) if text else None for year, text in texts.items()}


def _block(*, reduced_on: date, registered_on: date, **told: str) -> CancelledBlock:
    return CancelledBlock(
        scheme="CCER",
        serial_from=1,
        serial_to=100,
        entity="A",
        year=2026,
        project="P-1",
        project_kind=told.get("kind", "WIND"),
        province=told.get("province", ""),
        gas=told.get("gas", "CO2"),
        boundary=told.get("boundary", ""),
        reduced_from_on=reduced_on,
        registered_on=registered_on,
        cancelled_on=registered_on,
        certificate="C-1",
    )


def _lot(row: Mapping[str, str]) -> surrender.Lot:
    asset = AssetKey(
        row["code"], AssetKind(row["kind"]), row["scheme"], int(row["vintage_year"]), "", row.get("use", "")
    )
    return surrender.Lot(asset, int(row.get("free_t", "1")), frozenset(row.get("labels", "").split()))
