"""Django's view of the emissions room."""

from django.apps import AppConfig


class EmissionsConfig(AppConfig):
    """The emissions room."""

    name = "tonnebook.emissions"
    label = "emissions"
