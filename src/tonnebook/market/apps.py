"""The market as a Django application."""

from django.apps import AppConfig


class MarketConfig(AppConfig):
    """Names the room for Django."""

    name = "tonnebook.market"
    verbose_name = "market"
