"""The portal as a Django application."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Names the room for Django."""

    name = "tonnebook.portal"
    verbose_name = "portal"
