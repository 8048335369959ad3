"""The API of sending: orders one by one or by the thousand, and where to ask what became of them."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from django.http import HttpResponse
from ninja import Router, Schema, Status
from pydantic import Field, model_validator

from tonnebook.core.api_keys import Scope
from tonnebook.core.book import INSTRUCTIONS_MAX, CommandKind, Instruction, MarketRefusal, OrderState, OrderType, Side
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Actor
from tonnebook.faces import doors
from tonnebook.faces.api import Count, Key, Needs, Quantity, Text, Word
from tonnebook.faces.requests import Request
from tonnebook.journal.services import Answer
from tonnebook.market import queries, services
from tonnebook.market.api import listed
from tonnebook.market.queries import CommandRow

router = Router()


class Placing(Schema):
    """An order for the day; `shown_total_fen` is the total its trader confirmed (see /orders/total)."""

    instrument: Word
    side: Side
    order_type: Literal["LIMIT", "MARKET_TO_LIMIT", "IMMEDIATE_OR_CANCEL", "FILL_OR_KILL"] = "LIMIT"
    price_fen_per_t: Quantity
    quantity_t: Quantity
    shown_total_fen: Count
    asset: Text = ""
    client: Text = Field("", description="Client in whose name a member places it; empty for its own.")

    @property
    def instruction(self) -> Instruction:
        """What the member asks for."""
        terms = (self.price_fen_per_t, self.quantity_t, self.shown_total_fen, self.asset)
        return Instruction(CommandKind.PLACE, self.instrument, self.side, OrderType[self.order_type], *terms)

    @model_validator(mode="after")
    def asset_fits_side(self) -> Self:
        """Refuse what is no order: a buyer with an asset, or a seller without."""
        _ = self.instruction
        return self


class Told(Schema):
    """One instruction of a batch: PLACE an order, AMEND one to what is given here, or CANCEL one."""

    kind: Literal["PLACE", "AMEND", "CANCEL"] = "PLACE"
    order: Text = ""
    instrument: Text = ""
    side: Side = Side.BUY
    order_type: Literal["LIMIT", "MARKET_TO_LIMIT", "IMMEDIATE_OR_CANCEL", "FILL_OR_KILL"] = "LIMIT"
    price_fen_per_t: Count = 0
    quantity_t: Count = 0
    shown_total_fen: Count = 0
    asset: Text = ""

    @property
    def instruction(self) -> Instruction:
        """What the member asks for."""
        terms = (self.price_fen_per_t, self.quantity_t, self.shown_total_fen, self.asset, self.order)
        return Instruction(CommandKind[self.kind], self.instrument, self.side, OrderType[self.order_type], *terms)

    @model_validator(mode="after")
    def is_an_instruction(self) -> Self:
        """Refuse what is none."""
        _ = self.instruction
        return self


class Batch(Schema):
    """Up to a thousand instructions, carried out in this order; each is refused by itself."""

    region: Word
    client: Text = Field("", description="Client in whose name a member sends all of them; empty for its own.")
    instructions: Annotated[list[Told], Field(min_length=1, max_length=INSTRUCTIONS_MAX)]


class Placed(Schema):
    """What became of an order at once."""

    order: str
    state: OrderState
    filled_t: int
    rest_t: int
    cancelled_t: int
    turnover_fen: int
    fee_fen: int
    trades: list[str]
    receipt: str = Field(description="Hash of the leaf of its proof.")


class Received(Schema):
    """What was sent is kept and waits for the engine; ask at `status_url` what becomes of it."""

    command: str
    state: Literal["RECEIVED", "DONE"]
    status_url: str


class Sent(Received):
    """What was sent, with an answer for each instruction once they have been carried out."""

    received_at: datetime
    done_at: datetime | None
    answers: list[dict[str, Any]] | None = Field(description="In order; a refused one has `refused`: code and facts.")


class Watching(Schema):
    """The longest silence after which the own orders are withdrawn; sent again, the sign of life."""

    region: Word
    silence_ms: Count = Field(description="Milliseconds, 200 to 60,000.")


class Watched(Schema):
    """Until when the last sign of life holds, real time."""

    silence_ms: int
    until_at: datetime


class Unwatched(Schema):
    """Whether there was a watch to end."""

    was_watched: bool


@listed.router.post("/orders", response={200: Placed, 202: Received}, auth=Needs(Scope.WRITE_ORDERS))
def place(request: Request, body: Placing, key: Key) -> Status[Answer]:
    """Place an order; what it meets is traded and settled at once. 202 when the engine has not come to it yet."""
    region = queries.instrument(body.instrument).region
    with services.acting_for(doors.actor_of(request), body.client) as actor:
        sent = _send(actor, region, [body.instruction], _key(key, body.client), request.now)
        answer = services.only_answer(services.outcome(sent))
    if "order" in answer:
        return Status(200, answer)
    return Status(202, answer | {"status_url": _status_url(str(answer["command"]))})


@router.post("/orders/batch", response={200: Sent, 202: Sent}, auth=Needs(Scope.WRITE_ORDERS))
def send_batch(request: Request, body: Batch, key: Key) -> Status[dict[str, Any]]:
    """Place, amend and cancel up to a thousand orders. 202 when the engine has not come to them yet."""
    told = [one.instruction for one in body.instructions]
    with services.acting_for(doors.actor_of(request), body.client) as actor:
        sent = _send(actor, body.region, told, _key(key, body.client), request.now)
        row = queries.command(str(services.outcome(sent)["command"]))
    return Status(200 if row.answers is not None else 202, _sent(row))


@router.put("/orders/watch", response=Watched, auth=Needs(Scope.WRITE_ORDERS))
def keep_watch(request: Request, body: Watching) -> Answer:
    """Have your orders withdrawn when nothing is heard of you for so long; send it again before that time is over."""
    return services.keep_watch(doors.actor_of(request), region=body.region, silence_ms=body.silence_ms)


@router.delete("/orders/watch", response=Unwatched, auth=Needs(Scope.WRITE_ORDERS))
def end_watch(request: Request, region: Word) -> Answer:
    """End the watch: your orders stay however long nothing is heard of you."""
    return services.end_watch(doors.actor_of(request), region=region)


@router.get("/orders/commands/{number}", response=Sent, auth=Needs(Scope.READ_ORDERS))
def sent_command(request: Request, response: HttpResponse, number: Word, client: Text = "") -> dict[str, Any]:
    """What became of something that was sent, for whoever has lost the answer."""
    del response
    with services.acting_for(doors.actor_of(request), client) as actor:
        row = queries.command(number)
    if row.organisation != actor.organisation:
        raise Refused(MarketRefusal.NO_SUCH_COMMAND, command=number)
    return _sent(row)


def _send(actor: Actor, region: str, told: list[Instruction], key: str, now: datetime) -> Answer:
    return services.send_orders(actor, region=region, told=told, key=key, now=now)


# The same order for another client is another order.
def _key(key: str, client: str) -> str:
    return f"{client}:{key}" if client else key


def _sent(row: CommandRow) -> dict[str, Any]:
    return {
        "command": row.number,
        "state": row.state,
        "status_url": _status_url(row.number),
        "received_at": row.received_at,
        "done_at": row.done_at,
        "answers": row.answers,
    }


def _status_url(number: str) -> str:
    return f"/api/v1/orders/commands/{number}"
