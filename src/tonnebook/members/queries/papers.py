"""Official papers: what everybody may know of them, and what those read whom they concern."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.papers import PUBLISHED, PaperForm, PaperKind, PaperRefusal
from tonnebook.core.roles import MAY, Act, Actor, Role
from tonnebook.core.seals import SealKind
from tonnebook.core.trail import LookKind
from tonnebook.faces import word
from tonnebook.journal import tenancy, trail
from tonnebook.journal.tenancy import Why
from tonnebook.members.models import Notice, Paper, PaperContent, PaperTwin


@dataclass(frozen=True, slots=True)
class TwinRow:
    """A seal of a paper with the key it was checked with, or the digest of the scan of its stamped print."""

    kind: SealKind
    digest: str
    public_key: str
    signature: str
    scan_sha256: str
    bound_at: datetime
    leaf: str


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A paper as everybody may know it; `leaf` is its hash in the public log, `issuer` a unified social credit code."""

    number: str
    kind: PaperKind
    issuer: str
    digest: str
    pdf_sha256: str
    docx_sha256: str
    issued_at: datetime
    leaf: str
    twins: tuple[TwinRow, ...]


@dataclass(frozen=True, slots=True)
class PaperCopy:
    """A paper as those see it whom it concerns.

    Attributes:
        row: what everybody may know.
        addressee: unified social credit code.
        content: the fields of `core.papers.Paper`, plain.
        initiator: who drafted it.
        approver: who signed it.
        notice: number of the notice that brought it.
        served_at: when its receipt was confirmed; None before.
        served_by: who confirmed it.
    """

    row: PaperRow
    addressee: str
    content: dict[str, Json]
    initiator: str
    approver: str
    notice: str
    served_at: datetime | None
    served_by: str


@dataclass(frozen=True, slots=True)
class PaperFile:
    """A file of a paper with the name and type it is handed out under, and its SHA-256 in hexadecimal."""

    name: str
    mime: str
    content: bytes
    sha256: str


_MIME = {PaperForm.PDF: "application/pdf", PaperForm.DOCX: word.MIME}


def issued_paper(asked: str) -> PaperRow | None:
    """Find a paper by its number, its digest or the digest of either file; None when there is no such paper."""
    found = Paper.objects.filter(number=asked)
    for column in ("digest", "pdf_sha256", "docx_sha256"):
        found |= Paper.objects.filter(**{column: asked.lower()})
    row = found.select_related("issuer").prefetch_related("twins").first()
    return _row(row) if row else None


def paper(number: str) -> PaperCopy:
    """Give a paper with what it says.

    Raises:
        Refused: NO_SUCH_PAPER when there is none.
    """
    found = _copies(PaperContent.objects.filter(paper__number=number))
    if not found:
        raise Refused(PaperRefusal.NO_SUCH_PAPER, paper=number)
    return found[0]


def papers_in(region: str) -> tuple[PaperCopy, ...]:
    """List the papers to the organisations of a region, newest first."""
    return _copies(PaperContent.objects.filter(addressee__region=region))


def papers_of(organisation: str) -> tuple[PaperCopy, ...]:
    """List the papers addressed to an organisation, newest first."""
    return _copies(PaperContent.objects.filter(addressee__uscc=organisation))


def paper_within(actor: Actor, number: str) -> PaperCopy:
    """Give a paper that an actor may read: one addressed to the own organisation, to who issues and audits any.

    Args:
        actor: who reads.
        number: of the paper.

    Raises:
        Refused: NO_SUCH_PAPER when there is none or it is not theirs to read, in the same words.
    """
    copy = paper(number)
    if copy.addressee != actor.organisation:
        if not keeps_papers(actor):
            raise Refused(PaperRefusal.NO_SUCH_PAPER, paper=number)
        trail.looked(LookKind.DOCUMENT, number)
    return copy


def papers_within(actor: Actor) -> tuple[PaperCopy, ...]:
    """List the papers an actor may read, newest first: the own, to who issues and audits those of the region."""
    if not keeps_papers(actor):
        return papers_of(actor.organisation)
    rows = papers_in(actor.region)
    trail.listed("papers", rows=len(rows))
    return rows


def keeps_papers(actor: Actor) -> bool:
    """Say whether somebody issues or audits the papers of the region."""
    return bool(actor.roles & (MAY[Act.ISSUE_PAPER] | {Role.AUDITOR}))


def paper_file_within(actor: Actor, number: str, form: str) -> PaperFile:
    """Give one of the files of a paper that an actor may read.

    Args:
        actor: who reads.
        number: of the paper.
        form: "pdf" or "docx".

    Raises:
        Refused: NO_SUCH_PAPER as `paper_within`, and for any other form.
    """
    row = paper_within(actor, number).row
    if form.upper() not in _MIME:
        raise Refused(PaperRefusal.NO_SUCH_PAPER, paper=f"{number}.{form}")
    content = PaperContent.objects.values_list(form, flat=True).get(paper__number=number)
    sha256 = row.pdf_sha256 if form.upper() == PaperForm.PDF else row.docx_sha256
    return PaperFile(f"{number}.{form}", _MIME[PaperForm(form.upper())], bytes(content), sha256)


@tenancy.everywhere(Why.DISCLOSURE)
def published_paper_file(number: str, form: str) -> PaperFile:
    """Give one of the files of a paper to everybody.

    Args:
        number: of the paper.
        form: "pdf" or "docx".

    Raises:
        Refused: NO_SUCH_PAPER when there is none, or it is addressed to one organisation.
    """
    found = PaperContent.objects.filter(paper__number=number, paper__kind__in=PUBLISHED).select_related("paper")
    row = found.first() if form.upper() in _MIME else None
    if row is None:
        raise Refused(PaperRefusal.NO_SUCH_PAPER, paper=number)
    is_pdf = form.upper() == PaperForm.PDF
    content, sha256 = (row.pdf, row.paper.pdf_sha256) if is_pdf else (row.docx, row.paper.docx_sha256)
    return PaperFile(f"{number}.{form}", _MIME[PaperForm(form.upper())], bytes(content), sha256)


def _copies(rows: QuerySet[PaperContent]) -> tuple[PaperCopy, ...]:
    found = rows.select_related("paper__issuer", "addressee").prefetch_related("paper__twins").defer("pdf", "docx")
    listed = list(found.order_by("-paper"))
    notices = {row.number: row for row in Notice.objects.filter(number__in=[one.notice for one in listed])}
    return tuple(_copy(row, notices[row.notice]) for row in listed)


def _copy(row: PaperContent, notice: Notice) -> PaperCopy:
    return PaperCopy(
        row=_row(row.paper),
        addressee=row.addressee.uscc,
        content=row.content,
        initiator=row.initiator,
        approver=row.approver,
        notice=row.notice,
        served_at=notice.read_at,
        served_by=notice.read_by,
    )


def _row(row: Paper) -> PaperRow:
    return PaperRow(
        number=row.number,
        kind=PaperKind(row.kind),
        issuer=row.issuer.uscc,
        digest=row.digest,
        pdf_sha256=row.pdf_sha256,
        docx_sha256=row.docx_sha256,
        issued_at=row.issued_at,
        leaf=row.leaf_hash,
        twins=tuple(_twin(one) for one in sorted(row.twins.all(), key=lambda one: one.bound_at)),
    )


def _twin(row: PaperTwin) -> TwinRow:
    return TwinRow(
        kind=SealKind(row.kind),
        digest=row.digest,
        public_key=row.public_key,
        signature=row.signature,
        scan_sha256=row.scan_sha256,
        bound_at=row.bound_at,
        leaf=row.leaf_hash,
    )
