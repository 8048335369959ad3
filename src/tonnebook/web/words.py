"""Words of the shell for codes that the rule book does not name: roles and languages."""

from django.utils.translation import gettext, gettext_noop

_ROLES = {
    "OFFICER": gettext_noop("Officer"),
    "REGISTRAR": gettext_noop("Registrar"),
    "EXCHANGE_STAFF": gettext_noop("Exchange staff"),
    "VERIFIER": gettext_noop("Verifier"),
    "REPRESENTATIVE": gettext_noop("Company"),
    "TRADER": gettext_noop("Trader"),
    "AUDITOR": gettext_noop("Auditor"),
}


def role_word(role: str) -> str:
    """Name a role in the current language."""
    return gettext(_ROLES[role]) if role in _ROLES else ""
