"""The API of the close of a day: own nets for members, steps and breaks for the exchange."""

from datetime import date, datetime

from ninja import Router, Schema
from pydantic import Field

from tonnebook.core import roles
from tonnebook.core.api_keys import Scope
from tonnebook.core.closing import BreakKind, BreakState, DayStep
from tonnebook.core.roles import Act
from tonnebook.faces import doors, requests
from tonnebook.faces.api import Needs
from tonnebook.faces.requests import Request
from tonnebook.journal import trail
from tonnebook.market import queries

router = Router()


class Net(Schema):
    """What one bought and sold of an asset on a day, gross and net; fees are on top of what was bought."""

    unit_account: str
    cash_account: str
    asset: str
    trades: int
    bought_t: int
    sold_t: int
    bought_fen: int
    sold_fen: int
    fee_fen: int
    net_t: int
    net_fen: int


class Step(Schema):
    """A step of a close that has been done, or stopped by breaks."""

    step: DayStep
    is_done: bool
    figures: dict[str, int]
    at: datetime


class Break(Schema):
    """Where two books differ: tonnes or fen of an asset."""

    number: str
    kind: BreakKind
    subject: str
    asset: str
    registry: int
    other: int
    state: BreakState
    explanation: str


class Closing(Schema):
    """How far the close of a day has come."""

    steps: list[Step] = Field(description="In order; none before the close is begun.")
    breaks: list[Break]


@router.get("/nets", response=list[Net], auth=Needs(Scope.READ_ORDERS))
def nets(request: Request, day: date) -> list[dict[str, object]]:
    """What one's own organisation bought and sold on a day whose close has been begun."""
    rows = queries.member_nets(request.region, day, organisation=doors.actor_of(request).organisation)
    return [
        {
            "unit_account": row.unit_account,
            "cash_account": row.cash_account,
            "asset": row.asset,
            "trades": row.trades,
            "bought_t": row.totals.bought_t,
            "sold_t": row.totals.sold_t,
            "bought_fen": row.totals.bought_fen,
            "sold_fen": row.totals.sold_fen,
            "fee_fen": row.totals.fee_fen,
            "net_t": row.totals.net_t,
            "net_fen": row.totals.net_fen,
        }
        for row in rows
    ]


@router.get("/closing", response=Closing, auth=Needs(Scope.READ_ORDERS))
def closing(request: Request, day: date) -> dict[str, object]:
    """The steps of the close of a day and where the books differ, for the exchange."""
    roles.check(doors.actor_of(request), Act.CLOSE_DAY, region=request.region)
    breaks = queries.breaks(request.region, day)
    trail.listed("closing", rows=len(breaks), asked=requests.asked_of(request))
    return {"steps": queries.closing_steps(request.region, day), "breaks": breaks}
