"""Several papers of one body are signed at once: every number is given once and none is skipped.

The control test takes the lock of the body away and shows that the race is real.
"""

import threading
from collections.abc import Iterator

import pytest
from django.db import IntegrityError, connections
from tests.unit.members import cast as casting
from tests.unit.members.cast import AUTHORITY, NOW, STEEL
from tests.unit.members.paper_desk import DRAFT, SITE, Desk

from tonnebook.faces import documents
from tonnebook.members import queries
from tonnebook.members import services as members
from tonnebook.members.models import Organisation
from tonnebook.members.services import papers

THREADS = 4

pytestmark = pytest.mark.fault


@pytest.fixture
def approvals(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """As many approved papers as there are threads; laying them out takes no time here."""
    monkeypatch.setattr(documents, "pdf", lambda _template, data, **_options: data["number"].encode())
    desk = Desk(casting.register())
    numbers = [desk.propose() for _ in range(THREADS)]
    for number in numbers:
        digest, key = queries.approval(number).digest, desk.key()
        members.approve(desk.signed("chen"), approval=number, digest=digest, key=key, now=NOW)
    yield numbers
    connections.close_all()


def issued_by_all(approvals: list[str]) -> list[str]:
    """Have every thread issue its paper; the number of each, or nothing where the database refused it."""
    asked = members.paper_payload(DRAFT, region="shanghai", issuer=AUTHORITY, organisation=STEEL, site=SITE)
    chen, found = queries.actor_named("chen"), []

    def issue(approval: str) -> None:
        try:
            answer = members.issue_paper(chen, **asked, approval=approval, key=f"issue-{approval}", now=NOW)  # type: ignore[arg-type]
            found.append(str(answer["paper"]))
        except IntegrityError:
            found.append("")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=issue, args=(approval,)) for approval in approvals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)


def test_every_number_is_given_once_and_none_is_skipped(approvals: list[str]) -> None:
    assert issued_by_all(approvals) == [f"沪环气候〔{NOW.year}〕{count}号" for count in range(1, THREADS + 1)]


def test_control_without_the_lock_all_take_the_same_number(
    approvals: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody_is_there = threading.Barrier(THREADS, timeout=20)

    def unlocked(issuer: str) -> Organisation:
        everybody_is_there.wait()
        return Organisation.objects.get(uscc=issuer)

    monkeypatch.setattr(papers, "_lock", unlocked)
    assert "" in issued_by_all(approvals)
