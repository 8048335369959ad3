"""Interventions: what may be decided upon a finding, who may take part, and who receives or delivers what.

A *fixed-price sale* releases allowances of the reserve at one price: who asks within the window is served in full, or
all in proportion when more is asked for than offered. A *buy-back* takes allowances into the reserve: the cheapest
offers first, each at its own price, until the quantity or the budget is used up. Nobody is delivered to before payment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from tonnebook.core import periods, trace, units
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.market_stability.triggers import PriceMove
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced


class StabilityRefusal(Refusal):
    """Why a finding, an intervention or a request to take part in one is refused, in order of precedence."""

    NO_SUCH_FINDING = Sentence(
        "没有 {on} 的价格监测结论。", "There is no finding of {on}.", "design choice", status=404
    )
    NO_SUCH_INTERVENTION = Sentence(
        "没有调节措施 {intervention}。", "There is no intervention {intervention}.", "design choice", status=404
    )
    NO_SUCH_REQUEST = Sentence(
        "没有申请 {request}；请核对编号。",
        "There is no request {request}; check its number.",
        "design choice",
        status=404,
    )
    DAY_NOT_CLOSED = Sentence(
        "{on} 尚未收市或不是交易日，没有收盘价可供监测。",
        "{on} has no close to look at: it is not closed yet, or no trading day.",
        "design choice",
        transient=True,
    )
    FINDING_EXISTS = Sentence(
        "{on} 的价格监测结论已经记录，每个交易日只记录一次。",
        "The finding of {on} is recorded already; each trading day has one.",
        "design choice",
    )
    NOTHING_TO_SET_ASIDE = Sentence(
        "{year} 年度计划的政府预留已全部转入储备账户，或计划没有预留。",
        "The reserve of the plan of {year} is in the reserve account already, or the plan keeps none.",
        "design choice",
    )
    NOT_CALLED_FOR = Sentence(
        "{on} 的监测结论不支持此项措施；上涨方可投放，下跌方可回购或收回。",
        "The finding of {on} does not call for this; a rise calls for a release, a fall for units taken back.",
        "S01 (一); numbers: design choice",
    )
    FINDING_TOO_OLD = Sentence(
        "{on} 的监测结论已超过 {days} 天，请依据新的结论。",
        "The finding of {on} is more than {days} days old; act on a new one.",
        "design choice",
    )
    FINDING_USED = Sentence(
        "已依据 {on} 的监测结论采取措施 {intervention}，每个结论只能用一次。",
        "The finding of {on} has led to intervention {intervention} already; each is used once.",
        "design choice",
    )
    WINDOW_NOT_AHEAD = Sentence(
        "申报时间 {opens} 至 {closes} 无效：须晚于现在，且结束晚于开始。",
        "Requests cannot be taken from {opens} to {closes}: the window must lie ahead and end after it begins.",
        "design choice",
        status=422,
    )
    RESERVE_TOO_SMALL = Sentence(
        "储备账户可用的 {asset} 只有 {left_t} 吨，不足 {quantity_t} 吨。",
        "The reserve has {left_t} t of {asset} to spare, less than {quantity_t} t.",
        "design choice",
    )
    ABOVE_SINGLE_LIMIT = Sentence(
        "单次数量 {quantity_t} 吨超过上限 {limit_t} 吨。",
        "{quantity_t} t at once is above the limit of {limit_t} t.",
        "design choice",
    )
    ABOVE_YEAR_LIMIT = Sentence(
        "本年累计将达 {total_t} 吨，超过上限 {limit_t} 吨。",
        "The year would come to {total_t} t, above the limit of {limit_t} t.",
        "design choice",
    )
    NOT_OPEN_NOW = Sentence(
        "措施 {intervention} 的申报时间为 {opens} 至 {closes}。",
        "Intervention {intervention} takes requests from {opens} to {closes}.",
        "design choice",
        transient=True,
    )
    NOT_ADMITTED = Sentence(
        "措施 {intervention} 只面向纳入配额管理的单位。",
        "Intervention {intervention} is for covered entities only.",
        "design choice",
        status=403,
    )
    OTHER_INTERVENTION = Sentence(
        "措施 {intervention} 不是此类措施；请从列表选择。",
        "Intervention {intervention} is of another kind; choose one from the list.",
        "design choice",
        status=422,
    )
    ABOVE_BUYER_LIMIT = Sentence(
        "您的申购累计将达 {total_t} 吨，超过每家上限 {limit_t} 吨；请减少数量。",
        "Your requests would add up to {total_t} t, above the limit of {limit_t} t each; ask for less.",
        "design choice",
    )
    ABOVE_PRICE = Sentence(
        "报价 {price_yuan} 元/吨高于回购最高价 {limit_yuan} 元/吨；请降低报价。",
        "{price_yuan} CNY/t is above the highest buy-back price of {limit_yuan} CNY/t; ask for less.",
        "design choice",
        status=422,
    )
    NOT_ACCEPTED = Sentence(
        "{asset} 不能用于回购：只收本市场、可交易的配额。",
        "{asset} is not bought back: only tradable allowances of this market are.",
        "design choice",
        status=422,
    )
    REQUEST_DECIDED = Sentence(
        "申请 {request} 已撤回或已办结。", "Request {request} was withdrawn or settled already.", "design choice"
    )
    STILL_OPEN = Sentence(
        "措施 {intervention} 到 {closes} 才截止，请在此之后办结。",
        "Intervention {intervention} takes requests until {closes}; settle it after that.",
        "design choice",
        transient=True,
    )
    ALREADY_SETTLED = Sentence(
        "措施 {intervention} 已办结。", "Intervention {intervention} is settled already.", "design choice"
    )


class InterventionKind(StrEnum):
    """What the authority may do: sell from the reserve at a fixed price, or buy back into it."""

    FIXED_PRICE_SALE = "FIXED_PRICE_SALE"
    BUY_BACK = "BUY_BACK"


class RequestState(StrEnum):
    """Where a request to take part stands."""

    STANDING = "STANDING"
    WITHDRAWN = "WITHDRAWN"
    SERVED = "SERVED"
    PARTLY_SERVED = "PARTLY_SERVED"
    UNSERVED = "UNSERVED"


CALLED_FOR_BY: Mapping[InterventionKind, PriceMove] = MappingProxyType(
    {
        InterventionKind.FIXED_PRICE_SALE: PriceMove.RISE,
        InterventionKind.BUY_BACK: PriceMove.FALL,
    }
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one intervention and a year of them may move, tonnes, each with its trace."""

    single: Traced
    year: Traced


@dataclass(frozen=True, slots=True)
class Window:
    """When requests are taken: from `opens_at` until, and not at, `closes_at`."""

    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks for or offers.

    Attributes:
        seq: gap-free count in order of time.
        quantity_t: tonnes, > 0.
        price_fen_per_t: of an offer to the buy-back; the fixed price of a sale.
    """

    seq: int
    quantity_t: int
    price_fen_per_t: int

    def __post_init__(self) -> None:
        """Refuse what is no request at all with a `ValueError`."""
        if self.quantity_t <= 0 or self.price_fen_per_t <= 0:
            raise ValueError("quantity and price of a request must be positive")


def limits(kind: InterventionKind, rules: RulesAt, *, reserve_t: int, moved_t: int) -> Limits:
    """Compute how much one intervention, and all of a calendar year, may move.

    Args:
        kind: release or purchase.
        rules: of the day of the decision.
        reserve_t: what the reserve account holds, tonnes.
        moved_t: what interventions of the kind have moved, or may yet, in the year, tonnes.

    Returns:
        For a release, shares of what the reserve held at the beginning of the year, rounded down; for a purchase, fixed
        tonnes.

    Source: design choice, no legal source (`stability.*`, status scenario).
    """
    if kind is InterventionKind.BUY_BACK:
        return Limits(rules.number("stability.buy_back_single_max_t"), rules.number("stability.buy_back_year_max_t"))
    left = trace.given(reserve_t, "t", zh="储备账户余额", en="held in the reserve account")
    gone = trace.given(moved_t, "t", zh="本年已投放", en="released this year")
    base = trace.total([left, gone], "t", zh="余额与已投放之和", en="held and released together")
    single, year = (
        trace.floor(trace.product([rules.number(path), base], "t", zh="比例×基数", en="share × base"), zh=zh, en=en)
        for path, zh, en in (
            ("stability.release_single_share_max", "单次投放上限", "limit of one release"),
            ("stability.release_year_share_max", "年度投放上限", "limit of the year's releases"),
        )
    )
    return Limits(single, year)


def buyer_limit(quantity_t: int, rules: RulesAt) -> Traced:
    """Compute the most that one buyer may ask for in a sale: a share of it, rounded down.

    Args:
        quantity_t: on sale, tonnes.
        rules: of the day of the decision.

    Source: design choice, no legal source (`stability.buyer_share_max`, status scenario).
    """
    on_sale = trace.given(quantity_t, "t", zh="出售数量", en="on sale")
    share = rules.number("stability.buyer_share_max")
    exact = trace.product([share, on_sale], "t", zh="比例×出售数量", en="share × quantity on sale")
    return trace.floor(exact, zh="单家申购上限", en="limit of one buyer")


def check_decision(
    kind: InterventionKind,
    found: PriceMove,
    found_on: date,
    *,
    quantity_t: int,
    moved_t: int,
    window: Window,
    bounds: Limits,
    act_within_days: int,
    now: datetime,
) -> None:
    """Decide whether an intervention may be decided upon a finding.

    Args:
        kind: what is to be done.
        found: what the finding says.
        found_on: its day.
        quantity_t: tonnes, > 0.
        moved_t: as for `limits`.
        window: when requests are to be taken.
        bounds: what `limits` says.
        act_within_days: how many days a finding may be acted upon.
        now: aware instant.

    Raises:
        Refused: NOT_CALLED_FOR, FINDING_TOO_OLD, WINDOW_NOT_AHEAD, ABOVE_SINGLE_LIMIT or ABOVE_YEAR_LIMIT, the first
            that applies.
        ValueError: when the quantity is not positive.

    Source: design choice, no legal source.
    """
    if quantity_t <= 0:
        raise ValueError("an intervention moves at least one tonne")
    is_called_for = found is CALLED_FOR_BY[kind]
    check_finding(found_on, is_called_for=is_called_for, act_within_days=act_within_days, now=now)
    if not now <= window.opens_at < window.closes_at:
        raise Refused(StabilityRefusal.WINDOW_NOT_AHEAD, **_clock(window))
    if quantity_t > bounds.single.whole:
        raise Refused(StabilityRefusal.ABOVE_SINGLE_LIMIT, quantity_t=quantity_t, limit_t=bounds.single.whole)
    if moved_t + quantity_t > bounds.year.whole:
        raise Refused(StabilityRefusal.ABOVE_YEAR_LIMIT, total_t=moved_t + quantity_t, limit_t=bounds.year.whole)


def check_finding(found_on: date, *, is_called_for: bool, act_within_days: int, now: datetime) -> None:
    """Refuse to act upon a finding that does not call for it, or did so too long ago.

    Raises:
        Refused: NOT_CALLED_FOR or FINDING_TOO_OLD, the first that applies.
    """
    if not is_called_for:
        raise Refused(StabilityRefusal.NOT_CALLED_FOR, on=found_on)
    if periods.day_of(now) > found_on + timedelta(days=act_within_days):
        raise Refused(StabilityRefusal.FINDING_TOO_OLD, on=found_on, days=act_within_days)


def check_open(intervention: str, window: Window, now: datetime) -> None:
    """Refuse a request, or its withdrawal, outside the window.

    Raises:
        Refused: NOT_OPEN_NOW.
    """
    if not window.opens_at <= now < window.closes_at:
        raise Refused(StabilityRefusal.NOT_OPEN_NOW, intervention=intervention, **_clock(window))


def check_over(intervention: str, window: Window, *, is_settled: bool, now: datetime) -> None:
    """Refuse to settle what still takes requests, or is settled.

    Raises:
        Refused: STILL_OPEN or ALREADY_SETTLED.
    """
    if now < window.closes_at:
        closes = periods.wall_clock(window.closes_at)
        raise Refused(StabilityRefusal.STILL_OPEN, intervention=intervention, closes=closes)
    if is_settled:
        raise Refused(StabilityRefusal.ALREADY_SETTLED, intervention=intervention)


def check_subscription(*, quantity_t: int, own_t: int, limit_t: int) -> None:
    """Refuse more than one buyer may ask for.

    Raises:
        Refused: ABOVE_BUYER_LIMIT when all requests of the buyer exceed the limit together.
    """
    if own_t + quantity_t > limit_t:
        raise Refused(StabilityRefusal.ABOVE_BUYER_LIMIT, total_t=own_t + quantity_t, limit_t=limit_t)


def check_offer(*, price_fen_per_t: int, limit_fen_per_t: int) -> None:
    """Refuse an offer above the highest price of a buy-back.

    Raises:
        Refused: ABOVE_PRICE.
    """
    if price_fen_per_t > limit_fen_per_t:
        raise Refused(StabilityRefusal.ABOVE_PRICE, **units.with_yuan(price=price_fen_per_t, limit=limit_fen_per_t))


def shared_out(requests: Sequence[Request], *, quantity_t: int) -> dict[int, int]:
    """Share a fixed-price sale out: all in full, or all in proportion when more is asked for than offered.

    Args:
        requests: in order of time.
        quantity_t: offered, tonnes.

    Returns:
        Tonnes by `seq`. What rounding down leaves goes one by one to the largest remainders, the earlier first.

    Source: design choice, no legal source (Hamilton's method).

    Example:
        >>> shared_out([Request(1, 100, 8000), Request(2, 50, 8000)], quantity_t=100)
        {1: 67, 2: 33}
    """
    asked = [one.quantity_t for one in requests]
    parts = asked if sum(asked) <= quantity_t else units.split_by_largest_remainder(quantity_t, asked)
    return {one.seq: part_t for one, part_t in zip(requests, parts, strict=True)}


def bought(offers: Sequence[Request], *, quantity_t: int, budget_fen: int) -> dict[int, int]:
    """Buy back: the cheapest first, then the earlier, each at its own price, within quantity and budget.

    Args:
        offers: in any order.
        quantity_t: wanted, tonnes.
        budget_fen: what may be spent, fen.

    Returns:
        Tonnes by `seq`, zero for who is not served. The first offer that the budget does not cover in full is bought in
        whole tonnes as far as it reaches; after it nothing is bought, so that nobody dearer is served before.

    Source: design choice, no legal source.

    Example:
        >>> bought([Request(1, 10, 300), Request(2, 10, 200)], quantity_t=15, budget_fen=3_500)
        {2: 10, 1: 5}
    """
    parts: dict[int, int] = {}
    for one in sorted(offers, key=lambda offer: (offer.price_fen_per_t, offer.seq)):
        wanted_t = min(one.quantity_t, quantity_t)
        parts[one.seq] = min(wanted_t, budget_fen // one.price_fen_per_t)
        quantity_t -= parts[one.seq]
        budget_fen -= parts[one.seq] * one.price_fen_per_t
        if parts[one.seq] < wanted_t:
            quantity_t = 0
    return parts


def decided(request: Request, part_t: int) -> RequestState:
    """Say where a request stands when its intervention is settled with so many tonnes for it."""
    if part_t == request.quantity_t:
        return RequestState.SERVED
    return RequestState.PARTLY_SERVED if part_t else RequestState.UNSERVED


def _clock(window: Window) -> dict[str, object]:
    return {"opens": periods.wall_clock(window.opens_at), "closes": periods.wall_clock(window.closes_at)}
