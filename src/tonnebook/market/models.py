"""The rows of the market: instruments, orders, trades, closes, auctions and bids.

The database keeps what no program may break: `seq` has no twin, nothing is filled beyond its quantity, a trade and a
close are never changed. How orders match is decided in `core.book`, who gets what in an auction in `core.auction`.
"""

from django.db import models

from tonnebook.core import book, sealed_bids
from tonnebook.core.auction import BidState
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
    is_halted = models.BooleanField(default=False)
    previous_close_fen_per_t = models.BigIntegerField()
    # The last day that has been closed; null before the first.
    closed_on = models.DateField(null=True)
    order_seq = models.BigIntegerField(default=0)
    trade_seq = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(previous_close_fen_per_t__gt=0), name="market_instrument_close_positive"
            ),
        ]


class Order(Book):
    """A limit order for one day, with the accounts it draws on and the hold that reserves it."""

    tenancy_rule = tenancy.Tenant("organisation {mine}", _ON_INSTRUMENT)

    number = models.CharField(max_length=40, unique=True)
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="+")
    seq = models.BigIntegerField()
    side = models.CharField(max_length=4)
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
    """A trade between two orders, and the transfer that settled it."""

    tenancy_rule = tenancy.Tenant(
        "EXISTS (SELECT FROM market_order AS placed"
        " WHERE placed.id IN (buy_order_id, sell_order_id) AND placed.organisation {mine})",
        _ON_INSTRUMENT,
    )

    number = models.CharField(max_length=40, unique=True)
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="+")
    seq = models.BigIntegerField()
    buy_order = models.ForeignKey(Order, models.PROTECT, related_name="+")
    sell_order = models.ForeignKey(Order, models.PROTECT, related_name="+")
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


class Auction(Book):
    """A paid allowance auction as announced, and its result once cleared."""

    tenancy_rule = tenancy.Shared("announcements and results are published", is_public=True)

    number = models.CharField(max_length=40, unique=True)
    region = models.CharField(max_length=20)
    kind = models.CharField(max_length=11)
    year = models.IntegerField()
    asset = models.CharField(max_length=40)
    quantity_t = models.BigIntegerField()
    floor_price_fen_per_t = models.BigIntegerField()
    floor_trace = models.JSONField()
    rules_digest = models.CharField(max_length=64)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    announced_at = models.DateTimeField()
    # What bidders encrypt to; its secret comes together from the officers' shares after the close, and is published.
    opening_key = models.CharField(max_length=64)
    opened_with = models.CharField(max_length=64, blank=True, default="")
    # Leaf that says after the close how many bids there are, and size of the first checkpoint over it and all of them;
    # set before any share is taken.
    count_receipt = models.CharField(max_length=64, blank=True, default="")
    sealed_size = models.BigIntegerField(null=True)
    shares = models.IntegerField(default=0)
    bid_seq = models.BigIntegerField(default=0)
    cleared_at = models.DateTimeField(null=True)
    price_fen_per_t = models.BigIntegerField(null=True)
    price_trace = models.JSONField(null=True)
    sold_t = models.BigIntegerField(null=True)
    unsold_t = models.BigIntegerField(null=True)
    demand_t = models.BigIntegerField(null=True)
    bidders = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantity_t__gt=0, opens_at__lt=models.F("closes_at")), name="market_auction_proper"
            ),
            models.CheckConstraint(
                condition=models.Q(cleared_at__isnull=True)
                | models.Q(quantity_t=models.F("sold_t") + models.F("unsold_t")),
                name="market_auction_sold_out",
            ),
        ]
        indexes = [models.Index(fields=["region", "opens_at"], name="market_auction_region")]


class KeyShare(InsertOnly, Book):
    """A share of an auction's secret key, in words, handed in by an officer after the close."""

    tenancy_rule = tenancy.Tenant(region="auction_id IN (SELECT id FROM market_auction WHERE region = {region})")

    auction = models.ForeignKey(Auction, models.PROTECT, related_name="+")
    person = models.CharField(max_length=40)
    words = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["auction", "person"], name="market_share_one_each"),
            models.UniqueConstraint(fields=["auction", "words"], name="market_share_once"),
        ]


class Bid(Book):
    """A sealed bid in an auction; nobody reads what is in its envelope before the auction is opened."""

    tenancy_rule = tenancy.Tenant(
        "organisation {mine}", "auction_id IN (SELECT id FROM market_auction WHERE region = {region})"
    )

    number = models.CharField(max_length=40, unique=True)
    auction = models.ForeignKey(Auction, models.PROTECT, related_name="+")
    seq = models.BigIntegerField()
    organisation = models.CharField(max_length=18)
    person = models.CharField(max_length=40)
    unit_account = models.CharField(max_length=40)
    cash_account = models.CharField(max_length=40)
    mark = models.CharField(max_length=32)
    envelope = models.BinaryField(max_length=sealed_bids.ENVELOPE_BYTES)
    # Set aside until the auction is cleared: the most this bid can cost.
    deposit_fen = models.BigIntegerField()
    # Most the bidder could ask for in this auction when it bid, tonnes; null without limit.
    limit_t = models.BigIntegerField(null=True)
    receipt = models.CharField(max_length=64)
    withdrawal = models.CharField(max_length=64, blank=True, default="")
    # What was in the envelope; null before it is opened, and for ever where it does not open.
    price_fen_per_t = models.BigIntegerField(null=True)
    quantity_t = models.BigIntegerField(null=True)
    void_reason = models.CharField(max_length=13, blank=True, default="")
    awarded_t = models.BigIntegerField(default=0)
    state = models.CharField(max_length=13, default=BidState.STANDING)
    hold = models.CharField(max_length=40)
    transfer = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["auction", "seq"], name="market_bid_seq"),
            models.UniqueConstraint(fields=["auction", "mark"], name="market_bid_mark"),
            models.CheckConstraint(
                condition=models.Q(awarded_t=0)
                | models.Q(price_fen_per_t__gt=0, awarded_t__gt=0, awarded_t__lte=models.F("quantity_t")),
                name="market_bid_within",
            ),
            models.CheckConstraint(condition=models.Q(deposit_fen__gt=0), name="market_bid_deposit"),
        ]
        indexes = [models.Index(fields=["organisation", "-at"], name="market_bid_of_organisation")]
