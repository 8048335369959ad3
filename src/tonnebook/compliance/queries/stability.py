"""What market stability shows: the reserve, the findings, the interventions and who took part in one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Sum
from django.db.models.functions import Coalesce

from tonnebook.compliance.models import Intervention, InterventionRequest, ReserveMove, SetAside, StabilityFinding
from tonnebook.core import trace
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType
from tonnebook.core.market_stability import reserve_moves as core
from tonnebook.core.market_stability.interventions import InterventionKind, RequestState, StabilityRefusal
from tonnebook.core.market_stability.reserve_moves import ReserveMoveKind, Stock
from tonnebook.core.market_stability.triggers import PriceMove
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced
from tonnebook.market import queries as market
from tonnebook.registry import queries as registry

# Longer than any holiday, so that the latest close of a running market lies in it.
_A_MONTH = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class FindingRow:
    """What was found on a day, and the intervention or move of the reserve it led to, or empty.

    `traces` by name: change, price, quantity.
    """

    region: str
    on: date
    kind: PriceMove
    traces: Mapping[str, Traced]
    intervention: str
    reserve_move: str

    @property
    def key(self) -> str:
        """Name it among all findings: region and day."""
        return f"{self.region}:{self.on.isoformat()}"


@dataclass(frozen=True, slots=True)
class InterventionRow:
    """An intervention as decided, and its result: tonnes moved and fen paid, None before it is settled."""

    number: str
    region: str
    kind: InterventionKind
    found_on: date
    year: int
    asset: str
    quantity_t: int
    price: Traced
    buyer_limit_t: int | None
    budget_fen: int | None
    opens_at: datetime
    closes_at: datetime
    settled_at: datetime | None
    moved_t: int | None
    paid_fen: int | None

    def is_open(self, now: datetime) -> bool:
        """Say whether requests are taken at an instant."""
        return self.opens_at <= now < self.closes_at


@dataclass(frozen=True, slots=True)
class ReserveMoveRow:
    """A release to be auctioned or a withdrawal, with the most it might have taken."""

    number: str
    region: str
    kind: ReserveMoveKind
    found_on: date
    year: int
    asset: str
    quantity_t: int
    limit: Traced
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class RequestRow:
    """What somebody asked for or offered, and got."""

    number: str
    organisation: str
    asset: str
    price_fen_per_t: int
    quantity_t: int
    served_t: int
    state: RequestState
    at: datetime


def reserve(region: str) -> dict[str, int]:
    """Give what the reserve account of a region holds, tonnes by asset."""
    account = registry.system_account(region, AccountType.RESERVE)
    return {one.asset.code: one.total for one in registry.holdings(account) if one.total}


def years_set_aside(region: str) -> frozenset[int]:
    """List the years whose reserve has been put into the account."""
    return frozenset(SetAside.objects.filter(region=region).values_list("year", flat=True))


def findings(region: str, limit: int = 60) -> tuple[FindingRow, ...]:
    """List the latest findings of a region, the newest first."""
    rows = list(StabilityFinding.objects.filter(region=region).order_by("-on")[:limit])
    used, moved = (
        dict(model.objects.filter(finding__in=rows).values_list("finding_id", "number"))
        for model in (Intervention, ReserveMove)
    )
    return tuple(_finding(row, used.get(row.pk, ""), moved.get(row.pk, "")) for row in rows)


def finding(region: str, on: date) -> FindingRow | None:
    """Give what was found on a day; None where nothing was looked at."""
    row = StabilityFinding.objects.filter(region=region, on=on).first()
    return _finding(row) if row else None


def days_without_finding(region: str, instrument: str, today: date) -> tuple[date, ...]:
    """List the closed days after the last finding, oldest first; before the first finding only the latest close."""
    last = StabilityFinding.objects.filter(region=region).order_by("-on").values_list("on", flat=True).first()
    from_on = last + timedelta(days=1) if last else today - _A_MONTH
    days = tuple(row.day for row in market.closes(instrument, from_on, today + timedelta(days=1)))
    return days if last else days[-1:]


def interventions(region: str) -> tuple[InterventionRow, ...]:
    """List the interventions of a region, the newest first."""
    rows = Intervention.objects.filter(region=region).select_related("finding").order_by("-id")
    return tuple(_row(row) for row in rows)


def intervention(number: str) -> InterventionRow:
    """Give one intervention.

    Raises:
        Refused: NO_SUCH_INTERVENTION.
    """
    row = Intervention.objects.select_related("finding").filter(number=number).first()
    if row is None:
        raise Refused(StabilityRefusal.NO_SUCH_INTERVENTION, intervention=number)
    return _row(row)


def requests_of(number: str, organisation: str = "") -> tuple[RequestRow, ...]:
    """List the requests of an intervention in order of time, all of them or those of one organisation."""
    rows = InterventionRequest.objects.filter(intervention__number=number).order_by("seq")
    if organisation:
        rows = rows.filter(organisation=organisation)
    return tuple(
        RequestRow(
            row.number,
            row.organisation,
            row.asset,
            row.price_fen_per_t,
            row.quantity_t,
            row.served_t,
            RequestState(row.state),
            row.at,
        )
        for row in rows
    )


def moved_t(region: str, kind: InterventionKind, year: int) -> int:
    """Add up what interventions of a kind have moved in a compliance year, or may yet, tonnes.

    Releases to auctions count with the sales; what came back unsold or was withdrawn has not left the reserve, as what
    a sale did not sell has not.
    """
    rows = Intervention.objects.filter(region=region, kind=kind, year=year)
    total_t = rows.aggregate(total=Sum(Coalesce("moved_t", "quantity_t")))["total"] or 0
    if kind is InterventionKind.FIXED_PRICE_SALE:
        total_t += _released_t(region, year)
    return int(total_t)


def _released_t(region: str, year: int) -> int:
    moves = ReserveMove.objects.filter(region=region, year=year).values_list("kind").annotate(Sum("quantity_t"))
    by_kind = dict(moves.order_by())
    assets = ReserveMove.objects.filter(region=region, year=year).values_list("asset", flat=True).distinct()
    back_t = by_kind.get(ReserveMoveKind.WITHDRAWAL, 0) + sum(market.returned_t(region, one) for one in assets)
    return max(0, int(by_kind.get(ReserveMoveKind.RELEASE, 0) - back_t))


def promised_t(asset: str) -> int:
    """Add up what sales still open may take from the reserve, tonnes."""
    rows = Intervention.objects.filter(asset=asset, settled_at=None)
    return int(rows.aggregate(total=Sum("quantity_t"))["total"] or 0)


def paid_asset(rules: RulesAt) -> str:
    """Name the allowances of a year that reserve and auctions hold, by the rules of the year."""
    return f"{rules.text('region.scheme')}-{rules.year}-PAID"


def move_limit(kind: ReserveMoveKind, rules: RulesAt) -> Traced:
    """Compute the most that one move of the reserve may take now.

    Args:
        kind: release or withdrawal.
        rules: of the compliance year, as of today.

    Returns:
        Tonnes, as `core.market_stability.reserve_moves.limit`.

    Raises:
        Refused: NO_SUCH_PARAMETER when the region has no such mechanism.
    """
    asset, held = paid_asset(rules), reserve(rules.region)
    stock = Stock(
        reserve_t=sum(held.values()),
        spare_t=held.get(asset, 0) - promised_t(asset),
        moved_t=moved_t(rules.region, InterventionKind.FIXED_PRICE_SALE, rules.year or 0),
        waiting_t=market.waiting_t(rules.region, asset),
    )
    return core.limit(kind, rules, stock)


def reserve_moves(region: str) -> tuple[ReserveMoveRow, ...]:
    """List the releases to auctions and the withdrawals of a region, the newest first."""
    rows = ReserveMove.objects.filter(region=region).select_related("finding").order_by("-id")
    return tuple(_move(row) for row in rows)


def reserve_move(number: str) -> ReserveMoveRow | None:
    """Give one release to an auction or withdrawal; None where there is none of that number."""
    row = ReserveMove.objects.select_related("finding").filter(number=number).first()
    return _move(row) if row else None


def _move(row: ReserveMove) -> ReserveMoveRow:
    return ReserveMoveRow(
        row.number,
        row.region,
        ReserveMoveKind(row.kind),
        row.finding.on,
        row.year,
        row.asset,
        row.quantity_t,
        trace.from_json(row.limit_trace),
        row.decided_at,
    )


def _finding(row: StabilityFinding, intervention: str = "", reserve_move: str = "") -> FindingRow:
    traces = {name: trace.from_json(one) for name, one in row.traces.items()}
    return FindingRow(row.region, row.on, PriceMove(row.kind), traces, intervention, reserve_move)


def _row(row: Intervention) -> InterventionRow:
    return InterventionRow(
        row.number,
        row.region,
        InterventionKind(row.kind),
        row.finding.on,
        row.year,
        row.asset,
        row.quantity_t,
        trace.from_json(row.finding.traces["price"]),
        row.buyer_limit_t,
        row.budget_fen,
        row.opens_at,
        row.closes_at,
        row.settled_at,
        row.moved_t,
        row.paid_fen,
    )
