"""Forms that show what the rules refuse beside the field it is about."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from django import forms

from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.roles import Unsigned
from tonnebook.faces import problem


class RefusableForm(forms.Form):
    """A form that takes refusals in: each beside its field, or on top where it is about none.

    Attributes:
        field_of: the field each refusal of the form's service is about.
    """

    field_of: ClassVar[Mapping[Refusal, str]] = MappingProxyType({})

    def refuse(self, error: Refused) -> int:
        """Put a refusal into the form.

        Args:
            error: what the service refused.

        Returns:
            The HTTP status the page answers with.

        Raises:
            Unsigned: the very same; no field is wrong where a second factor is wanted, and the page of signing answers.
        """
        if isinstance(error, Unsigned):
            raise error
        told = problem.refused(error)
        field = self.field_of.get(error.code)
        self.add_error(field if field in self.fields else None, f"{told.message} ({told.code} · {told.article})")
        return told.status
