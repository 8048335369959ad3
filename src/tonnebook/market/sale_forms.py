"""What people type about one-way auctions, and which field a refusal belongs to."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy

from tonnebook.core import units
from tonnebook.core.book import MarketRefusal
from tonnebook.core.errors import Refusal
from tonnebook.core.ledger import LedgerRefusal
from tonnebook.core.one_way import OneWayTerms, SaleRefusal
from tonnebook.faces import labels
from tonnebook.faces.forms import RefusableForm

_FIELD_OF: Mapping[Refusal, str] = {
    SaleRefusal.QUANTITY_BELOW_SALE_MIN: "quantity_t",
    SaleRefusal.MORE_THAN_SOLD: "quantity_t",
    SaleRefusal.BID_OUTSIDE_LIMITS: "price",
    SaleRefusal.WINDOW_OUTSIDE_DAY: "opens_at",
    MarketRefusal.ASSET_NOT_TRADABLE: "asset",
    MarketRefusal.PRICE_OFF_TICK: "price",
    MarketRefusal.QUANTITY_OFF_LOT: "quantity_t",
    MarketRefusal.BOUGHT_TODAY: "quantity_t",
    MarketRefusal.ABOVE_HOLDING_LIMIT: "quantity_t",
    LedgerRefusal.INSUFFICIENT_FREE: "quantity_t",
}
_MOMENT = {"type": "datetime-local"}
_MOMENT_FORMAT = "%Y-%m-%dT%H:%M"


class SaleForm(RefusableForm):
    """A lot to be sold, with its floor and the way its price is set."""

    field_of = _FIELD_OF

    quantity_t = forms.IntegerField(label=gettext_lazy("Quantity (t)"), min_value=1)
    field_order = ("asset", "quantity_t", "floor_drop", "pricing")

    def __init__(
        self, *args: object, terms: OneWayTerms, assets: Sequence[tuple[str, str]] = (), **kwargs: object
    ) -> None:
        """Offer what the seller holds, and what the rule lets it choose."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        drops = [
            (str(drop), f"− {drop:%}" if drop else gettext_lazy("the previous close")) for drop in terms.floor_drops
        ]
        self.fields["asset"] = forms.ChoiceField(label=gettext_lazy("Units to deliver"), choices=assets)
        self.fields["floor_drop"] = forms.ChoiceField(label=gettext_lazy("Floor price"), choices=drops)
        self.fields["pricing"] = forms.ChoiceField(
            label=gettext_lazy("Winners pay"), choices=[(one.value, labels.label(one)) for one in terms.pricings]
        )
        self.order_fields(self.field_order)

    def drop(self) -> Decimal:
        """Give how far below the previous close the floor lies, as a share."""
        return units.decimal_of(self.cleaned_data["floor_drop"])


class SaleWindowForm(RefusableForm):
    """When bids for a lot are taken."""

    field_of = _FIELD_OF

    opens_at = forms.DateTimeField(
        label=gettext_lazy("Opens (Shanghai time)"),
        widget=forms.DateTimeInput(attrs=_MOMENT, format=_MOMENT_FORMAT),
    )
    closes_at = forms.DateTimeField(
        label=gettext_lazy("Closes (Shanghai time)"),
        widget=forms.DateTimeInput(attrs=_MOMENT, format=_MOMENT_FORMAT),
    )


class SaleBidForm(RefusableForm):
    """A bid for a lot."""

    field_of = _FIELD_OF

    price = forms.DecimalField(
        label=gettext_lazy("Price (yuan per tonne)"), max_digits=12, decimal_places=2, min_value=Decimal("0.01")
    )
    quantity_t = forms.IntegerField(label=gettext_lazy("Quantity (t)"), min_value=1)

    def price_fen_per_t(self) -> int:
        """Give the price in fen per tonne."""
        return units.fen_of_yuan(self.cleaned_data["price"])
