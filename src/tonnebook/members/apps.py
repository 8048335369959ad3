"""Django's view of the members room."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    """The members room."""

    name = "tonnebook.members"
    label = "members"
