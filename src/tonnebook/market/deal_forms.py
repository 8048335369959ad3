"""What people type when they trade by agreement or pick an order, and which field a refusal belongs to."""

from collections.abc import Mapping, Sequence

from django import forms
from django.utils.translation import gettext, gettext_lazy

from tonnebook.core.book import MarketRefusal, Side
from tonnebook.core.deals import DealRefusal
from tonnebook.core.errors import Refusal
from tonnebook.core.indications import Audience, IndicationRefusal
from tonnebook.core.ledger import LedgerRefusal
from tonnebook.core.listed_agreement import TakeRefusal
from tonnebook.faces import labels
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
_FIELD_OF_INDICATION: Mapping[Refusal, str] = {
    IndicationRefusal.UNTIL_NOT_AHEAD: "until_on",
    IndicationRefusal.INDICATION_STANDS: "side",
}
_FIELD_OF_PICK: Mapping[Refusal, str] = {
    TakeRefusal.MORE_THAN_OFFERED: "quantity_t",
    MarketRefusal.QUANTITY_OFF_LOT: "quantity_t",
    MarketRefusal.BOUGHT_TODAY: "quantity_t",
    MarketRefusal.ABOVE_HOLDING_LIMIT: "quantity_t",
    MarketRefusal.ASSET_NOT_TRADABLE: "asset",
    LedgerRefusal.INSUFFICIENT_FREE: "quantity_t",
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
    indication = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)


class DecliningForm(RefusableForm):
    """Why a proposal is declined."""

    reason = forms.CharField(label=gettext_lazy("Reason, as the other party reads it"), max_length=500)


class IndicationForm(RefusableForm):
    """What is declared on the board of surplus and shortfall."""

    field_of = _FIELD_OF_INDICATION

    side = forms.ChoiceField(label=gettext_lazy("We have"), widget=forms.RadioSelect)
    quantity_t = forms.IntegerField(label=gettext_lazy("Quantity (t)"), min_value=1)
    vintage = forms.IntegerField(
        label=gettext_lazy("Compliance year of the units (empty: any)"), min_value=2013, max_value=2100, required=False
    )
    until_on = forms.DateField(
        label=gettext_lazy("Last day on the board"), widget=forms.DateInput(attrs={"type": "date"})
    )
    audience = forms.ChoiceField(label=gettext_lazy("Shown to"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer both sides and both audiences in words."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        sides = [(Side.SELL.value, gettext("a surplus")), (Side.BUY.value, gettext("a shortfall"))]
        self.fields["side"] = forms.ChoiceField(
            label=gettext_lazy("We have"), choices=sides, widget=forms.RadioSelect, initial=Side.SELL.value
        )
        self.fields["audience"] = forms.ChoiceField(
            label=gettext_lazy("Shown to"), choices=[(one.value, labels.label(one)) for one in Audience]
        )


class _DeliveryForm(RefusableForm):
    # What a seller delivers; a buyer chooses nothing.
    asset = forms.ChoiceField(label=gettext_lazy("Units to deliver"), required=False)

    def __init__(self, *args: object, assets: Sequence[tuple[str, str]] = (), **kwargs: object) -> None:
        """Offer a seller what they hold."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if assets:
            self.fields["asset"] = forms.ChoiceField(label=gettext_lazy("Units to deliver"), choices=assets)
        else:
            self.fields["asset"].widget = forms.HiddenInput()


class AcceptanceForm(_DeliveryForm):
    """The acceptance of a proposal, with the total its reader has seen, and what a seller delivers."""

    field_of = _FIELD_OF_ACCEPTANCE

    shown_total_fen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class PickForm(_DeliveryForm):
    """How much is taken of an order that was picked, and what a seller delivers."""

    field_of = _FIELD_OF_PICK

    quantity_t = forms.IntegerField(label=gettext_lazy("Quantity (t)"), min_value=1)
