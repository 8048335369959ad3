"""Surrender (清缴): what is due, what may be used for it, in which order, and how the year ends.

An entity surrenders allowances of the year or older, units restricted to own surrender only in their own year, and
credits of the schemes the rule book admits within a limit. The module proposes a set of lines, checks a set that was
submitted (refusals in fixed precedence) and decides the status of the year, by year or cumulatively. It does *not*
move a unit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tonnebook.core import errors, trace
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.ledger import AssetKey, AssetKind
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced


class SurrenderRefusal(Refusal):
    """Why a surrender is refused, in order of precedence."""

    NOT_COVERED = Sentence(
        "{entity} 不在 {year} 年度配额管理名单中，没有清缴义务。",
        "{entity} is not on the allowance list of {year} and has nothing to surrender.",
        "S29 ch. 2",
    )
    YEAR_SETTLED = Sentence(
        "{year} 年度履约状态已确定，没有须补缴的数量。",
        "The status of {year} is settled; nothing is left to surrender or to settle.",
        "design choice",
    )
    DEADLINE_NOT_OVER = Sentence(
        zh="{year}年度的清缴截止日为{deadline}，当日结束后才能认定履约状态。",
        en="Surrenders of {year} are due on {deadline}; the status can be settled when that day is over.",
        article="design choice",
        transient=True,
    )
    NOT_DETERMINED = Sentence(
        "{entity} 的 {year} 年度排放量尚未审定；审定后即可清缴。",
        "The emission of {entity} for {year} is not determined yet; surrender afterwards.",
        "S29 ch. 2",
        transient=True,
    )
    NO_LINES = Sentence(
        "请至少填写一行大于零的清缴数量。",
        "Give at least one line with a quantity above zero.",
        "design choice",
        status=422,
    )
    TOTAL_DIFFERS = Sentence(
        "页面显示合计 {shown_t} 吨，实际合计 {total_t} 吨；请刷新后重新确认。",
        "The page showed {shown_t} t in all, the lines add up to {total_t} t; reload and confirm again.",
        "design choice",
    )
    ASSET_NOT_ELIGIBLE = Sentence(
        "{asset} 不能用于 {region} 的清缴。",
        "{asset} cannot be surrendered in {region}.",
        "S29; S46; S02 item 18",
    )
    VINTAGE_TOO_LATE = Sentence(
        "{asset} 属于 {vintage_year} 年度，不能用于 {year} 年度清缴（不得预借）。",
        "{asset} is of {vintage_year} and cannot be used for {year}: there is no borrowing.",
        "S07, no borrowing; S30 (recalled)",
    )
    VINTAGE_TOO_OLD = Sentence(
        "{asset} 属于 {vintage_year} 年度；{year} 年度清缴只接受 {oldest_year} 年度及以后的配额。",
        "{asset} is of {vintage_year}; for {year} only allowances of {oldest_year} or later are taken.",
        "S08, carry-over (draft)",
    )
    OWN_USE_OTHER_YEAR = Sentence(
        "{asset} 仅限用于 {vintage_year} 年度自身清缴。",
        "{asset} may only be used for the holder's own surrender of {vintage_year}.",
        "S24, notice of the auction of 2025-06-30",
    )
    CREDITS_BEYOND_LIMIT = Sentence(
        "抵销用减排量 {credits_t} 吨超过上限，还可使用 {left_t} 吨。",
        "{credits_t} t of credits exceed the limit; {left_t} t may still be used.",
        "S31; S15 (recalled); S36; S06 Art. 29",
    )
    SUB_LIMIT_EXCEEDED = Sentence(
        "“{name}”类减排量 {credits_t} 吨超过其上限，还可使用 {left_t} 吨。",
        "{credits_t} t of credits of the kind “{name}” exceed their limit; {left_t} t may still be used.",
        "S20 (recalled)",
    )
    BEYOND_OBLIGATION = Sentence(
        "提交 {total_t} 吨，超过尚应清缴的 {due_t} 吨；请减少数量。",
        "{total_t} t are more than the {due_t} t still due; lower the quantity.",
        "design choice",
    )
    NOT_ENOUGH_FREE = Sentence(
        "{asset} 可用 {free_t} 吨，不足 {wanted_t} 吨。",
        "{free_t} t of {asset} are free, less than {wanted_t} t.",
        "design choice",
    )
    SURRENDER_UNKNOWN = Sentence(
        "没有清缴申请 {surrender}。", "There is no surrender {surrender}.", "design choice", status=404
    )
    NOT_OPEN = Sentence(
        "清缴申请 {surrender} 已{state_zh}，不能再处理。",
        "Surrender {surrender} is {state_en} and cannot be changed.",
        "design choice",
    )
    OWN_SUBMISSION = Sentence(
        "提交人不能确认自己提交的清缴申请 {surrender}。",
        "Whoever submitted surrender {surrender} cannot confirm it.",
        "design choice",
        status=403,
    )


class SurrenderState(StrEnum):
    """Where a surrender stands; confirmed and withdrawn are terminal."""

    SUBMITTED = "SUBMITTED"
    CONFIRMED = "CONFIRMED"
    WITHDRAWN = "WITHDRAWN"


_OLDEST_YEAR = "surrender.vintage.oldest_year"

STATE_WORDS = {
    SurrenderState.SUBMITTED: ("提交", "submitted"),
    SurrenderState.CONFIRMED: ("确认", "confirmed"),
    SurrenderState.WITHDRAWN: ("撤回", "withdrawn"),
}


class StatusRule(StrEnum):
    """How surrendered tonnes are set against the obligation."""

    YEARLY = "YEARLY"
    CUMULATIVE = "CUMULATIVE"


class StatusCode(StrEnum):
    """How a compliance year ended for an entity; A, B and C are the official codes of the cumulative rule."""

    COMPLIANT = "COMPLIANT"
    SHORT = "SHORT"
    NO_FIGURE = "NO_FIGURE"
    A = "A"
    B = "B"
    C = "C"


# The codes of an entity that has surrendered enough, by either rule.
COMPLIANT_CODES = frozenset({StatusCode.COMPLIANT, StatusCode.A})


@dataclass(frozen=True, slots=True)
class Lot:
    """A holding that might be surrendered: asset, free tonnes, and labels that sub-limits of credits refer to."""

    asset: AssetKey
    free_t: int
    labels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a surrender: asset and tonnes."""

    asset: AssetKey
    quantity_t: int
    labels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Duty:
    """What an entity owes for a year and what it has handed in so far.

    Attributes:
        determined_t: determined emission, tonnes.
        issued_t: allowances issued for the year, tonnes (the base of the credit limit in some years).
        recall_outstanding_t: allowances to be taken back that are no longer there, tonnes; they are owed as well.
        surrendered_t: tonnes submitted or confirmed so far, credits included.
        credits_t: credits among them.
        credits_by_label_t: credits among them by label of a sub-limit.
    """

    determined_t: int
    issued_t: int = 0
    recall_outstanding_t: int = 0
    surrendered_t: int = 0
    credits_t: int = 0
    credits_by_label_t: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class StatusDecision:
    """How the year ended: code, obligation, and what is missing or left (tonnes; never both above zero)."""

    code: StatusCode
    obligation: Traced
    shortfall: Traced
    surplus: Traced


def obligation(duty: Duty) -> Traced:
    """Compute what has to be surrendered: the determined emission and what could not be recalled.

    Returns:
        Whole tonnes. Source: S29 ch. 2, S06 Art. 28; recall outstanding: design choice.
    """
    emission = trace.given(duty.determined_t, "t", zh="审定排放量", en="determined emission")
    if not duty.recall_outstanding_t:
        return trace.same(emission, zh="应清缴量", en="obligation")
    owed = trace.given(duty.recall_outstanding_t, "t", zh="未能收回的配额", en="allowances that could not be recalled")
    return trace.total([emission, owed], "t", zh="应清缴量", en="obligation")


def credit_limit(duty: Duty, rules: RulesAt) -> Traced:
    """Compute how many credits may be used: a share of the base the rule names, rounded down.

    Args:
        duty: what the entity owes.
        rules: rules of the compliance year; the base is DETERMINED or ISSUED.

    Returns:
        Whole tonnes; zero where the rule book has no share in force.

    Source: S31 and, recalled, S15 and S20 (Shanghai); S36 (Tianjin, as of 2018); S06 Art. 29 (national).
    """
    if not rules.has("surrender.credit_limit_share"):
        return trace.given(0, "t", zh="该年度不得使用减排量", en="no credits may be used in this year")
    if rules.text("surrender.credit_limit_base") == "ISSUED":
        base = trace.given(duty.issued_t, "t", zh="本年度发放配额", en="allowances issued for the year")
    else:
        base = trace.given(duty.determined_t, "t", zh="审定排放量", en="determined emission")
    share = rules.number("surrender.credit_limit_share")
    exact = trace.product([share, base], "t", zh="抵销比例×基数", en="share × base")
    return trace.floor(exact, zh="减排量使用上限（舍去小数）", en="credit limit, rounded down")


def sub_limits(duty: Duty, rules: RulesAt) -> dict[str, Traced]:
    """Compute the limits on credits of a kind (such as from outside the region).

    Args:
        duty: what the entity owes.
        rules: rules of the compliance year; a share stands at `surrender.sub_limit.<label>`.

    Returns:
        Whole tonnes by label, rounded down.

    Source: S20 (recalled).
    """
    base = trace.given(duty.determined_t, "t", zh="审定排放量", en="determined emission")
    return {
        name: trace.floor(
            trace.product([rules.number(f"surrender.sub_limit.{name}"), base], "t", zh="比例×基数", en="share × base"),
            zh="分项上限（舍去小数）",
            en="sub-limit, rounded down",
        )
        for name in rules.below("surrender.sub_limit")
    }


def ineligible(asset: AssetKey, rules: RulesAt) -> Refused | None:
    """Say why an asset cannot be surrendered for the compliance year of the rules, or None when it can.

    Returns:
        ASSET_NOT_ELIGIBLE, VINTAGE_TOO_LATE, VINTAGE_TOO_OLD or OWN_USE_OTHER_YEAR, the first that applies; where the
        rule book names no oldest year, no allowance is too old.

    Source: S29, S46, S02 item 18 (what is admitted); S07 (no borrowing); S08 (oldest vintage, a draft); S24 (own
        surrender in its own year).
    """
    vintage_year, year = asset.vintage_year, rules.year
    if not _is_admitted(asset, rules):
        return Refused(SurrenderRefusal.ASSET_NOT_ELIGIBLE, asset=asset.code, region=rules.region)
    if asset.kind == AssetKind.CREDIT or vintage_year is None or year is None:
        return None
    if vintage_year > year:
        return Refused(SurrenderRefusal.VINTAGE_TOO_LATE, asset=asset.code, vintage_year=vintage_year, year=year)
    if rules.has(_OLDEST_YEAR) and vintage_year < (oldest_year := rules.integer(_OLDEST_YEAR)):
        facts = {"asset": asset.code, "vintage_year": vintage_year, "year": year, "oldest_year": oldest_year}
        return Refused(SurrenderRefusal.VINTAGE_TOO_OLD, **facts)
    if asset.use_restriction and vintage_year != year:
        return Refused(SurrenderRefusal.OWN_USE_OTHER_YEAR, asset=asset.code, vintage_year=vintage_year)
    return None


def propose(duty: Duty, lots: Sequence[Lot], rules: RulesAt) -> tuple[Line, ...]:
    """Propose what to surrender for what is still due, in the order of use the rule book names.

    Args:
        duty: what the entity owes.
        lots: what it holds free.
        rules: rules of the compliance year; `surrender.order` lists OWN_SURRENDER, CREDIT and ALLOWANCE_OLDEST_FIRST.

    Returns:
        Lines within every limit; fewer tonnes than due when the lots do not suffice.

    Source: order of use: design choice, no legal source.
    """
    due_t = obligation(duty).whole - duty.surrendered_t
    credits_left_t = credit_limit(duty, rules).whole - duty.credits_t
    labels_left_t = {name: limit.whole - _used(duty, name) for name, limit in sub_limits(duty, rules).items()}
    lines: list[Line] = []
    for lot in sorted((lot for lot in lots if ineligible(lot.asset, rules) is None), key=lambda lot: rank(lot, rules)):
        most_t = min(due_t, lot.free_t)
        if lot.asset.kind == AssetKind.CREDIT:
            narrower = [left_t for name, left_t in labels_left_t.items() if name in lot.labels]
            most_t = min([most_t, credits_left_t, *narrower])
        if most_t <= 0:
            continue
        lines.append(Line(lot.asset, most_t, lot.labels))
        due_t -= most_t
        if lot.asset.kind == AssetKind.CREDIT:
            credits_left_t -= most_t
            labels_left_t.update({name: labels_left_t[name] - most_t for name in lot.labels if name in labels_left_t})
    return tuple(lines)


def rank(lot: Lot, rules: RulesAt) -> tuple[int, int, str]:
    """Give the place of a lot in the order of use; the smallest is used first.

    Source: `surrender.order`; design choice, no legal source.
    """
    order = rules.words("surrender.order")
    word = "ALLOWANCE_OLDEST_FIRST"
    if lot.asset.kind == AssetKind.CREDIT:
        word = "CREDIT"
    elif lot.asset.use_restriction:
        word = "OWN_SURRENDER"
    return (order.index(word) if word in order else len(order), lot.asset.vintage_year or 0, lot.asset.code)


def check(duty: Duty, lines: Sequence[Line], lots: Sequence[Lot], *, shown_total_t: int, rules: RulesAt) -> None:
    """Check a submitted set of lines.

    Args:
        duty: what the entity owes.
        lines: what it wants to surrender.
        lots: what it holds free.
        shown_total_t: the total the page showed, tonnes.
        rules: rules of the compliance year.

    Raises:
        Refused: NO_LINES, TOTAL_DIFFERS, ASSET_NOT_ELIGIBLE, VINTAGE_TOO_LATE, VINTAGE_TOO_OLD, OWN_USE_OTHER_YEAR,
            CREDITS_BEYOND_LIMIT, SUB_LIMIT_EXCEEDED, BEYOND_OBLIGATION (yearly rule only) or NOT_ENOUGH_FREE, the first
            that applies.

    Source: the articles stand beside each code of `SurrenderRefusal`; their order is a design choice.
    """
    if not lines or min(line.quantity_t for line in lines) <= 0:
        raise Refused(SurrenderRefusal.NO_LINES)
    total_t = sum(line.quantity_t for line in lines)
    if total_t != shown_total_t:
        raise Refused(SurrenderRefusal.TOTAL_DIFFERS, shown_t=shown_total_t, total_t=total_t)
    refused = errors.first([*unfit(duty, lines, rules), *_beyond_holdings(lines, lots)])
    if refused is not None:
        raise refused


def unfit(duty: Duty, lines: Sequence[Line], rules: RulesAt) -> list[Refused]:
    """Say what speaks against surrendering lines, whoever holds them; nothing when they fit.

    Args:
        duty: what the entity owes, and what it has handed in without these lines.
        lines: what it wants to surrender.
        rules: rules of the compliance year.
    """
    found = [refused for line in lines if (refused := ineligible(line.asset, rules)) is not None]
    found += _beyond_limits(duty, lines, rules)
    total_t, due_t = sum(line.quantity_t for line in lines), obligation(duty).whole - duty.surrendered_t
    if total_t > due_t and rules.text("surrender.status_rule") == StatusRule.YEARLY:
        found.append(Refused(SurrenderRefusal.BEYOND_OBLIGATION, total_t=total_t, due_t=due_t))
    return found


def settle(duty: Duty | None, *, held_t: int) -> StatusDecision:
    """Decide how a compliance year ended under the yearly rule.

    Args:
        duty: obligation and confirmed surrender, or None when no emission was determined.
        held_t: eligible allowances still held after surrender, tonnes; shown as surplus when nothing is missing.

    Returns:
        COMPLIANT, SHORT or NO_FIGURE with shortfall and surplus.

    Source: S29 ch. 2; status words: design choice.
    """
    zero = trace.given(0, "t", zh="零", en="zero")
    if duty is None:
        nothing = trace.same(zero, zh="无审定排放量", en="no determined emission")
        return StatusDecision(StatusCode.NO_FIGURE, nothing, nothing, nothing)
    due = obligation(duty)
    surrendered = trace.given(duty.surrendered_t, "t", zh="已清缴", en="surrendered")
    missing = trace.difference(due, surrendered, "t", zh="应清缴减已清缴", en="obligation less surrendered")
    shortfall = trace.largest([missing, zero], "t", zh="缺口", en="shortfall")
    if shortfall.value > 0:
        return StatusDecision(StatusCode.SHORT, due, shortfall, trace.same(zero, zh="盈余", en="surplus"))
    held = trace.given(max(0, held_t), "t", zh="清缴后持有", en="held after surrender")
    return StatusDecision(StatusCode.COMPLIANT, due, shortfall, trace.same(held, zh="盈余", en="surplus"))


def cumulative_codes(verified: Mapping[int, int | None], surrendered: Mapping[int, int | None]) -> dict[int, str]:
    """Give the official code of each year under the cumulative rule of the European registry.

    Args:
        verified: verified emission by year, tonnes; None where there is no figure.
        surrendered: surrendered units by year, tonnes; None counts as nothing.

    Returns:
        By year of `verified`: "A" when all that was surrendered so far covers all that was verified so far, "B" when it
        does not, "C" when the year has no verified figure.

    Source: S60 Art. 12(3) (recalled: all years of the period count together); judged year by year the codes come out
        wrong whenever an operator catches up.

    Example:
        >>> cumulative_codes({2005: 100, 2006: 100}, {2005: 90, 2006: 110})
        {2005: 'B', 2006: 'A'}
    """
    codes: dict[int, str] = {}
    verified_t = surrendered_t = 0
    for year in sorted(verified):
        figure = verified[year]
        verified_t += figure or 0
        surrendered_t += surrendered.get(year) or 0
        codes[year] = "C" if figure is None else "A" if surrendered_t >= verified_t else "B"
    return codes


def settle_cumulative(
    verified: Mapping[int, int | None], surrendered: Mapping[int, int | None], *, year: int
) -> StatusDecision:
    """Decide how a compliance year ended under the cumulative rule.

    Args:
        verified: verified emission by year up to this one, tonnes; None where there is no figure.
        surrendered: surrendered units by year, tonnes.
        year: the compliance year, a key of `verified`.

    Returns:
        Code A, B or C; obligation, shortfall and surplus count all years so far.

    Source: S60 Art. 12(3) (recalled: all years of the period count together).
    """
    years = [one for one in sorted(verified) if one <= year]
    code = StatusCode(cumulative_codes({one: verified[one] for one in years}, surrendered)[year])
    figures = [
        trace.given(verified[one] or 0, "t", zh=f"{one}年核查排放量", en=f"verified emission of {one}") for one in years
    ]
    units = [
        trace.given(surrendered.get(one) or 0, "t", zh=f"{one}年清缴量", en=f"surrendered in {one}") for one in years
    ]
    due = trace.total(figures, "t", zh="累计核查排放量", en="cumulative verified emission")
    done = trace.total(units, "t", zh="累计清缴量", en="cumulative surrendered units")
    zero = trace.given(0, "t", zh="零", en="zero")
    missing = trace.difference(due, done, "t", zh="累计排放减累计清缴", en="verified less surrendered")
    spare = trace.difference(done, due, "t", zh="累计清缴减累计排放", en="surrendered less verified")
    shortfall = trace.largest([missing, zero], "t", zh="缺口", en="shortfall")
    return StatusDecision(code, due, shortfall, trace.largest([spare, zero], "t", zh="盈余", en="surplus"))


def _is_admitted(asset: AssetKey, rules: RulesAt) -> bool:
    if asset.kind == AssetKind.CREDIT:
        return rules.has("surrender.credit_schemes") and asset.scheme in rules.words("surrender.credit_schemes")
    return asset.kind == AssetKind.ALLOWANCE and asset.scheme == rules.text("region.scheme")


def _beyond_limits(duty: Duty, lines: Sequence[Line], rules: RulesAt) -> list[Refused]:
    credits_t = sum(line.quantity_t for line in lines if line.asset.kind == AssetKind.CREDIT)
    if not credits_t:
        return []
    found: list[Refused] = []
    left_t = credit_limit(duty, rules).whole - duty.credits_t
    if credits_t > left_t:
        found.append(Refused(SurrenderRefusal.CREDITS_BEYOND_LIMIT, credits_t=credits_t, left_t=max(0, left_t)))
    for name, limit in sub_limits(duty, rules).items():
        labelled_t = sum(line.quantity_t for line in lines if name in line.labels)
        left_t = limit.whole - _used(duty, name)
        if labelled_t > left_t:
            facts = {"name": name, "credits_t": labelled_t, "left_t": max(0, left_t)}
            found.append(Refused(SurrenderRefusal.SUB_LIMIT_EXCEEDED, **facts))
    return found


def _used(duty: Duty, label: str) -> int:
    return (duty.credits_by_label_t or {}).get(label, 0)


def _beyond_holdings(lines: Sequence[Line], lots: Sequence[Lot]) -> list[Refused]:
    free = {lot.asset.code: lot.free_t for lot in lots}
    wanted: dict[str, int] = {}
    for line in lines:
        wanted[line.asset.code] = wanted.get(line.asset.code, 0) + line.quantity_t
    return [
        Refused(SurrenderRefusal.NOT_ENOUGH_FREE, asset=code, free_t=free.get(code, 0), wanted_t=quantity_t)
        for code, quantity_t in wanted.items()
        if quantity_t > free.get(code, 0)
    ]
