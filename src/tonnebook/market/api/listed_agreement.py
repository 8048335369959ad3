"""The API of listed agreement: what can be picked, and the picking."""

from typing import Annotated

from ninja import Router, Schema
from pydantic import Field

from tonnebook.core.api_keys import Scope
from tonnebook.core.book import Side
from tonnebook.faces import doors, requests
from tonnebook.faces.api import Count, Key, Needs, Quantity, Word
from tonnebook.faces.requests import Request
from tonnebook.market import queries, services
from tonnebook.market.api.commands import Placed

router = Router()


class Pick(Schema):
    """An order among the best five levels of its side, without a name."""

    number: str
    instrument: str
    side: Side
    price_fen_per_t: int
    left_t: int
    is_own: bool


class Taking(Schema):
    """How much of it is taken; `shown_total_fen` as with an order, at its price (see /orders/total)."""

    quantity_t: Quantity
    shown_total_fen: Count
    asset: Annotated[str, Field(max_length=80)] = ""


@router.get("/instruments/{code}/pick", response=list[Pick], auth=Needs(Scope.READ_ORDERS))
def pick_list(request: Request, code: Word) -> list[queries.PickRow]:
    """What a taker may pick where listed orders do not match by themselves."""
    own = doors.actor_of(request).organisation
    return list(queries.pick_list(code, organisation=own, on=requests.today(request)))


@router.post("/orders/{number}/take", response=Placed, auth=Needs(Scope.WRITE_ORDERS))
def take_order(request: Request, number: Word, body: Taking, key: Key) -> dict[str, object]:
    """Pick an order; it trades at its own price, at once."""
    answer = services.take_order(
        doors.actor_of(request),
        order=number,
        quantity_t=body.quantity_t,
        shown_total_fen=body.shown_total_fen,
        asset=body.asset,
        key=key,
        now=request.now,
    )
    return dict(answer)
