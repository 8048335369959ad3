"""Carry-over (结转): what of this year's surplus may be used later.

Shanghai and Tianjin keep surplus usable in later years with its vintage; what was bought for own surrender only falls
away. The national rule of 2024 and 2025 turns old vintages into new ones by a formula: holders ask for it by a last
day, and the authority decides what was asked in rounds; what is not replaced stays as it is and no later year takes
it. The module decides quantities and days only; moving units is the room's business.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tonnebook.core import trace
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.ledger import AssetKey, AssetKind, TransferType
from tonnebook.core.rules import RulesAt
from tonnebook.core.surrender import StatusCode
from tonnebook.core.trace import Traced
from tonnebook.core.year_status import Mark, YearStanding

# What counts as sold or bought: in the market, at auctions, and to or from the reserve (design choice; the text says
# no more than "sold" and "bought").
TRADES = (
    TransferType.DELIVER_TRADE,
    TransferType.DELIVER_AUCTION,
    TransferType.RELEASE_RESERVE,
    TransferType.BUY_BACK,
)
# What takes such a transfer back: as if it had never been sold or bought.
UNDOING = (TransferType.BUST_TRADE,)


class CarryOverRefusal(Refusal):
    """Why a carry-over is refused, in order of precedence."""

    NOT_SETTLED = Sentence(
        "{region} {year} 年度履约状态尚未确定，不能结转。",
        "The status of {year} in {region} is not settled yet; carry over afterwards.",
        "S35, carry-over",
        transient=True,
    )
    ALREADY_CARRIED = Sentence(
        "{region} {year} 年度已结转。", "{year} has been carried over in {region} already.", "design choice"
    )
    BY_REQUEST = Sentence(
        "{region} {year} 年度按申请分批结转，不能统一结转。",
        "{year} is carried over in {region} in rounds, for whoever asks; not for all at once.",
        "S07, annex 5",
    )
    NOTHING_TO_ASK = Sentence(
        "{region} {year} 年度配额无须申请即可结转。",
        "What is left of {year} in {region} is carried over without being asked for.",
        "S34, S35; S08 (draft)",
    )
    WINDOW_OPEN = Sentence(
        "买卖量统计至 {until_on}，次日起方可申请结转。",
        "Sales and purchases count until {until_on}; ask from the day after.",
        "S07, annex 5",
        transient=True,
    )
    APPLICATIONS_OVER = Sentence(
        "结转申请已于 {apply_by} 截止。", "Carry-over could be asked for until {apply_by}.", "S07, annex 5"
    )
    ALREADY_ASKED = Sentence(
        "{entity} 已提出结转申请 {request}。", "{entity} has asked already: {request}.", "design choice"
    )
    ABOVE_LIMIT = Sentence(
        "申请结转 {asked_t} 吨，超过可结转量 {limit_t} 吨。",
        "{asked_t} t were asked for; {limit_t} t may be carried over.",
        "S07, annex 5",
    )
    NO_SUCH_REQUEST = Sentence(
        "没有结转申请 {request}。", "There is no request {request}.", "design choice", status=404
    )
    REQUEST_DECIDED = Sentence(
        "结转申请 {request} 已办结或已撤回。", "Request {request} has been decided or withdrawn.", "design choice"
    )
    NO_SUCH_ROUND = Sentence(
        "{year} 年度没有 {round_on} 的结转批次。", "{year} has no round of {round_on}.", "S07, annex 5"
    )


class CarryOverRule(StrEnum):
    """How much may be carried over: everything, or what the formula gives."""

    ALL = "ALL"
    LIMITED = "LIMITED"


class CarryOverState(StrEnum):
    """Where a request to carry over stands."""

    WAITING = "WAITING"
    WITHDRAWN = "WITHDRAWN"
    GRANTED = "GRANTED"


class Fate(StrEnum):
    """What becomes of a lot after settlement."""

    KEPT = "KEPT"
    RETURNED = "RETURNED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class LotFate:
    """One lot and what becomes of it."""

    asset: AssetKey
    quantity_t: int
    fate: Fate


@dataclass(frozen=True, slots=True)
class Dealings:
    """What an entity did with old vintages, and whether it may carry any of them over.

    Attributes:
        sold_t: tonnes sold in the window.
        bought_t: tonnes bought in the window.
        holding_t: held at the end of the day that counts, less pending requests, tonnes.
        is_on_time: whether it surrendered the years the rule names in full and in time.
    """

    sold_t: int
    bought_t: int
    holding_t: int
    is_on_time: bool


def is_limited(rules: RulesAt) -> bool:
    """Say whether the rules of a year limit what is carried over by the formula."""
    return rules.has("carry_over.rule") and rules.text("carry_over.rule") == CarryOverRule.LIMITED


def rounds(rules: RulesAt) -> tuple[date, ...]:
    """Give the days by which requests are decided, the first one first.

    Source: S07, annex 5.
    """
    return tuple(sorted(map(date.fromisoformat, rules.words("carry_over.calendar.processed_on"))))


def check_asked(asked_t: int, limit: Traced, *, today: date, rules: RulesAt) -> date:
    """Decide whether a holder may ask for a carry-over today.

    Args:
        asked_t: tonnes asked for, > 0.
        limit: what the holder may carry over, tonnes.
        today: the day of the request.
        rules: of the last of the old vintages, as `national`.

    Returns:
        The round it belongs to: the first that is not over on the day of the request.

    Raises:
        Refused: WINDOW_OPEN, APPLICATIONS_OVER or ABOVE_LIMIT, the first that applies.
        ValueError: when the quantity is not positive.

    Source: S07, annex 5; that asking begins when sales no longer count, and a request belongs to the next round: design
        choice.
    """
    if asked_t <= 0:
        raise ValueError("a request asks for something")
    last_on, apply_by = rules.day("carry_over.to_on"), rules.day("carry_over.apply_by")
    if today <= last_on:
        raise Refused(CarryOverRefusal.WINDOW_OPEN, until_on=last_on)
    if today > apply_by:
        raise Refused(CarryOverRefusal.APPLICATIONS_OVER, apply_by=apply_by)
    if asked_t > limit.whole:
        raise Refused(CarryOverRefusal.ABOVE_LIMIT, asked_t=asked_t, limit_t=limit.whole)
    return next(day for day in rounds(rules) if day >= today)


def granted(asked_t: int, limit: Traced) -> Traced:
    """Give what is carried over upon a request: what was asked for, at most the limit.

    Source: S07, annex 5.
    """
    asked = trace.given(asked_t, "t", zh="申请结转量", en="asked for")
    return trace.smallest([asked, limit], "t", zh="以可结转量为限的申请量", en="asked for, at most the limit")


def is_on_time(years: Iterable[YearStanding]) -> bool:
    """Say whether every year was surrendered in full, none of it late; who had no duty in a year missed none.

    Source: S07, annex 5.
    """
    return all(one.letter is StatusCode.A and Mark.LATE not in one.marks for one in years)


def old_t(moved: Mapping[AssetKey, int], rules: RulesAt) -> int:
    """Add up the tonnes of the vintages that are carried over: allowances of the scheme, of the year or older."""
    scheme = rules.text("region.scheme")
    return sum(
        quantity_t
        for asset, quantity_t in moved.items()
        if asset.kind is AssetKind.ALLOWANCE and asset.scheme == scheme and _is_due(asset, rules)
    )


def limited(dealings: Dealings, rules: RulesAt) -> Traced:
    """Compute what an entity may carry over: by the formula, or nothing when it has not surrendered in time.

    Args:
        dealings: of the entity.
        rules: as `national`.

    Returns:
        Whole tonnes.

    Source: S07, annex 5.
    """
    if not dealings.is_on_time:
        return trace.given(0, "t", zh="未按时足额清缴，不得结转", en="not surrendered in time, nothing to carry over")
    return national(sold_t=dealings.sold_t, bought_t=dealings.bought_t, holding_t=dealings.holding_t, rules=rules)


def fates(lots: Sequence[tuple[AssetKey, int]], rules: RulesAt) -> tuple[LotFate, ...]:
    """Decide what becomes of the allowances an entity still holds after the settlement of a year.

    Args:
        lots: asset and free quantity in tonnes; credits and empty lots are passed over.
        rules: rules of the compliance year; `carry_over.own_use_leftover` says RETURN, CANCEL or KEEP.

    Returns:
        One fate per lot of the year or older, in the order given; later vintages are not touched.

    Source: S24, notice of the auction of 2025-06-30 (own surrender only); S34, S35 (surplus may be carried over).
    """
    own_use = Fate.KEPT
    if rules.has("carry_over.own_use_leftover"):
        own_use = _FATE_OF_OWN_USE[rules.text("carry_over.own_use_leftover")]
    return tuple(
        LotFate(asset, quantity_t, own_use if asset.use_restriction else Fate.KEPT)
        for asset, quantity_t in lots
        if asset.kind == AssetKind.ALLOWANCE and quantity_t > 0 and _is_due(asset, rules)
    )


def national(*, sold_t: int, bought_t: int, holding_t: int, rules: RulesAt) -> Traced:
    """Compute the carry-over of 2019–2024 allowances: `floor(B + NS·R)`, at most the holding.

    Args:
        sold_t: tonnes of those vintages sold in the window.
        bought_t: tonnes of those vintages bought in the window.
        holding_t: holding at the end of the window, less pending requests, tonnes.
        rules: national rules with `carry_over.base_t` (B) and `carry_over.multiple` (R).

    Returns:
        Whole tonnes. Net sales NS count from zero upwards.

    Source: S07, annex 5.

    Example:
        Net sales of 20,000 t and a holding of 100,000 t give 10,000 + 20,000 × 1.5 = 40,000 t.
    """
    net = trace.difference(
        trace.given(sold_t, "t", zh="卖出量", en="sold"),
        trace.given(bought_t, "t", zh="买入量", en="bought"),
        "t",
        zh="卖出减买入",
        en="sold less bought",
    )
    zero = trace.given(0, "t", zh="零", en="zero")
    net_sales = trace.largest([net, zero], "t", zh="净卖出量", en="net sales")
    parts = [net_sales, rules.number("carry_over.multiple")]
    extra = trace.product(parts, "t", zh="净卖出量×倍数", en="net sales × multiple")
    exact = trace.total(
        [rules.number("carry_over.base_t"), extra], "t", zh="基数＋净卖出部分", en="base + net sales part"
    )
    rounded = trace.floor(exact, zh="可结转量（舍去小数）", en="carry-over, rounded down")
    holding = trace.given(holding_t, "t", zh="持有量", en="holding")
    return trace.smallest([rounded, holding], "t", zh="以持有量为限的结转量", en="carry-over, at most the holding")


_FATE_OF_OWN_USE = {"KEEP": Fate.KEPT, "RETURN": Fate.RETURNED, "CANCEL": Fate.CANCELLED}


def _is_due(asset: AssetKey, rules: RulesAt) -> bool:
    return rules.year is None or asset.vintage_year is None or asset.vintage_year <= rules.year
