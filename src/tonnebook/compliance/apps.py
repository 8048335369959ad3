"""Compliance as a Django application."""

from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    """Names the room for Django."""

    name = "tonnebook.compliance"
    verbose_name = "compliance"
