"""What people type into the forms of members."""

from django import forms
from django.utils.translation import gettext_lazy

from tonnebook.core.api_keys import LIFETIME_MAX, ApiRefusal, KeyKind, Scope
from tonnebook.faces import labels
from tonnebook.faces.forms import RefusableForm

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
