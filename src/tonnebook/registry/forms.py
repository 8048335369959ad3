"""What people type into the forms of the registry, and which field a refusal belongs to."""

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from django import forms
from django.utils.translation import gettext, gettext_lazy

from tonnebook.core import identity, ledger, periods, units
from tonnebook.core.applications import OPENED_ON_REQUEST, ApplicationKind, ApplicationRefusal
from tonnebook.core.bank_entries import BankRefusal, EntryState
from tonnebook.core.bank_files import BankFileRefusal
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import IMMOBILISING, AccountState, AccountType, FreezeScope, LedgerRefusal
from tonnebook.core.limits import LimitRefusal
from tonnebook.core.moves import NON_TRADE, MoveRefusal
from tonnebook.core.representation import Right, RightRefusal
from tonnebook.core.roles import MemberRefusal
from tonnebook.core.uploads import UploadRefusal
from tonnebook.faces import labels, problem
from tonnebook.faces.forms import RefusableForm

_AMOUNT_DIGITS = 18
_AMOUNT_PLACES = 2


class AccountNumberField(forms.CharField):
    """An account number that somebody types: the check digits catch a slip of the finger."""

    def clean(self, value: object) -> str:
        """Give the number as the books write it, or say that it is mistyped."""
        text = str(super().clean(value))
        if not text:
            return text
        try:
            return identity.check_numbered(text)
        except Refused as error:
            raise forms.ValidationError(problem.refused(error).message) from error


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


class MoveForm(RefusableForm):
    """A move between own accounts: what and how much."""

    field_of = {LedgerRefusal.RESTRICTED_USE: "asset", LedgerRefusal.INSUFFICIENT_FREE: "quantity_t"}

    quantity_t = forms.IntegerField(label=gettext_lazy("Quantity (t)"), min_value=1)
    field_order: Sequence[str] = ("asset", "quantity_t")

    def __init__(self, *args: object, assets: Sequence[tuple[str, str]] = (), **kwargs: object) -> None:
        """Offer what the account holds."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["asset"] = forms.ChoiceField(label=gettext_lazy("Asset"), choices=assets)
        self.order_fields(self.field_order)


class TransferForm(MoveForm):
    """A transfer to another holder."""

    field_of = {**MoveForm.field_of, LedgerRefusal.ACCOUNT_UNKNOWN: "credit", MoveRefusal.SAME_HOLDER: "credit"}

    credit = AccountNumberField(label=gettext_lazy("To account"), max_length=40)
    field_order: Sequence[str] = ("credit", "asset", "quantity_t")


class HandOnForm(TransferForm):
    """A transfer without a trade: why, to whom, what, how much, and the papers that show it."""

    documents = forms.CharField(label=gettext_lazy("Numbers of the documents, with spaces between"), max_length=400)
    field_order = ("type", "credit", "asset", "quantity_t", "documents")

    def __init__(self, *args: object, assets: Sequence[tuple[str, str]] = (), **kwargs: object) -> None:
        """Offer what the account holds and the reasons there are."""
        super().__init__(*args, assets=assets, **kwargs)
        choices = [(type_.value, labels.label(type_)) for type_ in NON_TRADE]
        self.fields["type"] = forms.ChoiceField(label=gettext_lazy("Reason"), choices=choices)
        self.order_fields(self.field_order)


class ReverseForm(RefusableForm):
    """Why a transfer is to be taken back."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class TrustForm(RefusableForm):
    """An account of another holder to be put on the trusted list."""

    field_of = {
        LedgerRefusal.ACCOUNT_UNKNOWN: "trusted",
        MoveRefusal.SAME_HOLDER: "trusted",
        MoveRefusal.ALREADY_TRUSTED: "trusted",
    }

    trusted = forms.CharField(label=gettext_lazy("Account of another holder"), max_length=40)


class BankAccountForm(RefusableForm):
    """A bank account in the organisation's own name."""

    field_of = {MoveRefusal.BANK_ACCOUNT_EXISTS: "account_number"}

    bank = forms.CharField(label=gettext_lazy("Bank and branch"), max_length=120)
    account_number = forms.RegexField(
        r"^[0-9A-Za-z ]{8,40}$", label=gettext_lazy("Number of the bank account"), max_length=40
    )


class WithdrawForm(RefusableForm):
    """Money to be paid out: how much, and to which bank account."""

    field_of = {
        LedgerRefusal.INSUFFICIENT_FREE: "amount",
        LimitRefusal.ABOVE_TRANSFER_LIMIT: "amount",
        LimitRefusal.ABOVE_ACCOUNT_LIMIT: "amount",
        MoveRefusal.BANK_ACCOUNT_WAITS: "bank_account",
    }

    amount = forms.DecimalField(
        label=gettext_lazy("Amount (yuan)"),
        max_digits=_AMOUNT_DIGITS,
        decimal_places=_AMOUNT_PLACES,
        min_value=units.decimal_of("0.01"),
    )
    field_order = ("bank_account", "amount")

    def __init__(self, *args: object, bank_accounts: Sequence[tuple[str, str]] = (), **kwargs: object) -> None:
        """Offer the organisation's confirmed bank accounts."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["bank_account"] = forms.ChoiceField(label=gettext_lazy("Bank account"), choices=bank_accounts)
        self.order_fields(self.field_order)

    def amount_fen(self) -> int:
        """Give the amount in fen."""
        return units.fen_of_yuan(self.cleaned_data["amount"])


class AccountStateForm(RefusableForm):
    """Into which state an account goes, what it takes no part in there, and why."""

    field_of = {LedgerRefusal.BARRED_MISSING: "barred", LedgerRefusal.STATE_CHANGE_NOT_ALLOWED: "state"}

    barred = forms.MultipleChoiceField(
        label=gettext_lazy("Restricted transactions, where only some are"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    reason = forms.CharField(label=gettext_lazy("Why (the holder reads it)"), max_length=500)
    field_order = ("state", "barred", "reason")

    def __init__(self, *args: object, account: ledger.Account, **kwargs: object) -> None:
        """Offer the states that may follow, and what such an account does."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = [(state.value, labels.label(state)) for state in ledger.settable(account.state)]
        self.fields["state"] = forms.TypedChoiceField(
            label=gettext_lazy("State"), coerce=AccountState, choices=choices, initial=account.state.value
        )
        barred = self.fields["barred"]
        assert isinstance(barred, forms.MultipleChoiceField)
        barred.choices = [(type_.value, labels.label(type_)) for type_ in ledger.barrable(account.type)]
        barred.initial = sorted(account.barred)
        self.order_fields(self.field_order)
        self._account = account

    def clean(self) -> None:
        """Refuse what the table of states does not have, before anybody confirms it; another state has no list."""
        super().clean()
        if not self.errors:
            if self.cleaned_data["state"] is not AccountState.SOME_RESTRICTED:
                self.cleaned_data["barred"] = []
            try:
                ledger.check_transition(self._account, state=self.cleaned_data["state"], barred=self._barred())
            except Refused as error:
                self.refuse(error)

    def loosens(self) -> bool:
        """Say whether something would go on that stands still now."""
        return ledger.loosens(self._account, state=self.cleaned_data["state"], barred=self._barred())

    def _barred(self) -> frozenset[ledger.TransactionType]:
        return ledger.transactions_named(self.cleaned_data["barred"])


class CourtFreezeForm(RefusableForm):
    """What a court orders to be frozen, with its notice and the paper."""

    field_of = {
        LedgerRefusal.QUANTITY_NOT_POSITIVE: "amount",
        LedgerRefusal.EXPIRY_PAST: "expires_on",
        **dict.fromkeys(UploadRefusal, "paper"),
    }

    amount = forms.DecimalField(
        label=gettext_lazy("Quantity (t), or amount (yuan)"), max_digits=_AMOUNT_DIGITS, decimal_places=_AMOUNT_PLACES
    )
    court = forms.CharField(label=gettext_lazy("Court"), max_length=120)
    notice = forms.CharField(label=gettext_lazy("Number of the execution notice"), max_length=120)
    expires_on = forms.DateField(
        label=gettext_lazy("Last day of the freeze"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    paper = forms.FileField(label=gettext_lazy("The notice itself (PDF or picture)"))
    field_order = ("asset", "amount", "court", "notice", "expires_on", "paper")

    def __init__(self, *args: object, assets: Sequence[tuple[str, str]] = (), **kwargs: object) -> None:
        """Offer what the account holds."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["asset"] = forms.ChoiceField(label=gettext_lazy("Asset"), choices=assets)
        self.order_fields(self.field_order)

    def quantity(self, *, is_cash: bool) -> int:
        """Give the quantity in fen or in whole tonnes; a part of a tonne counts as one."""
        amount = self.cleaned_data["amount"]
        return units.fen_of_yuan(amount) if is_cash else math.ceil(amount)


class ImmobiliseForm(RefusableForm):
    """Which units are kept from use, for whom, and on what paper."""

    field_of = {
        LedgerRefusal.QUANTITY_NOT_POSITIVE: "quantity_t",
        LedgerRefusal.INSUFFICIENT_FREE: "quantity_t",
        LedgerRefusal.RESTRICTED_USE: "asset",
        MemberRefusal.NO_SUCH_ORGANISATION: "keeper",
        **dict.fromkeys(UploadRefusal, "paper"),
    }

    quantity_t = forms.IntegerField(label=gettext_lazy("Quantity (t)"), min_value=1)
    ground = forms.ChoiceField(label=gettext_lazy("Ground"), choices=())
    keeper = forms.CharField(
        label=gettext_lazy("For whom: credit code of the pledgee, or name of the other registry"), max_length=120
    )
    contract = forms.CharField(
        label=gettext_lazy("Number of the contract, or of the other registry's entry"), max_length=120
    )
    paper = forms.FileField(label=gettext_lazy("The paper itself (PDF or picture)"))
    field_order = ("asset", "quantity_t", "ground", "keeper", "contract", "paper")

    def __init__(self, *args: object, assets: Sequence[tuple[str, str]] = (), **kwargs: object) -> None:
        """Offer what the account holds, and the grounds."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["asset"] = forms.ChoiceField(label=gettext_lazy("Asset"), choices=assets)
        grounds = self.fields["ground"]
        assert isinstance(grounds, forms.ChoiceField)
        grounds.choices = [(one.value, labels.label(one)) for one in sorted(IMMOBILISING, reverse=True)]
        self.order_fields(self.field_order)


class FreezeForm(RefusableForm):
    """What shall stand still, and why."""

    field_of = {
        LedgerRefusal.FREEZE_SUBJECT_UNKNOWN: "subject",
        LedgerRefusal.FREEZE_SET_ALREADY: "subject",
        LedgerRefusal.ACCOUNT_UNKNOWN: "subject",
    }

    subject = forms.CharField(
        label=gettext_lazy("Product or account"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Code of an asset or of its scheme, or the number of an account; empty for the region."),
    )
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=500)
    field_order: Sequence[str] = ("scope", "subject", "reason")

    def __init__(self, *args: object, region: str, **kwargs: object) -> None:
        """Take the region that an empty subject means."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = [(scope.value, labels.label(scope)) for scope in FreezeScope]
        label = gettext_lazy("What stands still")
        self.fields["scope"] = forms.TypedChoiceField(label=label, coerce=FreezeScope, choices=choices)
        self.order_fields(self.field_order)
        self._region = region

    def clean_subject(self) -> str:
        """Give the region where it alone is meant."""
        return str(self.cleaned_data["subject"] or self._region)


class ApplicationForm(RefusableForm):
    """What an application asks, field by field as its kind needs them, and the paper that shows why."""

    field_of = {
        LedgerRefusal.ACCOUNT_EXISTS: "type",
        RightRefusal.NO_RIGHT_NAMED: "rights",
        RightRefusal.NOT_OF_THE_HOLDER: "person",
        ApplicationRefusal.SAME_HOLDER: "organisation",
        MemberRefusal.NO_SUCH_ORGANISATION: "organisation",
        **dict.fromkeys(UploadRefusal, "paper"),
    }

    type = forms.ChoiceField(label=gettext_lazy("Account"))
    name = forms.CharField(label=gettext_lazy("Name of the account"), max_length=200)
    bank = forms.CharField(label=gettext_lazy("Bank"), max_length=120, required=False)
    bank_account = forms.CharField(label=gettext_lazy("Number at the bank"), max_length=40, required=False)
    organisation = forms.CharField(
        label=gettext_lazy("Unified social credit code of whoever takes over"), min_length=18, max_length=18
    )
    person = forms.ChoiceField(label=gettext_lazy("Representative"))
    rights = forms.MultipleChoiceField(
        label=gettext_lazy("Rights"), widget=forms.CheckboxSelectMultiple, required=False
    )
    paper = forms.FileField(label=gettext_lazy("Documents, as one PDF or picture"))

    def __init__(
        self, *args: object, kind: ApplicationKind, people: Sequence[tuple[str, str]], **kwargs: object
    ) -> None:
        """Keep the fields that this kind of application needs."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name in set(self.fields) - _FIELDS[kind]:
            del self.fields[name]
        if kind is ApplicationKind.OPEN:
            self.fields["name"].required = self.fields["person"].required = False
            people = [("", gettext("everybody whose role allows it")), *people]
        self._offer("person", people)
        self._offer("rights", [(right.value, labels.label(right)) for right in Right])
        self._offer("type", [(type_.value, labels.label(type_)) for type_ in AccountType if type_ in OPENED_ON_REQUEST])

    def details(self) -> dict[str, Json]:
        """Give what is asked beside the kind of account and the paper; what was left empty is left out."""
        told = {name: self.cleaned_data[name] for name in self.fields if name not in ("type", "paper")}
        return {name: value for name, value in told.items() if value}

    def _offer(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        field = self.fields.get(name)
        if isinstance(field, forms.ChoiceField):
            field.choices = choices


_FIELDS: Mapping[ApplicationKind, frozenset[str]] = {
    ApplicationKind.OPEN: frozenset({"type", "name", "bank", "bank_account", "person", "rights", "paper"}),
    ApplicationKind.APPOINT: frozenset({"person", "rights", "paper"}),
    ApplicationKind.REMOVE: frozenset({"person", "paper"}),
    ApplicationKind.RENAME: frozenset({"name", "paper"}),
    ApplicationKind.CHANGE_HOLDER: frozenset({"organisation", "paper"}),
    ApplicationKind.MERGE: frozenset({"organisation", "paper"}),
    ApplicationKind.CLOSE: frozenset({"paper"}),
}


class ContractForm(RefusableForm):
    """Which own bank account, at which settlement bank, serves the own cash account."""

    field_of = {
        MoveRefusal.BANK_ACCOUNT_NOT_USABLE: "bank_account",
        BankRefusal.NO_SETTLEMENT_BANK: "settlement_bank",
    }

    def __init__(
        self, *args: object, bank_accounts: Sequence[tuple[str, str]], banks: Sequence[tuple[str, str]]
    ) -> None:
        """Offer the bank accounts that are confirmed and the banks of the region."""
        super().__init__(*args)  # type: ignore[arg-type]
        self.fields["bank_account"] = forms.ChoiceField(label=gettext_lazy("Own bank account"), choices=bank_accounts)
        self.fields["settlement_bank"] = forms.ChoiceField(label=gettext_lazy("Settlement bank"), choices=banks)


class StatementFileForm(RefusableForm):
    """A bank's statement of a day, to be loaded."""

    field_of = dict.fromkeys(BankFileRefusal, "file")

    file = forms.FileField(
        label=gettext_lazy("Statement of the day (camt.053, XML)"),
        widget=forms.FileInput(attrs={"accept": ".xml"}),
        max_length=120,
    )

    def __init__(self, *args: object, banks: Sequence[tuple[str, str]]) -> None:
        """Offer the banks whose files may be loaded."""
        super().__init__(*args)  # type: ignore[arg-type]
        self.fields["settlement_bank"] = forms.ChoiceField(label=gettext_lazy("Settlement bank"), choices=banks)
        self.order_fields(("settlement_bank", "file"))


class SettlementBankForm(RefusableForm):
    """A settlement bank and the account client money lies on."""

    organisation = forms.CharField(label=gettext_lazy("Unified social credit code of the bank"), max_length=18)
    account_number = forms.RegexField(r"^[0-9A-Za-z ]{8,40}$", label=gettext_lazy("Settlement account"), max_length=40)
    opening = forms.DecimalField(
        label=gettext_lazy("Lies there before the first statement (yuan)"),
        max_digits=_AMOUNT_DIGITS,
        decimal_places=_AMOUNT_PLACES,
        initial=0,
    )

    def payload(self) -> dict[str, Json]:
        """Give what two people approve, but for the region."""
        told = self.cleaned_data
        opening_fen = units.fen_of_yuan(told["opening"])
        return {
            "organisation": told["organisation"],
            "account_number": told["account_number"],
            "opening_fen": opening_fen,
        }


class SuspenseForm(forms.Form):
    """What becomes of an entry nobody could place; a return needs no target."""

    entry = forms.CharField(max_length=24)
    how = forms.ChoiceField(
        choices=[(one.value, one.value) for one in (EntryState.ASSIGNED, EntryState.RETURNED, EntryState.OFFSET)]
    )
    target = forms.CharField(max_length=40, required=False)

    def clean(self) -> None:
        """Ask for an account or another entry wherever money is not returned."""
        super().clean()
        if self.cleaned_data.get("how") != EntryState.RETURNED and not self.cleaned_data.get("target"):
            self.add_error("target", gettext_lazy("Name the account or the other entry."))
