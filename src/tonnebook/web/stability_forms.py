"""What is typed about market stability: an intervention to propose, and what a company asks for or offers."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy

from tonnebook.core import units
from tonnebook.core.errors import Refusal
from tonnebook.core.ledger import LedgerRefusal
from tonnebook.core.market_stability.interventions import StabilityRefusal
from tonnebook.faces.forms import RefusableForm

_WHEN = {"type": "datetime-local"}
_QUANTITY = gettext_lazy("Quantity (t)")


class InterventionForm(RefusableForm):
    """How much, and when requests are taken; kind and price follow from the finding."""

    quantity_t = forms.IntegerField(label=_QUANTITY, min_value=1)
    opens_at = forms.DateTimeField(
        label=gettext_lazy("Opens (Shanghai time)"), widget=forms.DateTimeInput(attrs=_WHEN, format="%Y-%m-%dT%H:%M")
    )
    closes_at = forms.DateTimeField(
        label=gettext_lazy("Closes (Shanghai time)"), widget=forms.DateTimeInput(attrs=_WHEN, format="%Y-%m-%dT%H:%M")
    )

    def window(self) -> tuple[datetime, datetime]:
        """Give the instants between which requests are taken."""
        return self.cleaned_data["opens_at"], self.cleaned_data["closes_at"]


class ReserveMoveForm(RefusableForm):
    """How much is released to be auctioned or withdrawn; which of them follows from the finding."""

    # Named apart from the quantity of an intervention, whose form stands on the same page.
    move_t = forms.IntegerField(label=_QUANTITY, min_value=1)


class SubscriptionForm(RefusableForm):
    """Tonnes asked for in a sale at a fixed price."""

    field_of: ClassVar[Mapping[Refusal, str]] = MappingProxyType(
        {StabilityRefusal.ABOVE_BUYER_LIMIT: "quantity_t", LedgerRefusal.INSUFFICIENT_FREE: "quantity_t"}
    )
    quantity_t = forms.IntegerField(label=_QUANTITY, min_value=1)


class BackOfferForm(SubscriptionForm):
    """Allowances offered to a buy-back, with their price."""

    field_of: ClassVar[Mapping[Refusal, str]] = MappingProxyType(
        {
            **SubscriptionForm.field_of,
            StabilityRefusal.ABOVE_PRICE: "price",
            StabilityRefusal.NOT_ACCEPTED: "asset",
            LedgerRefusal.ASSET_UNKNOWN: "asset",
        }
    )
    price = forms.DecimalField(
        label=gettext_lazy("Price (yuan per tonne)"),
        max_digits=12,
        decimal_places=2,
        min_value=units.decimal_of("0.01"),
    )
    asset = forms.CharField(label=gettext_lazy("Allowances"), max_length=40)

    def price_fen_per_t(self) -> int:
        """Give the price in fen per tonne."""
        return units.fen_of_yuan(self.cleaned_data["price"])
