"""What the journal does by itself."""

import pytest
from django.db import transaction

from tonnebook.journal import jobs, queries
from tonnebook.journal import services as journal
from tonnebook_audit import auditor
from tonnebook_audit.report import AuditReport, Break

pytestmark = pytest.mark.django_db


def test_what_was_committed_is_numbered_and_signed() -> None:
    with transaction.atomic():
        journal.append(journal.Entry("trial.thing.happened", {"count": 1}), now=journal.now())
    jobs.publish.func(0)
    checkpoint = queries.latest_checkpoint()
    assert checkpoint is not None
    assert checkpoint.size == queries.log_size() == 1


def test_the_audit_by_night_keeps_what_it_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert queries.latest_audit() is None
    found = Break("balance", "SH-1", "1", "2")
    monkeypatch.setattr(
        auditor,
        "audit",
        lambda _url, *, trusted_key: AuditReport(
            checks={}, breaks=[found] if trusted_key == queries.signer().verifier_key else [], log_size=1, log_root="ab"
        ),
    )
    jobs.audit.func(0)
    kept = queries.latest_audit()
    assert kept is not None
    assert kept.breaks == ("balance: SH-1",)
    assert kept.log_root == "ab"
