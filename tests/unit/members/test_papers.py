"""Official papers: two people of one body, numbers without a gap, one digest in every form, served when received."""

import base64
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import docx
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from django.db import DatabaseError, ProgrammingError, transaction
from tests.unit.faces.test_ofd import lines_of, pages_of, parts_of
from tests.unit.members.cast import AUTHORITY, NOW, STEEL, seal_key_entered, uscc
from tests.unit.members.paper_desk import DRAFT, Desk
from tests.unit.members.test_seals import pem_of

from tonnebook.core import papers as core
from tonnebook.core import seals as core_seals
from tonnebook.core.approvals import ApprovalRefusal
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.papers import PaperForm, PaperRefusal
from tonnebook.core.roles import SYSTEM, AccessRefusal, Actor, OrganisationKind, Role
from tonnebook.core.seals import SealKind, SealRefusal
from tonnebook.core.uploads import DocumentRefusal
from tonnebook.faces import documents
from tonnebook.journal import queries as journal
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import PUBLIC
from tonnebook.members import queries
from tonnebook.members import services as members
from tonnebook.members.models import PaperContent
from tonnebook.members.queries import papers as paper_queries
from tonnebook.members.services import OrganisationDraft, PersonDraft

PRIVATE = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture
def desk(cast: dict[str, Actor]) -> Desk:
    return Desk(cast)


def refusal(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


def file_of(desk: Desk, number: str, form: PaperForm) -> bytes:
    """A file of a paper as its issuer takes it."""
    return queries.paper_file_within(desk.cast["zhou"], number, form.value.lower()).content


def words_of(file: bytes) -> str:
    """All text of a Word file, document and footer."""
    read = docx.Document(io.BytesIO(file))
    cells = [cell.text for table in read.tables for row in table.rows for cell in row.cells]
    lines = [one.text for part in (read, read.sections[0].footer) for one in part.paragraphs]
    return "\n".join(lines + cells)


def test_numbers_of_a_body_run_through_its_year_and_begin_again(desk: Desk) -> None:
    first, second = desk.issue(), desk.issue(replace(DRAFT, subject="第二件"))
    assert [first, second] == ["沪环气候〔2026〕1号", "沪环气候〔2026〕2号"]
    assert desk.issue(now=NOW + timedelta(days=365)) == "沪环气候〔2027〕1号"


def test_a_paper_that_fails_takes_no_number(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    approval = desk.propose()

    def fail(*_arguments: object, **_options: object) -> bytes:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(documents, "pdf", fail)
        with pytest.raises(RuntimeError):
            desk.sign(approval)
    assert desk.issue() == "沪环气候〔2026〕1号"


def test_whoever_drafts_does_not_sign(desk: Desk) -> None:
    approval = desk.propose()
    assert refusal(lambda: desk.sign(approval, by="zhou")) is ApprovalRefusal.SAME_PERSON
    assert queries.papers_in("shanghai") == ()


def test_what_is_signed_is_issued_and_nothing_else(desk: Desk) -> None:
    approval = desk.propose()
    other = replace(DRAFT, subject="另一件")
    assert refusal(lambda: desk.sign(approval, other)) is ApprovalRefusal.DIGEST_DIFFERS


def test_signers_belong_to_the_body_that_issues(desk: Desk) -> None:
    code = uscc(9)
    draft = OrganisationDraft(code, "登记机构", "Registry", OrganisationKind.REGISTRY_BODY, "shanghai")
    members.register_organisations(SYSTEM, drafts=[draft], key=desk.key(), now=NOW)
    person = PersonDraft("keeper", "甘", "Gan", code, (Role.REGISTRAR,), "a long password")
    members.register_people(SYSTEM, drafts=[person], key=desk.key(), now=NOW)
    desk.cast["keeper"] = queries.actor_named("keeper")
    approval = desk.propose()
    assert refusal(lambda: desk.sign(approval, by="keeper")) is PaperRefusal.SIGNERS_OF_TWO_BODIES


def test_both_forms_carry_the_digest_that_stands_in_the_log(desk: Desk) -> None:
    number = desk.issue()
    copy = queries.paper(number)
    leaf = str(journal.receipt(copy.row.leaf)["leaf"])
    docx = file_of(desk, number, PaperForm.DOCX)
    assert copy.row.digest in words_of(docx)
    assert copy.row.digest in leaf
    sums = copy.row.pdf_sha256, copy.row.docx_sha256, copy.row.ofd_sha256
    for form, digest in zip(PaperForm, sums, strict=True):
        assert digest
        assert documents.digest(file_of(desk, number, form)) == digest
        assert digest in leaf
    assert STEEL not in leaf


def test_the_ofd_file_says_what_the_word_file_says(desk: Desk) -> None:
    number = desk.issue()
    pages = pages_of(parts_of(file_of(desk, number, PaperForm.OFD)))
    told = "".join(line for page in pages for line in lines_of(page)).replace("\u3000", "")
    for line in words_of(file_of(desk, number, PaperForm.DOCX)).splitlines():
        assert "".join(line.removesuffix(" · ").split()) in "".join(told.split())


def test_a_paper_from_before_the_form_has_no_ofd_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    number = desk.issue()
    copy = queries.paper(number)
    older = replace(copy, row=replace(copy.row, ofd_sha256=None))
    monkeypatch.setattr(paper_queries, "paper_within", lambda actor, number: older)
    assert refusal(lambda: file_of(desk, number, PaperForm.OFD)) is PaperRefusal.NO_SUCH_PAPER


def test_the_word_file_says_all_the_draft_says(desk: Desk) -> None:
    text = words_of(file_of(desk, desk.issue(), PaperForm.DOCX))
    for said in (DRAFT.subject, *DRAFT.paragraphs, "12,400 t", "D00 plan", "配额发放明细", "市生态环境局", STEEL):
        assert said in text
    assert "2026年3月1日" in text


def test_a_value_that_is_not_enacted_says_so_on_paper(desk: Desk) -> None:
    text = words_of(file_of(desk, desk.issue(replace(DRAFT, language="en")), PaperForm.DOCX))
    assert "D00 plan · scenario" in text


def test_the_addressee_is_notified_and_its_receipt_is_the_service(desk: Desk) -> None:
    number = desk.issue()
    steel = desk.cast["steel"]
    (notice,) = queries.notices_of(STEEL)
    assert number in notice.text_zh
    assert queries.paper(number).served_at is None
    later = NOW + timedelta(hours=3)
    members.confirm_receipt(steel, notice=notice.number, key=desk.key(), now=later)
    assert (queries.paper(number).served_at, queries.paper(number).served_by) == (later, steel.person)


def test_everybody_finds_a_paper_by_number_digest_or_file_but_not_what_it_says(desk: Desk) -> None:
    row = queries.paper(desk.issue()).row
    with tenancy.acting(PUBLIC):
        for asked in (row.number, row.digest, row.digest.upper(), row.pdf_sha256, row.docx_sha256, str(row.ofd_sha256)):
            assert queries.issued_paper(asked) == row
        # The role of the public has no grant on what papers say.
        with pytest.raises(ProgrammingError), transaction.atomic():
            queries.paper(row.number)
    assert queries.issued_paper("沪环气候〔2026〕9号") is None
    assert refusal(lambda: file_of(desk, "沪环气候〔2026〕9号", PaperForm.PDF)) is PaperRefusal.NO_SUCH_PAPER


def test_an_issued_paper_is_never_changed(desk: Desk) -> None:
    desk.issue()
    with pytest.raises(DatabaseError), transaction.atomic():
        PaperContent.objects.update(pdf=b"forged")


def signature(digest: str) -> str:
    return base64.b64encode(PRIVATE.sign(core_seals.message(digest))).decode()


def test_the_seal_of_the_body_is_checked_and_kept_beside_the_paper(desk: Desk) -> None:
    chen, row = desk.cast["chen"], queries.paper(desk.issue()).row
    seal_key_entered(chen, desk.cast["zhou"], AUTHORITY, pem_of(PRIVATE))
    wrong = signature("0" * 64)
    assert (
        refusal(lambda: members.seal_paper(chen, paper=row.number, signature=wrong, key=desk.key(), now=NOW))
        is SealRefusal.SEAL_WRONG
    )
    good = signature(row.digest)
    members.seal_paper(chen, paper=row.number, signature=good, key=desk.key(), now=NOW)
    (twin,) = queries.paper(row.number).row.twins
    assert (twin.kind, twin.digest) == (SealKind.ELECTRONIC, row.digest)
    assert members.is_seal_of(row.digest, public_key=twin.public_key, signature=twin.signature)
    assert (
        refusal(lambda: members.seal_paper(chen, paper=row.number, signature=good, key=desk.key(), now=NOW))
        is PaperRefusal.BOUND_ALREADY
    )


def test_the_stamped_print_is_bound_by_the_digest_it_shows(desk: Desk) -> None:
    chen, row, scan = desk.cast["chen"], queries.paper(desk.issue()).row, desk.scan()

    def bind(printed: str, document: str = scan, by: Actor = chen, paper: str = row.number) -> object:
        return members.bind_print(by, paper=paper, printed=printed, document=document, key=desk.key(), now=NOW)

    assert refusal(lambda: bind("0" * 16)) is PaperRefusal.PRINT_DIFFERS
    assert refusal(lambda: bind(row.digest[:15])) is PaperRefusal.PRINT_DIFFERS
    foreign = desk.scan(STEEL, by="steel")
    assert refusal(lambda: bind(row.digest, foreign)) is DocumentRefusal.NO_SUCH_DOCUMENT
    assert refusal(lambda: bind(row.digest, by=desk.cast["steel"])) is AccessRefusal.NOT_YOUR_ORGANISATION
    assert refusal(lambda: bind(row.digest, paper="无此文号")) is PaperRefusal.NO_SUCH_PAPER
    bind(f"{row.digest[:8]} {row.digest[8:16].upper()}")
    (twin,) = queries.paper(row.number).row.twins
    assert (twin.kind, twin.scan_sha256) == (SealKind.PAPER, queries.document(scan).sha256)


def test_a_number_is_written_as_public_bodies_write_it() -> None:
    assert core.number("沪环气候", 2026, 12) == "沪环气候〔2026〕12号"
