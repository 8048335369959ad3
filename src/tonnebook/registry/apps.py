"""The registry as a Django application."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """Names the room for Django."""

    name = "tonnebook.registry"
    verbose_name = "registry"
