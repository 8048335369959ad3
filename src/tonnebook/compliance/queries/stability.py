"""What market stability shows: the reserve, the findings, the interventions and who took part in one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Sum
from django.db.models.functions import Coalesce

from tonnebook.compliance.models import Intervention, InterventionRequest, SetAside, StabilityFinding
from tonnebook.core import trace
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType
from tonnebook.core.market_stability.interventions import InterventionKind, RequestState, StabilityRefusal
from tonnebook.core.market_stability.triggers import PriceMove
from tonnebook.core.trace import Traced
from tonnebook.market import queries as market
from tonnebook.registry import queries as registry

# Longer than any holiday, so that the latest close of a running market lies in it.
_A_MONTH = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class FindingRow:
    """What was found on a day; `traces` by name: change, price, quantity; the intervention it led to, or empty."""

    region: str
    on: date
    kind: PriceMove
    traces: Mapping[str, Traced]
    intervention: str

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
    used = dict(Intervention.objects.filter(finding__in=rows).values_list("finding_id", "number"))
    return tuple(_finding(row, used.get(row.pk, "")) for row in rows)


def finding(region: str, on: date) -> FindingRow | None:
    """Give what was found on a day; None where nothing was looked at."""
    row = StabilityFinding.objects.filter(region=region, on=on).first()
    return _finding(row, "") if row else None


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
    """Add up what interventions of a kind have moved in a compliance year, or may yet, tonnes."""
    rows = Intervention.objects.filter(region=region, kind=kind, year=year)
    return int(rows.aggregate(total=Sum(Coalesce("moved_t", "quantity_t")))["total"] or 0)


def promised_t(asset: str) -> int:
    """Add up what sales still open may take from the reserve, tonnes."""
    rows = Intervention.objects.filter(asset=asset, settled_at=None)
    return int(rows.aggregate(total=Sum("quantity_t"))["total"] or 0)


def _finding(row: StabilityFinding, intervention: str) -> FindingRow:
    traces = {name: trace.from_json(one) for name, one in row.traces.items()}
    return FindingRow(row.region, row.on, PriceMove(row.kind), traces, intervention)


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
