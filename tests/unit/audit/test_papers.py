"""Official papers: each altered row is found by the check that is there for it."""

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker
from tests.unit.audit import owner
from tests.unit.members import cast as casting
from tests.unit.members.cast import NOW
from tests.unit.members.paper_desk import DRAFT, Desk

from tonnebook import scratch
from tonnebook.journal import queries as journal
from tonnebook.members import queries
from tonnebook.members import services as members
from tonnebook_audit import auditor


@pytest.fixture(scope="module")
def papers(django_db_setup: None, django_db_blocker: DjangoDbBlocker, worker_label: str) -> Iterator[None]:
    """Three papers of one body, the first with its stamped print."""
    with django_db_blocker.unblock(), scratch.scratch_database(f"papers_{worker_label}"):
        desk = Desk(casting.register())
        number = desk.issue()
        for _ in range(2):
            desk.issue()
        printed, scan = queries.paper(number).row.digest, desk.scan()
        members.bind_print(desk.cast["chen"], paper=number, printed=printed, document=scan, key=desk.key(), now=NOW)
        assert queries.paper(number).content["draft"]["subject"] == DRAFT.subject  # type: ignore[index,call-overload]
        yield


@pytest.mark.usefixtures("papers")
def test_papers_as_issued_have_no_breaks_and_every_check_has_looked() -> None:
    report = auditor.audit(journal.audit_url())
    assert report.breaks == []
    assert {"paper number", "paper", "paper twin"} <= set(report.checks)


_LAST = "WHERE count = 3"
_CONTENT = "UPDATE members_paper_content SET"


@pytest.mark.usefixtures("papers")
@pytest.mark.parametrize(
    ("statements", "check"),
    [
        ((f"UPDATE members_paper SET count = 4 {_LAST}",), "paper number"),
        ((f"UPDATE members_paper SET number = '沪环气候〔2026〕4号' {_LAST}",), "paper number"),
        (
            (
                "DELETE FROM members_paper_content WHERE paper_id = (SELECT max(id) FROM members_paper)",
                f"DELETE FROM members_paper {_LAST}",
            ),
            "paper number",
        ),
        ((f"{_CONTENT} content = jsonb_set(content, '{{draft,subject}}', '\"forged\"')",), "paper"),
        ((f"{_CONTENT} pdf = 'forged'",), "paper"),
        ((f"{_CONTENT} docx = 'forged'",), "paper"),
        ((f"{_CONTENT} ofd = 'forged'",), "paper"),
        ((f"{_CONTENT} ofd = NULL",), "paper"),
        (("UPDATE members_paper SET digest = md5(digest) || md5(number)",), "paper"),
        (("UPDATE members_paper_twin SET digest = md5(digest)",), "paper twin"),
    ],
)
def test_what_was_altered_is_found(statements: tuple[str, ...], check: str) -> None:
    assert check in owner.found_after(*statements)
