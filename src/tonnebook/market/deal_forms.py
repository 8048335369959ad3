"""What people type into the forms of agreement transfers, and which field a refusal belongs to."""

from collections.abc import Mapping, Sequence

from django import forms
from django.utils.translation import gettext_lazy

from tonnebook.core.book import MarketRefusal
from tonnebook.core.deals import DealRefusal
from tonnebook.core.errors import Refusal
from tonnebook.core.ledger import LedgerRefusal
from tonnebook.faces.forms import RefusableForm
from tonnebook.market.forms import TicketForm

_FIELD_OF_PROPOSAL: Mapping[Refusal, str] = {
    **TicketForm.field_of,
    DealRefusal.COUNTERPARTY_UNKNOWN: "counterparty",
    DealRefusal.OWN_GROUP: "counterparty",
    DealRefusal.QUANTITY_BELOW_BLOCK_MIN: "quantity_t",
}
_FIELD_OF_ACCEPTANCE: Mapping[Refusal, str] = {
    MarketRefusal.ASSET_NOT_TRADABLE: "asset",
    LedgerRefusal.INSUFFICIENT_FREE: "asset",
}


class DealForm(TicketForm):
    """A proposal: a ticket, whom it is for, and the proposal it answers."""

    field_of = _FIELD_OF_PROPOSAL

    counterparty = forms.CharField(
        label=gettext_lazy("Counterparty (unified social credit code; empty for everybody)"),
        max_length=18,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    answers = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)


class AcceptanceForm(RefusableForm):
    """The acceptance of a proposal, with the total its reader has seen, and what a seller delivers."""

    field_of = _FIELD_OF_ACCEPTANCE

    asset = forms.ChoiceField(label=gettext_lazy("Units to deliver"), required=False)
    shown_total_fen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: object, assets: Sequence[tuple[str, str]] = (), **kwargs: object) -> None:
        """Offer a seller what they hold; a buyer chooses nothing."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if assets:
            self.fields["asset"] = forms.ChoiceField(label=gettext_lazy("Units to deliver"), choices=assets)
        else:
            self.fields["asset"].widget = forms.HiddenInput()
