"""Numbered checks of what is filed and reported: each is a kind with its parameters, and a fact it lacks is no answer.

The catalogue is data (`rulebook/checks/`); the few kinds of evaluation are in `core.checks.kinds`; what is looked at is
a *subject*: a line, a month, a report … with its facts by name (`core.checks.subjects`). A check whose condition does
not hold for a subject, or whose facts the subject does not have, says nothing about it.
"""

from tonnebook.core.checks.catalogue import Check, Finding, Scope, Severity, Subject, by_scope, run
from tonnebook.core.checks.kinds import Value
from tonnebook.core.checks.waivers import ChecksRefusal, Waiver, check_waiver, refuse_errors, waived

__all__ = [
    "Check",
    "ChecksRefusal",
    "Finding",
    "Scope",
    "Severity",
    "Subject",
    "Value",
    "Waiver",
    "by_scope",
    "check_waiver",
    "refuse_errors",
    "run",
    "waived",
]
