"""Leaving a regional market (转出与退出): what becomes of surplus, of allowances received free and of the last duty.

A unit that moves to the national market converts its Shanghai surplus step by step, and cancels what is left of the
allowances Tianjin gave it free by a day of its own; bought allowances stay. A unit that closes or moves away surrenders
its last emission, and gives back free allowances it no longer needs. Everything is dated by the year it leaves, so a
job that asks again computes the same. The module decides quantities, days and legs; the room posts them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby

from tonnebook.core import trace
from tonnebook.core.errors import Refusal, Sentence
from tonnebook.core.ledger import AssetKey, AssetKind, Leg, Lot, Title
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced


class TransitionRefusal(Refusal):
    """Why a step of leaving is refused, in order of precedence."""

    NOT_LEAVING = Sentence(
        "{entity} 没有转入全国市场的登记。",
        "No move of {entity} to the national market has been noted.",
        "S02 item 24; S01 (五)",
    )
    NOT_CLOSING = Sentence(
        "{entity} 没有关停或迁出的登记。", "No closure of {entity} has been noted.", "S02 item 10; S30 Art. 18"
    )
    NOT_DUE = Sentence(
        "{due_on} 尚未到来，不能办理该日到期的事项。",
        "{due_on} has not come; what is due then cannot be done yet.",
        "design choice",
        transient=True,
    )
    DUTY_OPEN = Sentence(
        "{entity} 的 {year} 年度履约义务尚未完成（缺 {missing_t} 吨），不能移交。",
        "{entity} has not met its duty of {year} ({missing_t} t missing) and cannot be handed over.",
        "S02 item 24; S01 (五)",
    )
    ALREADY_DONE = Sentence(
        "{entity} 的该步骤（{due_on}）已办理。", "This step of {entity} ({due_on}) has been done.", "design choice"
    )


class TransitionKind(StrEnum):
    """What is done with an entity that leaves, each once per entity and day."""

    CONVERT = "CONVERT"
    CANCEL_FREE = "CANCEL_FREE"
    HAND_OVER = "HAND_OVER"
    EXIT = "EXIT"


@dataclass(frozen=True, slots=True)
class ConversionStep:
    """One step of a conversion: the year whose vintage comes in place of older ones, its day, and its tonnes."""

    year: int
    due_on: date
    quantity: Traced


@dataclass(frozen=True, slots=True)
class Holding:
    """What an entity has free of one asset in one of its accounts, tonnes."""

    account: str
    asset: AssetKey
    free_t: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """What the authority has claimed in an account and can have now, tonnes; `hold` is the number of its claim."""

    account: str
    asset: str
    in_force_t: int
    hold: str = ""


@dataclass(frozen=True, slots=True)
class Conversion:
    """A step carried out: the vintage that comes in, what of the step was still held, and the legs that change it."""

    step: ConversionStep
    asset: AssetKey
    quantity: Traced
    legs: tuple[Leg, ...]


@dataclass(frozen=True, slots=True)
class ExitDuty:
    """What an entity owes that closes or moves away: its last emission, and free allowances to give back (tonnes)."""

    surrender: Traced
    give_back: Traced


def conversion_steps(*, surplus_t: int, from_year: int, rules: RulesAt) -> tuple[ConversionStep, ...]:
    """Divide the surplus of a unit that moved to the national market into yearly steps.

    Args:
        surplus_t: tonnes it held after its last surrender in the region, >= 0.
        from_year: first compliance year in the national market.
        rules: with `carry_over.convert_within_years`.

    Returns:
        One step per year, the first in `from_year`; they add up to the surplus, and none differs from another by more
        than a tonne. Each is due on the last day of its year.

    Raises:
        Refused: NO_SUCH_PARAMETER or NO_VALUE_IN_FORCE, naming `carry_over.convert_within_years`.

    Source: S01 (五): step by step, in principle within three years; equal parts and their days: design choice, after
        the three equal parts of 2016 to 2018 (recalled).

    Example:
        100 t over three years are converted as 33, 33 and 34 t.
    """
    years = rules.number("carry_over.convert_within_years")
    surplus = trace.given(surplus_t, "t", zh="转出时的盈余", en="surplus when it left")
    return tuple(
        ConversionStep(from_year + step - 1, date(from_year + step - 1, 12, 31), _part(surplus, years, step))
        for step in range(1, years.whole + 1)
    )


def free_to_use(held: Iterable[Holding]) -> tuple[Holding, ...]:
    """Keep the allowances anybody may use, account by account as given, the oldest vintage of each first.

    Source: design choice, no legal source; units for own surrender only never leave their holder.
    """
    usable = [
        one for one in held if one.asset.kind is AssetKind.ALLOWANCE and not one.asset.use_restriction and one.free_t
    ]
    accounts = [one.account for one in usable]
    return tuple(
        sorted(usable, key=lambda one: (accounts.index(one.account), one.asset.vintage_year or 0, one.asset.code))
    )


def handed_over(held: Iterable[Holding], *, from_year: int, target: str) -> tuple[Leg, ...]:
    """Give the legs that hand allowances of the national years over.

    Args:
        held: what the entity has free in its holding account.
        from_year: first compliance year in the national market.
        target: account that receives them.

    Source: design choice, no legal source.
    """
    return tuple(
        Leg(one.account, target, one.asset.code, one.free_t)
        for one in free_to_use(held)
        if (one.asset.vintage_year or 0) >= from_year
    )


def convert(
    steps: Sequence[ConversionStep], held: Iterable[Holding], *, from_year: int, scheme: str, issuance: str, end: str
) -> tuple[Conversion, ...]:
    """Carry out steps of a conversion one after the other, the oldest vintages first.

    Args:
        steps: those that are due.
        held: what the entity has free in all of its accounts; what was converted before, of a year since the move, is
            not converted again.
        from_year: first compliance year in the national market.
        scheme: code of the region's allowances.
        issuance: account the new vintage comes from.
        end: account the old vintages go to.

    Returns:
        One conversion per step; what has been sold meanwhile is not converted.

    Source: S01 (五), as `conversion_steps`; that the oldest vintage goes first: design choice.
    """
    rest = tuple(one for one in free_to_use(held) if (one.asset.vintage_year or 0) < from_year)
    done: list[Conversion] = []
    for step in steps:
        new = AssetKey(f"{scheme}-{step.year}", AssetKind.ALLOWANCE, scheme, step.year, "FREE")
        taken, rest = _take(rest, step.quantity.whole)
        legs: list[Leg] = []
        for account, parts in groupby(taken, key=lambda one: one.account):
            gone = [Leg(account, end, one.asset.code, one.free_t) for one in parts]
            legs += [*gone, Leg(issuance, account, new.code, sum(leg.quantity for leg in gone))]
        left = trace.given(sum(one.free_t for one in taken), "t", zh="其中仍持有", en="of it still held")
        quantity = trace.smallest([step.quantity, left], "t", zh="本次结转", en="converted now")
        done.append(Conversion(step, new, quantity, tuple(legs)))
    return tuple(done)


def given_back(held: Iterable[Holding], quantity_t: int, *, from_vintage: int, reserve: str) -> tuple[Leg, ...]:
    """Give the legs that return allowances of a year or later; what is not held is not returned.

    The latest vintage goes first: what was issued ahead goes back before what is left of the last year.

    Args:
        held: what the entity has free in its holding account.
        quantity_t: tonnes to give back, >= 0.
        from_vintage: the last year it was there.
        reserve: account that receives them.

    Source: S02 item 10 (Tianjin); S30 Art. 18 (Shanghai, until 2025-03-31); the order: design choice.
    """
    of_years = [one for one in free_to_use(held) if (one.asset.vintage_year or 0) >= from_vintage]
    taken, _ = _take(reversed(of_years), quantity_t)
    return tuple(Leg(one.account, reserve, one.asset.code, one.free_t) for one in taken)


def left_free(lots: Mapping[tuple[str, str], Sequence[Lot]]) -> dict[tuple[str, str], int]:
    """Say what is left, by account and asset code, of allowances the holder itself received free; tonnes above zero.

    Source: S02 item 24, S34.
    """
    found = {place: received_free(of_place).whole for place, of_place in lots.items()}
    return {place: left_t for place, left_t in found.items() if left_t}


def cancelled_free(
    claims: Iterable[Claimed], lots: Mapping[tuple[str, str], Sequence[Lot]], *, end: str
) -> tuple[Leg, ...]:
    """Give the legs that cancel what is left of allowances the entity itself received free.

    Args:
        claims: what the authority has claimed of them; an order gives way to a claim, a pledge does not.
        lots: how the holder came by its units, by account and asset code.
        end: account for cancelled units.

    Returns:
        A leg per claim that is in force; the published order uses these lots up first, so that posting as many tonnes
        takes exactly them.

    Source: S02 item 24, S34; that what rests in orders is cancelled too: design choice.
    """
    left = left_free(lots)
    found = ((one, min(one.in_force_t, left.get((one.account, one.asset), 0))) for one in claims)
    return tuple(Leg(one.account, end, one.asset, part_t, one.hold) for one, part_t in found if part_t)


def cancel_free_due_on(*, sector: str, from_year: int, rules: RulesAt) -> date:
    """Give the day by which what is left of allowances received free is cancelled.

    Args:
        sector: of the entity, as the rule book calls it.
        from_year: first compliance year in the national market.
        rules: with `carry_over.cancel_free_sectors`, `carry_over.cancel_free_by_on` and
            `carry_over.cancel_free_within_years`.

    Returns:
        The fixed day for the sectors named; else the last day of the last of the years counted from the move.

    Raises:
        Refused: NO_SUCH_PARAMETER or NO_VALUE_IN_FORCE when one of them is missing.

    Source: S02 item 24, S34; that a move takes effect on 1 January of `from_year`: design choice.
    """
    if sector in rules.words("carry_over.cancel_free_sectors"):
        return rules.day("carry_over.cancel_free_by_on")
    years = rules.integer("carry_over.cancel_free_within_years")
    return date(from_year + years, 1, 1) - timedelta(days=1)


def received_free(lots: Iterable[Lot]) -> Traced:
    """Add up what is left of allowances the holder itself received free; what it bought is not among it.

    Args:
        lots: of all accounts of the entity.

    Returns:
        Whole tonnes.

    Source: S02 item 24, S34; which lots are used up first is published as `region.lot_order`.
    """
    free = [
        trace.given(lot.quantity_t, "t", zh=f"{lot.acquired_on}免费分配", en=f"allocated free on {lot.acquired_on}")
        for lot in lots
        if lot.title is Title.ALLOCATED_FREE
    ]
    return trace.total(free, "t", zh="自身获得的免费配额剩余", en="left of allowances received free")


def exit_duty(*, emission_t: int, free_of_year_t: int, free_later_t: int, rules: RulesAt) -> ExitDuty:
    """Work out what an entity owes that closes, is dissolved or moves away within a year.

    Args:
        emission_t: determined emission of the part of the year it was there, tonnes.
        free_of_year_t: allowances it received free for that year, tonnes.
        free_later_t: allowances it received free for later years, tonnes.
        rules: with `coverage.closure_returns_rest` (yes or no) and, where later years are issued ahead,
            `coverage.closure_recall_share`.

    Returns:
        Tonnes to surrender, and free allowances to give back: the rest of the year's, and the share of later years'
        rounded down.

    Raises:
        Refused: NO_SUCH_PARAMETER or NO_VALUE_IN_FORCE, naming the path that is missing.

    Source: S02 item 10 (Tianjin); S30 Art. 18 (Shanghai, until 2025-03-31).
    """
    emission = trace.given(emission_t, "t", zh="关停前审定排放量", en="determined emission until it closed")
    surrender = trace.same(emission, zh="退出清缴量", en="exit surrender")
    parts: list[Traced] = []
    if rules.flag("coverage.closure_returns_rest"):
        zero = trace.given(0, "t", zh="零", en="zero")
        free = trace.given(free_of_year_t, "t", zh="当年免费配额", en="free allowances of the year")
        rest = trace.difference(free, emission, "t", zh="当年免费配额减排放量", en="free allowances less emission")
        parts.append(trace.largest([rest, zero], "t", zh="当年剩余免费配额", en="rest of the year's free allowances"))
    if free_later_t:
        later = trace.given(free_later_t, "t", zh="以后年度免费配额", en="free allowances of later years")
        share = rules.number("coverage.closure_recall_share")
        exact = trace.product([share, later], "t", zh="收回比例×以后年度配额", en="share × later years")
        parts.append(trace.floor(exact, zh="以后年度收回量", en="taken back of later years"))
    return ExitDuty(surrender, trace.total(parts, "t", zh="应交回免费配额", en="free allowances to give back"))


def due_steps(steps: Sequence[ConversionStep], *, done: Iterable[date], today: date) -> tuple[ConversionStep, ...]:
    """List the steps whose day has come and that have not been done.

    Args:
        steps: of one entity.
        done: days of the steps done.
        today: the day.
    """
    finished = set(done)
    return tuple(step for step in steps if step.due_on <= today and step.due_on not in finished)


def _take(held: Iterable[Holding], quantity_t: int) -> tuple[tuple[Holding, ...], tuple[Holding, ...]]:
    taken: list[Holding] = []
    rest: list[Holding] = []
    for one in held:
        part_t = min(one.free_t, quantity_t)
        quantity_t -= part_t
        taken += [replace(one, free_t=part_t)] if part_t else []
        rest += [replace(one, free_t=one.free_t - part_t)] if one.free_t > part_t else []
    return tuple(taken), tuple(rest)


def _part(surplus: Traced, years: Traced, step: int) -> Traced:
    after, before = (_up_to(surplus, years, count) for count in (step, step - 1))
    return trace.difference(after, before, "t", zh=f"第{step}年结转量", en=f"converted in year {step}")


def _up_to(surplus: Traced, years: Traced, count: int) -> Traced:
    counted = trace.given(count, "year", zh="已到年数", en="years so far")
    whole = trace.product([surplus, counted], "t", zh="盈余×已到年数", en="surplus × years so far")
    share = trace.quotient(whole, years, "t", zh="累计应结转", en="to be converted so far")
    return trace.floor(share, zh="累计结转量（舍去小数）", en="converted so far, rounded down")
