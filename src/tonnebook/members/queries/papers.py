"""Official papers: what everybody may know of them, and what those read whom they concern."""

import base64
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.papers import PUBLISHED, PaperForm, PaperKind, PaperRefusal
from tonnebook.core.roles import MAY, Act, Actor, Role
from tonnebook.core.seals import SealKind
from tonnebook.core.trail import LookKind
from tonnebook.faces import documents, ofd, ofd_seals, word
from tonnebook.journal import tenancy, trail
from tonnebook.journal.tenancy import Why
from tonnebook.members.models import Notice, Paper, PaperContent, PaperTwin


@dataclass(frozen=True, slots=True)
class TwinRow:
    """A seal of a paper with the key it was checked with, or the digest of the scan of its stamped print.

    `file_sha256` is the digest of its OFD file with the seal in it; None for any other seal.
    """

    kind: SealKind
    digest: str
    public_key: str
    signature: str
    scan_sha256: str
    file_sha256: str | None
    bound_at: datetime
    leaf: str


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A paper as everybody may know it; `leaf` is its hash in the public log, `issuer` a unified social credit code.

    `ofd_sm3` is what an electronic seal in its OFD file is over; papers issued before that form have neither.
    """

    number: str
    kind: PaperKind
    issuer: str
    digest: str
    pdf_sha256: str
    docx_sha256: str
    ofd_sha256: str | None
    ofd_sm3: str | None
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


_MIME = {PaperForm.PDF: "application/pdf", PaperForm.DOCX: word.MIME, PaperForm.OFD: ofd.MIME}


def issued_paper(asked: str) -> PaperRow | None:
    """Find a paper by its number, its digest or the digest of one of its files; None when there is no such paper."""
    found = Paper.objects.filter(number=asked)
    for column in ("digest", "pdf_sha256", "docx_sha256", "ofd_sha256", "twins__file_sha256"):
        found |= Paper.objects.filter(**{column: asked.lower()})
    row = found.select_related("issuer").prefetch_related("twins").distinct().first()
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
        form: "pdf", "docx" or "ofd"; "signing" for what an electronic seal in the OFD file signs; "sealed" for that
            file with the seal in it.

    Raises:
        Refused: NO_SUCH_PAPER as `paper_within`, for any other form, and for one that was not made of it.
    """
    row = paper_within(actor, number).row
    return _OF_SEAL[form](row) if form in _OF_SEAL else _file(row, form)


@tenancy.everywhere(Why.DISCLOSURE)
def published_paper_file(number: str, form: str) -> PaperFile:
    """Give one of the files of a paper to everybody.

    Args:
        number: of the paper.
        form: "pdf", "docx" or "ofd".

    Raises:
        Refused: NO_SUCH_PAPER when there is none, it is addressed to one organisation, or was not made of that form.
    """
    found = Paper.objects.filter(number=number, kind__in=PUBLISHED).select_related("issuer").prefetch_related("twins")
    row = found.first()
    if row is None:
        raise Refused(PaperRefusal.NO_SUCH_PAPER, paper=number)
    return _file(_row(row), form)


def _file(row: PaperRow, form: str) -> PaperFile:
    sums = {PaperForm.PDF: row.pdf_sha256, PaperForm.DOCX: row.docx_sha256, PaperForm.OFD: row.ofd_sha256}
    wanted = next((one for one in PaperForm if one.value.lower() == form), None)
    if wanted is None or not (sha256 := sums[wanted]):
        raise Refused(PaperRefusal.NO_SUCH_PAPER, paper=f"{row.number}.{form}")
    content = PaperContent.objects.values_list(form, flat=True).get(paper__number=row.number)
    return PaperFile(f"{row.number}.{form}", _MIME[wanted], bytes(content), sha256)


def sealed_file(number: str, signature: str) -> bytes:
    """Give the OFD file of a paper with an electronic seal in it.

    Args:
        number: of the paper.
        signature: the seal, Base64.
    """
    file, at = PaperContent.objects.values_list("ofd", "paper__issued_at").get(paper__number=number)
    return ofd_seals.sealed(bytes(file or b""), issued_at=at, value=base64.b64decode(signature))


def _sealed(row: PaperRow) -> PaperFile:
    put = next((one for one in row.twins if one.file_sha256), None)
    if put is None:
        raise Refused(PaperRefusal.NO_SUCH_PAPER, paper=f"{row.number}.sealed")
    file = sealed_file(row.number, put.signature)
    return PaperFile(f"{row.number}.sealed.ofd", ofd.MIME, file, str(put.file_sha256))


# Whoever makes the seal signs these bytes; their SM3 is in the log since the paper was issued.
def _signing(row: PaperRow) -> PaperFile:
    if row.ofd_sm3 is None:
        raise Refused(PaperRefusal.NO_SUCH_PAPER, paper=f"{row.number}.signing")
    file = PaperContent.objects.values_list("ofd", flat=True).get(paper__number=row.number)
    text = ofd_seals.description(bytes(file or b""), issued_at=row.issued_at)
    return PaperFile(f"{row.number}.signing.xml", "application/xml", text, documents.digest(text))


_OF_SEAL = {"sealed": _sealed, "signing": _signing}


def _copies(rows: QuerySet[PaperContent]) -> tuple[PaperCopy, ...]:
    found = rows.select_related("paper__issuer", "addressee").prefetch_related("paper__twins")
    listed = list(found.defer("pdf", "docx", "ofd").order_by("-paper"))
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
        ofd_sha256=row.ofd_sha256,
        ofd_sm3=row.ofd_sm3,
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
        file_sha256=row.file_sha256,
        bound_at=row.bound_at,
        leaf=row.leaf_hash,
    )
