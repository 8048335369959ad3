"""A member trades for clients from their accounts: the two agree, both see it, and nobody else does."""

from dataclasses import replace
from typing import cast

import pytest
from tests.market_stage import MONDAY, REGION, Stage
from tests.unit.market.test_orders import refused

from tonnebook.core.book import CommandKind, Instruction, OrderState, Side
from tonnebook.core.clients import ClientRefusal, ClientState
from tonnebook.core.roles import SYSTEM, Actor, Role
from tonnebook.core.supervision import SupervisionRefusal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer
from tonnebook.market import models, queries
from tonnebook.market import services as market
from tonnebook.members import services as members

MEMBER, CLIENT, OTHER = "Lotus Capital", "Red River Steel", "North Power"


def head(stage: Stage, name: str) -> Actor:
    """Whoever represents an organisation and trades for it."""
    return replace(stage.cast[name], roles=frozenset({Role.REPRESENTATIVE, Role.TRADER}))


def uscc(stage: Stage, name: str) -> str:
    return stage.cast[name].organisation


def ask(stage: Stage, client: str, *, member: str = MEMBER) -> Answer:
    return market.ask_client(head(stage, member), client=uscc(stage, client), key=stage.key(), now=stage.now)


def agree(stage: Stage, client: str) -> Answer:
    return market.agree_client(head(stage, client), member=uscc(stage, MEMBER), key=stage.key(), now=stage.now)


def end(stage: Stage, by: str, client: str) -> Answer:
    pair = {"member": uscc(stage, MEMBER), "client": uscc(stage, client)}
    return market.end_client(head(stage, by), **pair, key=stage.key(), now=stage.now)


def buy_for(stage: Stage, client: str, quantity_t: int = 100) -> Answer:
    at = {"side": Side.BUY, "price_fen_per_t": 7400, "quantity_t": quantity_t}
    total_fen = queries.total_fen("SHEA", on=MONDAY, **at).whole  # type: ignore[arg-type]
    told = Instruction(CommandKind.PLACE, "SHEA", shown_total_fen=total_fen, **at)  # type: ignore[arg-type]
    with market.acting_for(stage.cast[MEMBER], uscc(stage, client)) as actor:
        return market.send_orders(actor, region=REGION, told=[told], key=stage.key(), now=stage.now)


@pytest.fixture
def agreed(stage: Stage) -> Stage:
    for name in (MEMBER, CLIENT):
        stage.fund(name, 1_000_000_000)
    draft = members.PersonDraft("broker", "经纪", "Broker", uscc(stage, MEMBER), (Role.TRADER,))
    registered = members.register_people(SYSTEM, drafts=[draft], key=stage.key(), now=stage.now)
    stage.cast[MEMBER] = replace(stage.cast[MEMBER], person=cast("list[str]", registered["people"])[0])
    ask(stage, CLIENT)
    agree(stage, CLIENT)
    return stage


def test_what_a_member_buys_for_a_client_is_paid_by_the_client_and_becomes_its_own(agreed: Stage) -> None:
    agreed.issue(OTHER, 500)
    agreed.order(OTHER, Side.SELL, 7400, 60)
    before_fen = agreed.cash(MEMBER)
    buy_for(agreed, CLIENT)
    order = models.Order.objects.get(side=Side.BUY)
    assert (order.organisation, order.person) == (uscc(agreed, CLIENT), agreed.cast[MEMBER].person)
    assert agreed.units(CLIENT) == (60, 0)
    assert agreed.units(MEMBER) == (0, 0)
    assert agreed.cash(MEMBER) == before_fen
    assert agreed.cash(CLIENT)[1] > 0, "the rest of the order is reserved"


def test_nobody_acts_for_who_has_not_agreed_or_does_not_any_more(agreed: Stage) -> None:
    agreed.fund(OTHER, 1_000_000_000)
    refused(ClientRefusal.NO_SUCH_CLIENT, lambda: buy_for(agreed, OTHER))
    ask(agreed, OTHER)
    refused(ClientRefusal.NO_SUCH_CLIENT, lambda: buy_for(agreed, OTHER))
    agree(agreed, OTHER)
    buy_for(agreed, OTHER)
    end(agreed, OTHER, OTHER)
    refused(ClientRefusal.NO_SUCH_CLIENT, lambda: buy_for(agreed, OTHER))
    assert models.Order.objects.count() == 1


def test_a_member_that_is_stopped_trades_for_nobody_and_its_clients_trade_on(agreed: Stage) -> None:
    buy_for(agreed, CLIENT)
    agreed.order(CLIENT, Side.BUY, 7300, 10)
    stopped = {"organisation": uscc(agreed, MEMBER), "reason": "失控的程序"}
    answer = market.stop_trading(agreed.cast["Exchange"], **stopped, key=agreed.key(), now=agreed.now)
    assert answer["cancelled"] == 1
    refused(SupervisionRefusal.TRADING_STOPPED, lambda: buy_for(agreed, CLIENT))
    agreed.order(CLIENT, Side.BUY, 7200, 10)
    resting = models.Order.objects.filter(state=OrderState.OPEN)
    assert set(resting.values_list("person", flat=True)) == {agreed.cast[CLIENT].person}


def test_a_client_has_one_member_at_a_time(agreed: Stage) -> None:
    refused(ClientRefusal.CLIENT_TAKEN, lambda: ask(agreed, CLIENT))
    end(agreed, MEMBER, CLIENT)
    assert ask(agreed, CLIENT)["state"] == ClientState.ASKED


def test_strangers_neither_agree_nor_end_what_is_between_others(agreed: Stage) -> None:
    refused(ClientRefusal.NOT_ASKED_BY, lambda: agree(agreed, OTHER))
    refused(ClientRefusal.NOT_ASKED_BY, lambda: end(agreed, OTHER, CLIENT))
    refused(ClientRefusal.NOT_A_COMPREHENSIVE_MEMBER, lambda: ask(agreed, CLIENT, member=OTHER))
    refused(ClientRefusal.OWN_CLIENT, lambda: ask(agreed, MEMBER))


@pytest.mark.parametrize(("name", "seen"), [(MEMBER, 1), (CLIENT, 1), (OTHER, 0), ("Exchange", 1)])
def test_member_client_and_exchange_see_who_acts_for_whom_and_nobody_else(agreed: Stage, name: str, seen: int) -> None:
    with tenancy.acting(tenancy.scope_of(agreed.cast[name])):
        assert len(queries.clients(REGION)) == seen


def test_a_client_sees_what_is_done_for_it_and_its_member_only_while_acting_for_it(agreed: Stage) -> None:
    buy_for(agreed, CLIENT)
    client = uscc(agreed, CLIENT)
    with tenancy.acting(tenancy.scope_of(agreed.cast[CLIENT])):
        assert len(queries.open_orders(client)) == 1
    with tenancy.acting(tenancy.scope_of(agreed.cast[MEMBER])):
        assert queries.open_orders(client) == ()
        with market.acting_for(agreed.cast[MEMBER], client):
            assert len(queries.open_orders(client)) == 1
