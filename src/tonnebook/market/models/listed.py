"""The rows of listed trading: instruments, orders, trades and closes.

The database keeps what no program may break: `seq` has no twin, nothing is filled beyond its quantity, a trade and a
close are never changed. How orders match is decided in `core.book`.
"""

from django.db import models
from django.db.models.functions import Now

from tonnebook.core import book
from tonnebook.core.phases import Phase
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly

_ON_INSTRUMENT = "instrument_id IN (SELECT id FROM market_instrument WHERE region = {region})"


class Instrument(Book):
    """What can be traded: all vintages of one scheme. Its row is locked while its book changes."""

    tenancy_rule = tenancy.Shared("what can be traded, and its published closes", is_public=True)

    code = models.CharField(max_length=20, unique=True)
    region = models.CharField(max_length=20)
    scheme = models.CharField(max_length=20)
    kind = models.CharField(max_length=12)
    # The last phase entered, and when; `core.phases.path` says where the clock has it by now.
    phase = models.CharField(max_length=10, default=Phase.CLOSED, db_default=Phase.CLOSED.value)
    phase_at = models.DateTimeField(db_default=Now())
    # When the halt it is in ends by itself; null in every other phase, and when only people end it.
    halted_until = models.DateTimeField(null=True)
    previous_close_fen_per_t = models.BigIntegerField()
    # The last day that has been closed; null before the first.
    closed_on = models.DateField(null=True)
    order_seq = models.BigIntegerField(default=0)
    # Number of the last command that changed the book: whoever keeps the book in memory sees by it that it has changed.
    command_seq = models.BigIntegerField(default=0, db_default=0)
    trade_seq = models.BigIntegerField(default=0)
    deal_seq = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(previous_close_fen_per_t__gt=0), name="market_instrument_close_positive"
            ),
        ]

    @property
    def is_halted(self) -> bool:
        """Whether nothing trades until the halt ends."""
        return self.phase == Phase.HALTED


class Order(Book):
    """A limit order for one day, with the accounts it draws on and the hold that reserves it.

    A step writes a thousand of them: a trigger of the migration looks once per statement whether the instrument exists,
    and neither an instrument nor an order is ever deleted.
    """

    tenancy_rule = tenancy.Tenant("organisation {mine}", _ON_INSTRUMENT)

    number = models.CharField(max_length=40, unique=True)
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    seq = models.BigIntegerField()
    side = models.CharField(max_length=4)
    order_type = models.SmallIntegerField(default=book.OrderType.LIMIT, db_default=book.OrderType.LIMIT.value)
    organisation = models.CharField(max_length=18)
    person = models.CharField(max_length=40)
    unit_account = models.CharField(max_length=40)
    cash_account = models.CharField(max_length=40)
    # What a seller delivers; empty for a buyer.
    asset = models.CharField(max_length=40, blank=True)
    price_fen_per_t = models.BigIntegerField()
    quantity_t = models.BigIntegerField()
    filled_t = models.BigIntegerField(default=0)
    turnover_fen = models.BigIntegerField(default=0)
    fee_fen = models.BigIntegerField(default=0)
    state = models.CharField(max_length=9, default=book.OrderState.OPEN)
    hold = models.CharField(max_length=40)
    # Number of the command that gave it its place among its equals; amending may send it to the back.
    priority = models.BigIntegerField(default=0, db_default=0)
    trading_on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instrument", "seq"], name="market_order_seq"),
            models.CheckConstraint(
                condition=models.Q(
                    price_fen_per_t__gt=0, quantity_t__gt=0, filled_t__gte=0, filled_t__lte=models.F("quantity_t")
                ),
                name="market_order_within",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=book.OrderState.FILLED) | models.Q(filled_t=models.F("quantity_t")),
                name="market_order_filled",
            ),
        ]
        indexes = [
            models.Index(
                fields=["instrument", "side", "price_fen_per_t", "seq"],
                condition=models.Q(state=book.OrderState.OPEN),
                name="market_order_book",
            ),
            models.Index(fields=["organisation", "-at"], name="market_order_of_organisation"),
        ]


class Trade(InsertOnly, Book):
    """A trade between two orders, and the transfer that settled it; that these exist is looked at as with `Order`."""

    tenancy_rule = tenancy.Tenant(
        "EXISTS (SELECT FROM market_order AS placed"
        " WHERE placed.id IN (buy_order_id, sell_order_id) AND placed.organisation {mine})",
        _ON_INSTRUMENT,
    )

    number = models.CharField(max_length=40, unique=True)
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    seq = models.BigIntegerField()
    buy_order = models.ForeignKey(Order, models.PROTECT, related_name="+", db_constraint=False)
    sell_order = models.ForeignKey(Order, models.PROTECT, related_name="+", db_constraint=False)
    asset = models.CharField(max_length=40)
    price_fen_per_t = models.BigIntegerField()
    quantity_t = models.BigIntegerField()
    buyer_fee_fen = models.BigIntegerField()
    seller_fee_fen = models.BigIntegerField()
    trading_on = models.DateField()
    at = models.DateTimeField()
    transfer = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instrument", "seq"], name="market_trade_seq"),
            models.CheckConstraint(
                condition=models.Q(price_fen_per_t__gt=0, quantity_t__gt=0), name="market_trade_positive"
            ),
        ]
        indexes = [models.Index(fields=["instrument", "trading_on"], name="market_trade_day")]


class DayClose(InsertOnly, Book):
    """The close of one instrument on one day."""

    tenancy_rule = tenancy.Shared("closes are published", is_public=True)

    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="+")
    day = models.DateField()
    close_fen_per_t = models.BigIntegerField()
    volume_t = models.BigIntegerField()
    turnover_fen = models.BigIntegerField()
    trades = models.IntegerField()
    trace = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["instrument", "day"], name="market_close_once")]
