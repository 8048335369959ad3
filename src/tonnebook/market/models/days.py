"""The rows of a close: its steps, what every member bought and sold, and where the books differ.

All of them are written anew whenever a close is begun again, until the day is published; a break keeps what people
said of it. The database keeps that nobody resolves what they have explained themselves.
"""

from django.db import models

from tonnebook.core import closing
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book

_IN_REGION = tenancy.Tenant(region="region = {region}")


class ClosingStep(Book):
    """A step of the close of a region's day, when it was done last, and the figures it came to."""

    tenancy_rule = _IN_REGION

    region = models.CharField(max_length=20)
    day = models.DateField()
    step = models.CharField(max_length=16, choices=[(step.value, step.value) for step in closing.DayStep])
    is_done = models.BooleanField()
    figures = models.JSONField()
    by = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "day", "step"], name="market_closing_step_once"),
        ]


class MemberNet(Book):
    """What a member bought and sold of an asset on a day through a pair of accounts, tonnes and fen."""

    tenancy_rule = tenancy.Tenant("organisation {mine}", "region = {region}")

    region = models.CharField(max_length=20)
    day = models.DateField()
    organisation = models.CharField(max_length=18)
    unit_account = models.CharField(max_length=40)
    cash_account = models.CharField(max_length=40)
    asset = models.CharField(max_length=40)
    trades = models.IntegerField()
    bought_t = models.BigIntegerField()
    sold_t = models.BigIntegerField()
    bought_fen = models.BigIntegerField()
    sold_fen = models.BigIntegerField()
    fee_fen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "day", "unit_account", "cash_account", "asset"], name="market_member_net_once"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "day"], name="market_member_net_of")]


class DayBreak(Book):
    """Where two books differ at the close of a day, and what people made of it."""

    tenancy_rule = _IN_REGION

    number = models.CharField(max_length=24, unique=True)
    region = models.CharField(max_length=20)
    day = models.DateField()
    kind = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in closing.BreakKind])
    # An account or a region's banks, and an asset: tonnes of units, fen of money.
    subject = models.CharField(max_length=40)
    asset = models.CharField(max_length=40)
    registry = models.BigIntegerField()
    other = models.BigIntegerField()
    state = models.CharField(max_length=9, choices=[(state.value, state.value) for state in closing.BreakState])
    found_at = models.DateTimeField()
    explanation = models.CharField(max_length=500, blank=True)
    explained_by = models.CharField(max_length=40, blank=True)
    resolved_by = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "day", "kind", "subject", "asset"], name="market_break_once"),
            models.CheckConstraint(
                condition=~models.Q(state=closing.BreakState.RESOLVED.value)
                | ~models.Q(explained_by="")
                & ~models.Q(resolved_by="")
                & ~models.Q(resolved_by=models.F("explained_by")),
                name="market_break_two_people",
            ),
        ]
