"""The demo town, for the tests of public pages."""

from tests.unit.web.conftest import town

__all__ = ["town"]
