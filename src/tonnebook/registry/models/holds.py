"""The rows of what is set aside: one hold per claim, with its owner, rank and papers."""

from django.db import models

from tonnebook.core import ledger
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book
from tonnebook.registry.models.books import Account, Asset

_ACTIVE, _WAITING = ledger.HoldState.ACTIVE.value, ledger.HoldState.WAITING.value


class Hold(Book):
    """A quantity of an account set aside for an order, a bid, a surrender, a court, a pledgee or the authority.

    `remaining` is set aside now, `waiting` is what the claim is still to get. `owner` names the court, or the pledgee
    by its unified social credit code; it is empty where the reason says it all. `subject` is the number of the order,
    the surrender, the execution notice or the pledge contract.
    """

    # A pledgee sees what is pledged to it.
    tenancy_rule = tenancy.account_rows("account_id", guests="owner = {organisation}")

    number = models.CharField(max_length=24, unique=True)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+")
    quantity = models.BigIntegerField()
    remaining = models.BigIntegerField()
    waiting = models.BigIntegerField(db_default=0)
    rank = models.IntegerField(db_default=0)
    reason = models.CharField(max_length=12)
    owner = models.CharField(max_length=200, blank=True, db_default="")
    subject = models.CharField(max_length=200, blank=True)
    documents = models.JSONField(default=list, db_default=[])
    state = models.CharField(max_length=12, default=_ACTIVE)
    # Of many orders at once: `remaining` follows them, beyond what was set aside at first.
    is_reserve = models.BooleanField(default=False, db_default=False)
    # What a claim that comes first has taken out of a reserve since the market last looked.
    given_way = models.BigIntegerField(default=0, db_default=0)
    expires_at = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0, remaining__gte=0, waiting__gte=0, given_way__gte=0)
                & (models.Q(is_reserve=True) | models.Q(quantity__gte=models.F("remaining") + models.F("waiting"))),
                name="registry_hold_within",
            ),
            models.CheckConstraint(
                condition=models.Q(given_way=0) | models.Q(is_reserve=True, state=_ACTIVE),
                name="registry_hold_gives_way",
            ),
            models.UniqueConstraint(
                fields=["account", "asset"],
                condition=models.Q(is_reserve=True, state=_ACTIVE),
                name="registry_hold_one_reserve",
            ),
            models.CheckConstraint(
                condition=models.Q(state=_ACTIVE, remaining__gt=0)
                | models.Q(state=_WAITING, remaining=0, waiting__gt=0)
                | (models.Q(remaining=0, waiting=0) & ~models.Q(state__in=(_ACTIVE, _WAITING))),
                name="registry_hold_state_says",
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "asset"],
                condition=models.Q(state__in=(_ACTIVE, _WAITING)),
                name="registry_hold_standing",
            ),
            models.Index(
                fields=["number"],
                condition=models.Q(state=ledger.HoldState.OVERRIDDEN.value),
                name="registry_hold_overridden",
            ),
            models.Index(fields=["number"], condition=models.Q(given_way__gt=0), name="registry_hold_given_way"),
        ]
