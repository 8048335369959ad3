"""What is kept of a day's trading for the quotes of later days, so that no history is added up from trades again."""

from django.db import models

from tonnebook.journal import tenancy
from tonnebook.journal.models import InsertOnly


class DayBar(InsertOnly):
    """The bar of one instrument on a closed day: of each asset that was traded, and of all together (no asset).

    Nothing here is new: it is made from the trades at the close of the day, which has its leaf.
    """

    tenancy_rule = tenancy.Shared("bars of days are published", is_public=True)

    instrument = models.ForeignKey("market.Instrument", models.PROTECT, related_name="+")
    day = models.DateField()
    asset = models.CharField(max_length=40, blank=True)
    open_fen_per_t = models.BigIntegerField()
    high_fen_per_t = models.BigIntegerField()
    low_fen_per_t = models.BigIntegerField()
    last_fen_per_t = models.BigIntegerField()
    volume_t = models.BigIntegerField()
    turnover_fen = models.BigIntegerField()
    trades = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instrument", "asset", "day"], name="market_daybar_once"),
        ]
