"""What is erased is gone for good, and every proof of the log still holds."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from tests.unit.registry import desk as desks
from tests.unit.registry.desk import NOW

from tonnebook.core.approvals import ApprovalRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.keys import LogRefusal
from tonnebook.core.roles import AccessRefusal, Actor
from tonnebook.journal import queries
from tonnebook.journal import services as journal
from tonnebook.journal.models import JournalSecret
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import services as members
from tonnebook_audit import auditor, receipt
from tonnebook_audit.report import AuditReport

pytestmark = pytest.mark.django_db
REASON = "Lin asked for it"


@pytest.fixture
def leaves() -> list[str]:
    """Three leaves with private fields, numbered and signed."""
    desks.open_desk()
    entries = [Entry("trial.taken", {"i": i}, {"name": "林", "i": i}) for i in range(3)]
    found = journal.append_many(entries, now=NOW)
    sign()
    return found


def sign() -> None:
    journal.integrate(now=NOW)
    journal.publish_checkpoint(now=NOW)


def erase(leaves: list[str], *, reason: str = REASON, actor: Actor = desks.ZHOU, key: str = "e") -> Answer:
    """Have two officers approve the erasure of these leaves, and do it."""
    payload = {"leaves": leaves, "reason": REASON}
    proposed = members.propose(desks.ZHOU, kind="members.erase_secrets", payload=payload, key=f"p{key}", now=NOW)
    approval, digest = str(proposed["approval"]), str(proposed["digest"])
    members.approve(desks.CHEN, approval=approval, digest=digest, key=f"a{key}", now=NOW)
    later = NOW + timedelta(minutes=1)
    return members.erase_secrets(actor, leaves=leaves, reason=reason, approval=approval, key=key, now=later)


def test_an_erased_leaf_keeps_its_proof_and_loses_its_content(leaves: list[str]) -> None:
    before = queries.receipt(leaves[1], with_sealed=True)
    assert before["sealed"] == {"name": "林", "i": "1"}
    answer = erase(leaves[1:2])
    assert answer["erased"] == 1
    sign()
    after = queries.receipt(leaves[1], with_sealed=True)
    assert (after["leaf"], after["sealed"], after["salt"]) == (before["leaf"], None, None)
    # What was handed out before, opened or not, and what is given now hold all the same.
    for document in (before, after, *(queries.receipt(leaf, with_sealed=True) for leaf in (leaves[0], leaves[2]))):
        assert receipt.check(json.dumps(document)) == []
    report = AuditReport()
    auditor.check(connection.connection, report, trusted_key=queries.signer().verifier_key)
    assert report.breaks == []


def test_who_erased_what_is_in_the_log_and_why_is_private(leaves: list[str]) -> None:
    logged = queries.receipt(str(erase(leaves[:2])["leaf"]), with_sealed=True)
    leaf = logged["leaf"]
    assert isinstance(leaf, dict)
    assert leaf["facts"] == {"leaves": leaves[:2], "initiator": desks.ZHOU.person, "approver": desks.CHEN.person}
    assert logged["sealed"] == {"reason": REASON}


@pytest.mark.parametrize("other", ["00" * 32, "no hash"])
def test_what_has_no_private_fields_is_refused_whole(leaves: list[str], other: str) -> None:
    erase(leaves[:1])
    for wrong in ([*leaves[1:2], leaves[0]], [leaves[1], other]):
        with pytest.raises(Refused) as refused:
            erase(wrong, key=f"again {wrong[1][:8]}")
        assert refused.value.code is LogRefusal.NOTHING_SEALED
    assert JournalSecret.objects.filter(leaf__leaf_hash=bytes.fromhex(leaves[1])).exists()


def test_nobody_erases_but_officers_and_nothing_but_what_two_people_approved(leaves: list[str]) -> None:
    with pytest.raises(Refused) as refused:
        erase(leaves[:1], reason="something else")
    assert refused.value.code is ApprovalRefusal.DIGEST_DIFFERS
    with pytest.raises(Refused) as refused:
        erase(leaves[1:2], actor=desks.WANG, key="wang")
    assert refused.value.code is AccessRefusal.NOT_PERMITTED
    assert JournalSecret.objects.filter(leaf__kind="trial.taken").count() == 3
