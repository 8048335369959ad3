"""The rows of opening calls: what was collected in each, and what it came to."""

from django.db import models

from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly
from tonnebook.market.models.listed import Instrument


class OpeningCall(InsertOnly, Book):
    """One opening call: its orders, and the price at which they met; no price when none did."""

    tenancy_rule = tenancy.Tenant(
        region="instrument_id IN (SELECT id FROM market_instrument WHERE region = {region})",
    )

    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="+")
    price_fen_per_t = models.BigIntegerField(null=True)
    volume_t = models.BigIntegerField()
    # Tonnes at the price or better that found nobody: of buyers above zero, of sellers below.
    surplus_t = models.BigIntegerField()
    # What the price was chosen from: the day's prices, and the previous close.
    reference_fen_per_t = models.BigIntegerField()
    low_fen_per_t = models.BigIntegerField()
    high_fen_per_t = models.BigIntegerField()
    tick_fen = models.BigIntegerField()
    # Its trades are so many, from this number on.
    first_seq = models.BigIntegerField()
    trades = models.IntegerField()
    # Number, side, price and open tonnes of each order, in order of time.
    orders = models.JSONField()
    trading_on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instrument", "at"], name="market_opening_call_once"),
            models.CheckConstraint(
                condition=models.Q(price_fen_per_t=None, volume_t=0, trades=0)
                | models.Q(price_fen_per_t__gt=0, volume_t__gt=0, trades__gt=0),
                name="market_opening_call_price",
            ),
        ]
