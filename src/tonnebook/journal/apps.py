"""Django's view of the journal room."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """The journal room."""

    name = "tonnebook.journal"
    label = "journal"
