"""The rows of agreement transfers: proposals, and what became of them; bids in one-way auctions are some of them.

The database keeps that size and price are what the rules of the day allowed, and that nothing is settled without a
counterparty and a transfer.
"""

from django.db import models

from tonnebook.core import deals
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book
from tonnebook.market.models.indications import Indication
from tonnebook.market.models.listed import Instrument
from tonnebook.market.models.one_way import Sale


class Deal(Book):
    """A proposal with what reserves it, and once it is accepted, who accepted it and the transfer that settled it."""

    tenancy_rule = tenancy.Tenant(
        "(organisation {mine} OR counterparty {mine} OR taker {mine})",
        "instrument_id IN (SELECT id FROM market_instrument WHERE region = {region})",
    )

    number = models.CharField(max_length=40, unique=True)
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="+")
    seq = models.BigIntegerField()
    # Of who proposes.
    side = models.CharField(max_length=4)
    organisation = models.CharField(max_length=18)
    person = models.CharField(max_length=40)
    unit_account = models.CharField(max_length=40)
    cash_account = models.CharField(max_length=40)
    hold = models.CharField(max_length=40)
    # Whom it is addressed to; empty for everybody who may trade.
    counterparty = models.CharField(max_length=18, blank=True)
    # The proposal that it answers.
    answers = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    # The indication that it takes up.
    indication = models.ForeignKey(Indication, models.PROTECT, null=True, related_name="+")
    # The lot that it is a bid for, and what was bid before it was cleared.
    sale = models.ForeignKey(Sale, models.PROTECT, null=True, related_name="+")
    bid_price_fen_per_t = models.BigIntegerField(null=True)
    bid_t = models.BigIntegerField(null=True)
    # Why it was declined.
    reason = models.CharField(max_length=500, blank=True, default="", db_default="")
    # What is delivered; empty until a seller has accepted a buyer's proposal.
    asset = models.CharField(max_length=40, blank=True)
    price_fen_per_t = models.BigIntegerField()
    quantity_t = models.BigIntegerField()
    # What the rules of the day allowed; no ends where the price was free.
    least_t = models.BigIntegerField()
    low_fen_per_t = models.BigIntegerField(null=True)
    high_fen_per_t = models.BigIntegerField(null=True)
    state = models.CharField(max_length=9, default=deals.DealState.PROPOSED)
    trading_on = models.DateField()
    at = models.DateTimeField()
    # Of who accepted.
    taker = models.CharField(max_length=18, blank=True)
    taker_person = models.CharField(max_length=40, blank=True)
    taker_unit_account = models.CharField(max_length=40, blank=True)
    taker_cash_account = models.CharField(max_length=40, blank=True)
    buyer_fee_fen = models.BigIntegerField(default=0)
    seller_fee_fen = models.BigIntegerField(default=0)
    transfer = models.CharField(max_length=40, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instrument", "seq"], name="market_deal_seq"),
            models.CheckConstraint(
                condition=models.Q(price_fen_per_t__gt=0, least_t__gt=0, quantity_t__gte=models.F("least_t")),
                name="market_deal_size",
            ),
            models.CheckConstraint(
                condition=models.Q(low_fen_per_t=None, high_fen_per_t=None)
                | models.Q(
                    price_fen_per_t__gte=models.F("low_fen_per_t"), price_fen_per_t__lte=models.F("high_fen_per_t")
                ),
                name="market_deal_price",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=deals.DealState.SETTLED)
                | models.Q(settled_at__isnull=False)
                & ~models.Q(transfer="")
                & ~models.Q(taker="")
                & ~models.Q(asset=""),
                name="market_deal_settled",
            ),
        ]
        indexes = [
            models.Index(fields=["instrument", "trading_on", "state"], name="market_deal_day"),
            models.Index(fields=["organisation", "-at"], name="market_deal_of_organisation"),
        ]
