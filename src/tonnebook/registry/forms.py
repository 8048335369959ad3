"""What people type into the forms of the registry, and which field a refusal belongs to."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django import forms
from django.utils.translation import gettext_lazy

from tonnebook.core import periods, units
from tonnebook.core.ledger import LedgerRefusal
from tonnebook.faces.forms import RefusableForm

_AMOUNT_DIGITS = 18
_AMOUNT_PLACES = 2


class StatementForm(forms.Form):
    """The days a statement is asked for, both included."""

    from_on = forms.DateField(
        label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    to_on = forms.DateField(
        label=gettext_lazy("To (included)"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean(self) -> None:
        """Ask for days in their order."""
        super().clean()
        from_on, to_on = self.cleaned_data.get("from_on"), self.cleaned_data.get("to_on")
        if isinstance(from_on, date) and isinstance(to_on, date) and to_on < from_on:
            self.add_error("to_on", gettext_lazy("The last day lies before the first."))

    def period(self) -> tuple[datetime, datetime]:
        """Give the first instant of the first day and the first instant after the last."""
        from_on, to_on = self.cleaned_data["from_on"], self.cleaned_data["to_on"]
        midnight = datetime.min.time()
        return periods.instant(from_on, midnight), periods.instant(to_on + timedelta(days=1), midnight)


class CashInForm(RefusableForm):
    """Money that reached the settlement bank."""

    field_of = {LedgerRefusal.BANK_REFERENCE_USED: "bank_reference"}

    amount = forms.DecimalField(
        label=gettext_lazy("Amount (yuan)"),
        max_digits=_AMOUNT_DIGITS,
        decimal_places=_AMOUNT_PLACES,
        min_value=units.decimal_of("0.01"),
    )
    bank_reference = forms.CharField(label=gettext_lazy("The bank's number of the payment"), max_length=60)

    def amount_fen(self) -> int:
        """Give the amount in fen."""
        return units.fen_of_yuan(self.cleaned_data["amount"])


class RetireForm(RefusableForm):
    """A voluntary cancellation: what, how much, for whom, what for."""

    field_of = {LedgerRefusal.RESTRICTED_USE: "asset", LedgerRefusal.INSUFFICIENT_FREE: "quantity_t"}

    quantity_t = forms.IntegerField(label=gettext_lazy("Quantity (t)"), min_value=1)
    beneficiary = forms.CharField(label=gettext_lazy("In whose name"), max_length=120)
    purpose = forms.CharField(label=gettext_lazy("What for"), max_length=200)
    field_order = ("asset", "quantity_t", "beneficiary", "purpose")

    def __init__(self, *args: object, assets: Sequence[tuple[str, str]] = (), **kwargs: object) -> None:
        """Offer what the account holds."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["asset"] = forms.ChoiceField(label=gettext_lazy("Asset"), choices=assets)
        self.order_fields(self.field_order)
