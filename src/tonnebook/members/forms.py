"""What people type into the forms of members."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy

from tonnebook.core.api_keys import LIFETIME_MAX, ApiRefusal, KeyKind, Scope
from tonnebook.core.barred import BarRefusal
from tonnebook.core.embargo import EmbargoRefusal
from tonnebook.core.identity_provider import IdentityRefusal
from tonnebook.core.roles import MemberRefusal, OrganisationKind, Role
from tonnebook.core.seals import SealRefusal
from tonnebook.core.webhooks import MessageKind, WebhookRefusal
from tonnebook.faces import labels
from tonnebook.faces.forms import RefusableForm
from tonnebook.members.services import OrganisationDraft, PersonDraft

_LABEL_LENGTH_MAX = 60
_DAYS_AT_FIRST = 90


class ApiKeyForm(RefusableForm):
    """A new key of a program: with a public key it signs, without one it gets a secret."""

    field_of = {
        ApiRefusal.API_KEY_EXPIRY_UNFIT: "days",
        ApiRefusal.API_KEY_NEEDS_SIGNATURE: "public_key",
        ApiRefusal.API_KEY_MALFORMED: "public_key",
    }

    label = forms.CharField(label=gettext_lazy("Name of the program"), max_length=_LABEL_LENGTH_MAX)
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"), widget=forms.CheckboxSelectMultiple, choices=()
    )
    public_key = forms.CharField(
        label=gettext_lazy("Ed25519 public key, 64 hexadecimal digits (empty: a secret that reads only)"),
        required=False,
        max_length=64,
    )
    days = forms.IntegerField(
        label=gettext_lazy("Valid for days"), min_value=1, max_value=LIFETIME_MAX.days, initial=_DAYS_AT_FIRST
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["scopes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(scope.value, labels.label(scope)) for scope in Scope]

    def kind(self) -> KeyKind:
        """Tell what kind of key is wanted."""
        return KeyKind.SIGNED if self.cleaned_data["public_key"] else KeyKind.SECRET


class WebhookForm(RefusableForm):
    """An address of a program, and what it is told."""

    field_of = {WebhookRefusal.ADDRESS_UNFIT: "url"}

    url = forms.CharField(
        label=gettext_lazy("Address"), max_length=400, widget=forms.URLInput(attrs={"placeholder": "https://"})
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("What it is told"), widget=forms.CheckboxSelectMultiple, choices=()
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["events"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(kind.value, labels.label(kind)) for kind in MessageKind if kind is not MessageKind.TEST]


class NewsForm(RefusableForm):
    """News under embargo, in both languages, and when it is released."""

    field_of = {
        EmbargoRefusal.RELEASE_NOT_AHEAD: "release_at",
        EmbargoRefusal.RELEASE_IN_SESSION: "release_at",
    }

    title_zh = forms.CharField(label=gettext_lazy("Headline in Chinese"), max_length=200)
    title_en = forms.CharField(label=gettext_lazy("Headline in English"), max_length=200)
    text_zh = forms.CharField(
        label=gettext_lazy("Text in Chinese"), widget=forms.Textarea(attrs={"rows": 5}), max_length=8000
    )
    text_en = forms.CharField(
        label=gettext_lazy("Text in English"), widget=forms.Textarea(attrs={"rows": 5}), max_length=8000
    )
    release_at = forms.DateTimeField(
        label=gettext_lazy("Released at (Shanghai time, outside sessions)"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


class InsiderForm(RefusableForm):
    """Somebody who learns of kept news."""

    field_of = {
        EmbargoRefusal.INSIDER_NAMED: "subject",
        MemberRefusal.NO_SUCH_PERSON: "subject",
        MemberRefusal.NO_SUCH_ORGANISATION: "subject",
    }

    subject = forms.CharField(label=gettext_lazy("Number of a person, or code of an organisation"), max_length=20)


class SealKeyForm(RefusableForm):
    """A key for the seals of an organisation."""

    field_of = {MemberRefusal.NO_SUCH_ORGANISATION: "organisation", SealRefusal.KEY_UNREADABLE: "pem"}

    organisation = forms.CharField(label=gettext_lazy("Organisation (unified social credit code)"), max_length=18)
    pem = forms.CharField(
        label=gettext_lazy("Certificate or public key (PEM)"), widget=forms.Textarea(attrs={"rows": 8}), max_length=8000
    )


class IdentityForm(RefusableForm):
    """Who a person is at an identity provider."""

    field_of = {MemberRefusal.NO_SUCH_PERSON: "person", IdentityRefusal.IDENTITY_LINKED: "known_as"}

    person = forms.CharField(label=gettext_lazy("Number of the person"), max_length=20)
    provider = forms.URLField(label=gettext_lazy("Address of the provider"), max_length=200, assume_scheme="https")
    known_as = forms.CharField(label=gettext_lazy("Its lasting name of the person"), max_length=200)


class PersonForm(RefusableForm):
    """Somebody to be admitted."""

    field_of = {
        MemberRefusal.NO_SUCH_ORGANISATION: "organisation",
        MemberRefusal.USERNAME_TAKEN: "username",
        MemberRefusal.ROLE_DOES_NOT_FIT: "roles",
        MemberRefusal.NAME_UNFIT: "name_zh",
    }

    organisation = forms.CharField(label=gettext_lazy("Organisation (unified social credit code)"), max_length=18)
    username = forms.CharField(label=gettext_lazy("Sign-in name"), max_length=60)
    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=60)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=60)
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=200, required=False)
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Roles"),
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: [(role.value, labels.label(role)) for role in Role],
    )

    def draft(self) -> PersonDraft:
        """Give the person as the services know one."""
        told = self.cleaned_data
        return PersonDraft(**{**told, "roles": tuple(Role(role) for role in told["roles"])})


class OrganisationForm(RefusableForm):
    """An organisation to be registered."""

    field_of = {
        MemberRefusal.USCC_MALFORMED: "uscc",
        MemberRefusal.ORGANISATION_EXISTS: "uscc",
        MemberRefusal.NAME_UNFIT: "name_zh",
    }

    uscc = forms.CharField(label=gettext_lazy("Organisation (unified social credit code)"), max_length=18)
    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=200)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=200)
    organisation_kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=lambda: [(kind.value, labels.label(kind)) for kind in OrganisationKind]
    )
    district = forms.CharField(label=gettext_lazy("District"), max_length=60, required=False)
    sector = forms.ChoiceField(label=gettext_lazy("Sector"), choices=(), required=False)

    def __init__(self, *args: object, sectors: Sequence[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["sector"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "—"), *sectors]

    def draft(self, region: str) -> OrganisationDraft:
        """Give the organisation as the services know one."""
        told = {**self.cleaned_data, "region": region}
        return OrganisationDraft(kind=OrganisationKind(told.pop("organisation_kind")), **told)


class BarForm(RefusableForm):
    """Who must not trade, and why."""

    field_of = {
        MemberRefusal.NO_SUCH_PERSON: "subject",
        MemberRefusal.NO_SUCH_ORGANISATION: "subject",
        BarRefusal.ALREADY_BARRED: "subject",
    }

    subject = forms.CharField(label=gettext_lazy("Number of the person, or unified social credit code"), max_length=20)
    ground = forms.CharField(label=gettext_lazy("Ground"), max_length=200)


class ControllerForm(RefusableForm):
    """Who controls an organisation."""

    field_of = {
        MemberRefusal.NO_SUCH_ORGANISATION: "organisation",
        MemberRefusal.CONTROLLER_ENTERED: "organisation",
        MemberRefusal.USCC_MALFORMED: "controller",
    }

    organisation = forms.CharField(label=gettext_lazy("Organisation (unified social credit code)"), max_length=18)
    controller = forms.CharField(label=gettext_lazy("Last controller (unified social credit code)"), max_length=18)


class ErasureForm(forms.Form):
    """Which leaves lose their private fields, and why; the reason is private itself."""

    leaves = forms.MultipleChoiceField(choices=())
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)

    def __init__(self, *args: object, offered: Sequence[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["leaves"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(leaf, leaf) for leaf in offered]
