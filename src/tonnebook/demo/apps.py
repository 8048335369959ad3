"""The demo as a Django application."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Holds one table: how far the demo has been played."""

    name = "tonnebook.demo"
    default_auto_field = "django.db.models.BigAutoField"
