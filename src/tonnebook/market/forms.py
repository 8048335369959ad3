"""What people type into the forms of the market, and which field a refusal belongs to."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django import forms
from django.utils.translation import gettext, gettext_lazy

from tonnebook.core import proceeds, sealed_bids, units
from tonnebook.core.auction import AuctionKind, AuctionRefusal
from tonnebook.core.book import MarketRefusal, Side
from tonnebook.core.errors import Refusal
from tonnebook.core.ledger import LedgerRefusal
from tonnebook.core.proceeds import ProceedsRefusal
from tonnebook.core.sealed_bids import SealedBidRefusal
from tonnebook.faces import labels
from tonnebook.faces.forms import RefusableForm

_PRICE_DIGITS = 12
_PRICE_PLACES = 2

_FIELD_OF: Mapping[Refusal, str] = {
    MarketRefusal.ASSET_NOT_TRADABLE: "asset",
    MarketRefusal.PRICE_OFF_TICK: "price",
    MarketRefusal.PRICE_OUTSIDE_BAND: "price",
    MarketRefusal.QUANTITY_OFF_LOT: "quantity_t",
    MarketRefusal.QUANTITY_ABOVE_LISTED_MAX: "quantity_t",
    MarketRefusal.BOUGHT_TODAY: "quantity_t",
    SealedBidRefusal.NO_OPENING_KEY: "opening_key",
    SealedBidRefusal.SHARE_UNREADABLE: "words",
    SealedBidRefusal.SHARE_GIVEN: "words",
    AuctionRefusal.WINDOW_NOT_AHEAD: "opens_at",
    LedgerRefusal.INSUFFICIENT_FREE: "quantity_t",
}


class SealedBidForm(RefusableForm):
    """A bid as it leaves the bidder's browser: sealed, with the amount that is set aside for it."""

    field_of = {**_FIELD_OF, LedgerRefusal.INSUFFICIENT_FREE: "deposit"}

    deposit = forms.DecimalField(
        label=gettext_lazy("Set aside at most (yuan)"),
        max_digits=_PRICE_DIGITS + _PRICE_PLACES,
        decimal_places=_PRICE_PLACES,
        min_value=units.decimal_of("0.01"),
        widget=forms.TextInput(
            attrs={"inputmode": "decimal", "pattern": "[0-9]{1,12}([.][0-9]{1,2})?", "autocomplete": "off"}
        ),
    )
    envelope = forms.CharField(widget=forms.HiddenInput, max_length=2 * sealed_bids.ENVELOPE_BYTES)
    mark = forms.CharField(widget=forms.HiddenInput, max_length=32)

    def deposit_fen(self) -> int:
        """Give what is set aside, fen."""
        return units.fen_of_yuan(self.cleaned_data["deposit"])


class ShareForm(RefusableForm):
    """An officer's share of the key of an auction, in words."""

    field_of = _FIELD_OF

    words = forms.CharField(
        label=gettext_lazy("Your share (33 words)"),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false", "lang": "en"}),
        max_length=400,
    )


class CancellationForm(RefusableForm):
    """Why an auction is cancelled, as it will be published."""

    field_of = _FIELD_OF

    reason = forms.CharField(
        label=gettext_lazy("Reason, as it will be published"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=500,
    )


class ReceiptForm(RefusableForm):
    """The first of the treasury's receipts for an auction, and the day on which the money was there."""

    field_of = {
        ProceedsRefusal.RECEIPT_NUMBER_WRONG: "first",
        ProceedsRefusal.RECEIPT_NUMBER_TAKEN: "first",
        ProceedsRefusal.NOT_A_DAY_OF_RECEIPT: "received_on",
    }

    first = forms.CharField(
        label=gettext_lazy("Number of the first receipt"),
        max_length=proceeds.RECEIPT_DIGITS_MAX,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    received_on = forms.DateField(
        label=gettext_lazy("Received on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class UseForm(RefusableForm):
    """What a part of the proceeds was used for, as it is published."""

    field_of = {ProceedsRefusal.BEYOND_RECEIVED: "amount"}

    year = forms.IntegerField(label=gettext_lazy("Year of the budget"), min_value=2013, max_value=2100)
    purpose = forms.CharField(
        label=gettext_lazy("Used for, as it will be published"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=500,
    )
    amount = forms.DecimalField(
        label=gettext_lazy("Amount (yuan; below zero takes an earlier statement back)"),
        max_digits=_PRICE_DIGITS + 3,
        decimal_places=_PRICE_PLACES,
    )

    def clean_amount(self) -> Decimal:
        """Take any amount but nothing."""
        amount: Decimal = self.cleaned_data["amount"]
        if not amount:
            raise forms.ValidationError(gettext("A use of nothing is none."))
        return amount

    def amount_fen(self) -> int:
        """Give the amount, fen."""
        return units.fen_of_yuan(self.cleaned_data["amount"])


class TicketForm(RefusableForm):
    """An order ticket; a seller names the asset to deliver."""

    field_of = _FIELD_OF

    price = forms.DecimalField(
        label=gettext_lazy("Price (yuan per tonne)"),
        max_digits=_PRICE_DIGITS,
        decimal_places=_PRICE_PLACES,
        min_value=units.decimal_of("0.01"),
    )
    quantity_t = forms.IntegerField(label=gettext_lazy("Quantity (t)"), min_value=1)

    def price_fen_per_t(self) -> int:
        """Give the price in fen per tonne."""
        return units.fen_of_yuan(self.cleaned_data["price"])

    side = forms.ChoiceField(label=gettext_lazy("Side"), widget=forms.RadioSelect)
    asset = forms.ChoiceField(label=gettext_lazy("Units to deliver (when selling)"), required=False)
    field_order = ("side", "price", "quantity_t", "asset")

    def __init__(self, *args: object, assets: Sequence[tuple[str, str]] = (), **kwargs: object) -> None:
        """Offer the sides in words and the assets the seller holds."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        sides = [(side.value, labels.label(side)) for side in Side]
        self.fields["side"] = forms.ChoiceField(
            label=gettext_lazy("Side"), choices=sides, widget=forms.RadioSelect, initial=Side.BUY.value
        )
        self.fields["asset"] = forms.ChoiceField(
            label=gettext_lazy("Units to deliver (when selling)"), choices=[("", "—"), *assets], required=False
        )

    def clean(self) -> None:
        """Ask a seller for the asset, and drop it where a buyer left one chosen."""
        super().clean()
        if self.chosen_side() is Side.BUY:
            self.cleaned_data["asset"] = ""
        elif not self.cleaned_data.get("asset"):
            self.add_error("asset", gettext_lazy("Choose the units you sell."))

    def chosen_side(self) -> Side:
        """Give the side."""
        return Side(self.cleaned_data.get("side") or Side.BUY)


class AnnouncementForm(RefusableForm):
    """What is proposed to the second person before an auction is announced."""

    field_of = _FIELD_OF

    kind = forms.ChoiceField(label=gettext_lazy("Auction"))
    year = forms.IntegerField(label=gettext_lazy("Compliance year"), min_value=2013, max_value=2100)
    quantity_t = forms.IntegerField(label=gettext_lazy("Quantity (t)"), min_value=1)
    opens_at = forms.DateTimeField(
        label=gettext_lazy("Opens (Shanghai time)"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    closes_at = forms.DateTimeField(
        label=gettext_lazy("Closes (Shanghai time)"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    opening_key = forms.CharField(
        label=gettext_lazy("Opening key (made off the network by: tonnebook auction keys)"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer the kinds of auctions in words."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        kinds = [(kind.value, labels.label(kind)) for kind in AuctionKind]
        self.fields["kind"] = forms.ChoiceField(label=gettext_lazy("Auction"), choices=kinds)

    def window(self) -> tuple[datetime, datetime]:
        """Give the first instant at which bids are taken and the first at which they no longer are."""
        return self.cleaned_data["opens_at"], self.cleaned_data["closes_at"]
