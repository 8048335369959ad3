"""Trades delivered by the thousand: balances, holds, lots, blocks, proofs and the number of statements."""

import json
from dataclasses import dataclass, field

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from tests.unit.registry import desk as desks
from tests.unit.registry.desk import NOW, Desk
from tests.unit.registry.test_bulk import audited, payloads_of, sealed_of

from tonnebook.core import canonical, merkle, periods
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountState, AccountType, Block, DeliveredLeg, Delivery, HoldReason, HoldState
from tonnebook.registry import models, queries
from tonnebook.registry import services as registry
from tonnebook.registry.services import deliveries


@dataclass
class Floor:
    """North Power sells 300 t it was allocated, Red River has 100,000 fen; both have set all of it aside."""

    desk: Desk
    units: str = field(init=False)
    cash: str = field(init=False)

    def __post_init__(self) -> None:
        """Give and hold."""
        self.desk.allocate(self.desk.north, 300)
        self.desk.pay_in(self.desk.red_cash, 100_000, "B-1")
        self.units = self.desk.hold(self.desk.north, 300, HoldReason.ORDER)
        self.cash = self.desk.hold(self.desk.red_cash, 100_000, HoldReason.ORDER, "CNY")

    def trade(self, quantity_t: int, price_fen_per_t: int, *fees_fen: int) -> Delivery:
        """Sell from North Power to Red River."""
        desk = self.desk
        cash = (desk.red_cash, desk.north_cash, self.cash)
        return Delivery(
            desk.north, desk.red, "SHEA-2026", quantity_t, price_fen_per_t, self.units, *cash, *fees_fen
        )  # fmt: skip

    def deliver(
        self, *trades: Delivery, leaf_each: bool = False, freed: dict[tuple[str, str, str], int] | None = None
    ) -> registry.Posted:
        """Deliver trades in a transaction of their own."""
        fees = self.desk.system[AccountType.FEES]
        draft = registry.DeliveryDraft(trades, "CNY", fees, "SYSTEM", "B-7", leaf_each=leaf_each, freed=freed or {})
        with transaction.atomic():
            return registry.deliver_trades(draft, now=NOW)


@pytest.fixture
def floor(desk: Desk) -> Floor:
    return Floor(desk)


def has(account: str) -> list[tuple[str, int, int]]:
    return [(holding.asset.code, holding.total, holding.held) for holding in queries.holdings(account)]


def test_units_and_money_change_places_out_of_the_holds(floor: Floor) -> None:
    floor.deliver(floor.trade(100, 70, 5, 6), floor.trade(20, 80, 1, 2))
    assert has(floor.desk.north) == [("SHEA-2026", 180, 180)]
    assert has(floor.desk.red) == [("SHEA-2026", 120, 0)]
    assert has(floor.desk.red_cash) == [("CNY", 91_394, 91_394)]
    assert has(floor.desk.north_cash) == [("CNY", 8_592, 0)]
    assert has(floor.desk.system[AccountType.FEES]) == [("CNY", 14, 0)]
    assert (queries.hold(floor.units).remaining, queries.hold(floor.cash).remaining) == (180, 91_394)


def test_the_buyer_has_a_lot_for_every_price_and_the_posting_tells_what_the_seller_gave(floor: Floor) -> None:
    floor.deliver(floor.trade(100, 70), floor.trade(20, 80), floor.trade(5, 70))
    lots = models.Lot.objects.filter(account__number=floor.desk.red).order_by("price_fen_per_t")
    assert [(lot.title, lot.price_fen_per_t, lot.quantity_t) for lot in lots] == [
        ("MARKET", 70, 105),
        ("MARKET", 80, 20),
    ]
    kept = models.Posting.objects.exclude(price_fen_per_t=None).order_by("index").values_list("lots", flat=True)
    assert list(kept) == [[["ALLOCATED_FREE", "2026-03-02", None, tonnes]] for tonnes in (100, 20, 5)]


def test_blocks_move_once_netted_over_all_deliveries(floor: Floor) -> None:
    floor.deliver(floor.trade(100, 70), floor.trade(20, 80))
    moves = models.SerialMove.objects.filter(transfer__subject="B-7").values_list("serial_from", "serial_to")
    assert list(moves) == [(1, 121)]
    assert queries.blocks_of(floor.desk.red, "SHEA-2026") == (Block(1, 121),)
    assert queries.blocks_of(floor.desk.north, "SHEA-2026") == (Block(121, 301),)


def test_what_holds_no_longer_need_is_set_free_with_the_delivery(floor: Floor) -> None:
    desk = floor.desk
    freed = {(desk.north, "SHEA-2026", floor.units): 50, (desk.red_cash, "CNY", floor.cash): 93_000}
    floor.deliver(floor.trade(100, 70), freed=freed)
    assert has(desk.north) == [("SHEA-2026", 200, 150)]
    assert has(desk.red_cash) == [("CNY", 93_000, 0)]
    assert (queries.hold(floor.units).remaining, queries.hold(floor.cash).state) == (150, HoldState.RELEASED)
    assert len(payloads_of("registry.hold.lowered")) == len(payloads_of("registry.hold.released")) == 1


def test_all_trades_are_delivered_or_none(floor: Floor) -> None:
    with pytest.raises(Refused, match="HOLD_TOO_SMALL") as refused:
        floor.deliver(floor.trade(100, 70), floor.trade(201, 70))
    assert (refused.value.facts["remaining"], refused.value.facts["wanted"]) == (200, 201)
    with pytest.raises(Refused, match="HOLD_TOO_SMALL"):
        floor.deliver(floor.trade(300, 334))
    assert has(floor.desk.north) == [("SHEA-2026", 300, 300)]


def test_a_frozen_account_delivers_nothing(floor: Floor) -> None:
    with transaction.atomic():
        registry.set_state(floor.desk.red, state=AccountState.SUSPENDED, reason="inquiry", initiator="P-ZHOU", now=NOW)
    with pytest.raises(Refused, match="ACCOUNT_SUSPENDED"):
        floor.deliver(floor.trade(1, 70))


def test_units_that_a_court_waits_for_go_to_it_out_of_the_middle_of_a_batch(floor: Floor) -> None:
    court = floor.desk.hold(floor.desk.red, 150, HoldReason.COURT)
    floor.deliver(floor.trade(100, 70), floor.trade(20, 80))
    hold = queries.hold(court)
    assert (hold.remaining, hold.waiting) == (120, 30)
    assert len(payloads_of("registry.hold.moved_up")) == 1


def test_the_number_of_statements_does_not_grow_with_the_trades(floor: Floor) -> None:
    def statements(count: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            floor.deliver(*[floor.trade(1, 70, 1, 1)] * count)
        return len(captured)

    statements(1)
    assert statements(1) == statements(150)


def test_a_delivery_is_written_in_canonical_form_and_names_nobody(floor: Floor) -> None:
    posted = floor.deliver(floor.trade(3, 70, 1), floor.trade(4, 70), leaf_each=True)
    payloads = payloads_of("registry.delivery.posted")
    assert [canonical.text(json.loads(text)) for text in payloads] == payloads
    assert [f'"{posted.number}/{index}"' in text for index, text in enumerate(payloads)] == [True, True]
    assert floor.desk.red not in "".join(payloads)


def test_the_one_leaf_carries_the_root_over_all_deliveries(floor: Floor) -> None:
    posted = floor.deliver(floor.trade(3, 70, 1), floor.trade(4, 70))
    (payload,) = payloads_of("registry.bulk.posted")
    salt = bytes.fromhex(sealed_of("registry.bulk.posted")["salt"])
    desk = floor.desk
    legs = [
        (desk.north, desk.red, "SHEA-2026", 3),
        (desk.red_cash, desk.north_cash, "CNY", 210),
        (desk.red_cash, desk.system[AccountType.FEES], "CNY", 1),
        (desk.north, desk.red, "SHEA-2026", 4),
        (desk.red_cash, desk.north_cash, "CNY", 280),
    ]
    rows = [DeliveredLeg(*leg, 0, 0, None, None) for leg in legs]
    texts = deliveries.delivery_texts(posted.number, rows, cash="CNY", salt=salt, at=periods.iso(NOW))
    assert f'"root":"{merkle.root([merkle.leaf_hash(text.encode()) for text in texts]).hex()}"' in payload
    secret = {"legs": [{"debit": d, "credit": c, "asset": a, "quantity": str(q)} for d, c, a, q in legs[3:]]}
    assert merkle.seal(secret, merkle.keyed_digest(salt, f"{posted.number}/1".encode())) in texts[1]


@pytest.mark.parametrize("leaf_each", [True, False])
def test_the_auditor_writes_every_delivery_anew_and_finds_an_altered_one(fresh_database: str, leaf_each: bool) -> None:
    floor = Floor(desks.open_desk())
    floor.deliver(floor.trade(3, 70, 1, 1), floor.trade(4, 70), floor.trade(5, 71, 0, 1), leaf_each=leaf_each)
    # No market stands behind these deliveries and holds, which is all that is wrong with them.
    assert {one.check for one in audited().breaks} == {"trade", "reserved"}
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE registry_posting DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE registry_posting SET debit_account_id = credit_account_id, credit_account_id = debit_account_id "
            'WHERE "index" = 2'
        )
    assert "movements" in {one.check for one in audited().breaks}
