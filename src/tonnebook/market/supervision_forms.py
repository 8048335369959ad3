"""What staff of the exchange and those who ask for entry type in."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext, gettext_lazy

from tonnebook.core import units
from tonnebook.core.admission import AdmissionRefusal, AdmissionState, ParticipantClass, SuitabilityQuestion
from tonnebook.core.busts import BustGround, BustRefusal
from tonnebook.core.clients import ClientRefusal
from tonnebook.core.errors import Refusal
from tonnebook.core.roles import MemberRefusal
from tonnebook.core.supervision import SupervisionRefusal
from tonnebook.core.uploads import DocumentRefusal
from tonnebook.faces import labels
from tonnebook.faces.forms import RefusableForm

_REASON_MAX = 500
_MINUTES_MAX = 24 * 60

_FIELD_OF: Mapping[Refusal, str] = {
    AdmissionRefusal.CLASS_DOES_NOT_FIT: "participant_class",
    AdmissionRefusal.NOT_SUITABLE: "answers",
    AdmissionRefusal.PAPERS_OF_ENTRY_MISSING: "risk_letter",
    DocumentRefusal.DOCUMENTS_MISSING: "risk_letter",
}


class ReasonForm(RefusableForm):
    """Why something is done."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=_REASON_MAX)


class PurposeForm(RefusableForm):
    """What a large holder holds its units for."""

    purpose = forms.CharField(label=gettext_lazy("What the holdings are for"), max_length=_REASON_MAX)


class HaltForm(ReasonForm):
    """What is halted, why, and for how long."""

    instrument = forms.ChoiceField(label=gettext_lazy("Instrument"))
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes (empty: until two people resume)"),
        required=False,
        min_value=1,
        max_value=_MINUTES_MAX,
    )
    field_order = ("instrument", "reason", "minutes")

    def __init__(self, *args: object, instruments: Sequence[str] = (), **kwargs: object) -> None:
        """Offer the instruments of the region."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = [(code, code) for code in instruments]
        self.fields["instrument"] = forms.ChoiceField(label=gettext_lazy("Instrument"), choices=choices)


class MemberForm(ReasonForm):
    """Which member, and why."""

    organisation = forms.CharField(label=gettext_lazy("Unified social credit code"), max_length=18)
    field_order = ("organisation", "reason")


class BustForm(RefusableForm):
    """Which trade is taken back and why, and the right price and quantity where another takes its place."""

    field_of: ClassVar[Mapping[Refusal, str]] = {
        BustRefusal.NO_SUCH_TRADE: "trade",
        BustRefusal.ALREADY_BUSTED: "trade",
        BustRefusal.BUST_TOO_LATE: "trade",
        BustRefusal.CORRECTION_UNFIT: "price",
        BustRefusal.CORRECTION_TOO_LARGE: "quantity_t",
        BustRefusal.CORRECTION_CHANGES_NOTHING: "price",
    }

    trade = forms.CharField(label=gettext_lazy("Trade"), max_length=40)
    ground = forms.ChoiceField(label=gettext_lazy("Ground"))
    reason = forms.CharField(label=gettext_lazy("What happened"), max_length=_REASON_MAX)
    price = forms.DecimalField(
        label=gettext_lazy("Right price (yuan per tonne; empty to take it back alone)"),
        required=False,
        max_digits=12,
        decimal_places=2,
        min_value=units.decimal_of("0.01"),
    )
    quantity_t = forms.IntegerField(label=gettext_lazy("Right quantity (t)"), required=False, min_value=1)

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer the grounds."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = [(one.value, labels.label(one)) for one in BustGround]
        self.fields["ground"] = forms.ChoiceField(label=gettext_lazy("Ground"), choices=choices)

    def clean(self) -> dict[str, Any]:
        """Ask for price and quantity together, or for neither."""
        told = super().clean() or self.cleaned_data
        if (told.get("price") is None) is not (told.get("quantity_t") is None) and not self.errors:
            raise forms.ValidationError(gettext("A correction names both the right price and the right quantity."))
        return told

    def right(self) -> tuple[int, int] | None:
        """Give the right price, fen per tonne, and the right quantity, tonnes; None when nothing takes its place."""
        told = self.cleaned_data
        return None if told["price"] is None else (units.fen_of_yuan(told["price"]), told["quantity_t"])


class ExemptionForm(ReasonForm):
    """Who may hold more than the rules say, how much, until when, and why."""

    field_of: ClassVar[Mapping[Refusal, str]] = {
        SupervisionRefusal.NO_HOLDING_LIMIT: "organisation",
        SupervisionRefusal.EXEMPT_ALREADY: "organisation",
        SupervisionRefusal.EXEMPTION_NOT_ABOVE: "limit_t",
        SupervisionRefusal.EXEMPTION_OVER: "until_on",
        MemberRefusal.NO_SUCH_ORGANISATION: "organisation",
    }

    organisation = forms.CharField(label=gettext_lazy("Unified social credit code"), max_length=18)
    limit_t = forms.IntegerField(label=gettext_lazy("Largest holding instead (t)"), min_value=1, max_value=10**12)
    until_on = forms.DateField(label=gettext_lazy("Last day"), widget=forms.DateInput(attrs={"type": "date"}))
    field_order = ("organisation", "limit_t", "until_on", "reason")


class ClientForm(RefusableForm):
    """Whom a member asks to become its client."""

    field_of: ClassVar[Mapping[Refusal, str]] = {
        one: "client"
        for one in (ClientRefusal.OWN_CLIENT, ClientRefusal.CLIENT_TAKEN, MemberRefusal.NO_SUCH_ORGANISATION)
    }

    client = forms.CharField(label=gettext_lazy("Unified social credit code"), max_length=18)


class DecisionForm(RefusableForm):
    """What becomes of an admission."""

    state = forms.ChoiceField(choices=[(state.value, state.value) for state in AdmissionState])
    reason = forms.CharField(max_length=_REASON_MAX, required=False)
    until_on = forms.DateField(required=False)


class EntryForm(RefusableForm):
    """What an organisation enters as, what it declares, and the papers it has signed."""

    field_of = _FIELD_OF

    def __init__(self, *args: object, classes: Sequence[ParticipantClass] = (), **kwargs: object) -> None:
        """Offer the classes that fit, the questions, and a place for each paper."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["participant_class"] = forms.ChoiceField(
            label=gettext_lazy("Class of participant"), choices=[(one.value, labels.label(one)) for one in classes]
        )
        self.fields["answers"] = forms.MultipleChoiceField(
            label=gettext_lazy("We declare"),
            choices=[(one.value, labels.label(one)) for one in SuitabilityQuestion],
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )
        self.fields["risk_letter"] = forms.FileField(label=gettext_lazy("Risk letter, signed (PDF or picture)"))
        self.fields["agreement"] = forms.FileField(label=gettext_lazy("Entry agreement, signed (PDF or picture)"))
