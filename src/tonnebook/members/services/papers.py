"""Issue official papers: drafted by one, signed by another, numbered without a gap, then never changed.

A paper is made as PDF, Word and OFD file from one content; the digest of the content is printed in each, stands in the
public log, and is what the body's seal and its stamped print are about.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import cast

from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext

from tonnebook import rulebook
from tonnebook.core import canonical, papers, periods
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.notices import NoticeKind
from tonnebook.core.papers import Annex, Draft, Figure, PaperKind, PaperRefusal
from tonnebook.core.roles import AccessRefusal, Act, Actor
from tonnebook.core.seals import SealKind
from tonnebook.faces import documents, formats, labels, ofd, ofd_seals, word
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import queries
from tonnebook.members.models import Organisation, Paper, PaperContent, PaperTwin, Person
from tonnebook.members.services import seals
from tonnebook.members.services.notices import NoticeDraft, notify
from tonnebook.members.services.people import ApprovedBy, require, use_approval

_TEMPLATE = "members/paper"


@journal.command("members.issue_paper")
def issue_paper(
    actor: Actor,
    *,
    region: str,
    issuer: str,
    organisation: str,
    paper_kind: PaperKind,
    language: str,
    subject: str,
    paragraphs: Sequence[str],
    figures: Sequence[Mapping[str, str]],
    annexes: Sequence[Mapping[str, Json]],
    site: str,
    approval: str,
    key: str,
    now: datetime,
) -> Answer:
    """Issue an official paper that one person drafted and another signed, and notify its addressee.

    Args:
        actor: officer or registrar of the region.
        region: of the addressee.
        issuer: the body that issues it (unified social credit code); both people belong to it.
        organisation: whom it is addressed to (unified social credit code).
        paper_kind: what it is about.
        language: of its text, "zh-hans" or "en".
        subject: its title.
        paragraphs: its text.
        figures: the values it states, as the fields of `core.papers.Figure`.
        annexes: its tables, as the fields of `core.papers.Annex`.
        site: address of these pages, for the code to be scanned.
        approval: number of the approval of exactly this.
        key: idempotency key.
        now: when.

    Returns:
        `paper` (its number), `digest`, `leaf` and `notice`.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, NO_SUCH_ORGANISATION; what `members.use_approval` refuses;
            SIGNERS_OF_TWO_BODIES; NO_SUCH_PARAMETER when the region's rules have no word for the body's numbers.
        ValueError: for a paper to everybody, which comes from the room of what it is about.

    Source: design choice, no legal source (feature O22).
    """
    del key
    require(actor, Act.ISSUE_PAPER, organisation=organisation)
    if paper_kind in papers.PUBLISHED:
        raise ValueError("a paper to everybody is not addressed to one organisation")
    values, tables = tuple(Figure(**one) for one in figures), tuple(_annex(one) for one in annexes)
    draft = Draft(paper_kind, language, subject, tuple(paragraphs), values, tables)
    asked = paper_payload(draft, region=region, issuer=issuer, organisation=organisation, site=site)
    signers = use_approval(approval, kind="members.issue_paper", payload=asked, now=now)
    return _issued(draft, issuer=issuer, organisation=organisation, signers=signers, site=site, now=now)


def publish_paper(draft: Draft, *, issuer: str, signers: ApprovedBy, site: str, now: datetime) -> Answer:
    """Issue a paper to everybody, inside the command of another room that two people of the body approved.

    Args:
        draft: what it says, of a kind in `core.papers.PUBLISHED`.
        issuer: the body that issues it (unified social credit code).
        signers: the two people.
        site: address of these pages, for the code to be scanned.
        now: when.

    Returns:
        As `issue_paper`; the body itself is notified.

    Raises:
        Refused: SIGNERS_OF_TWO_BODIES; NO_SUCH_PARAMETER when the region's rules have no word for the body's numbers.
        ValueError: for a paper to one organisation.

    Source: design choice, no legal source (features O22 and U12).
    """
    if draft.kind not in papers.PUBLISHED:
        raise ValueError("a paper to one organisation is not published")
    return _issued(draft, issuer=issuer, organisation=issuer, signers=signers, site=site, now=now)


def _issued(draft: Draft, *, issuer: str, organisation: str, signers: ApprovedBy, site: str, now: datetime) -> Answer:
    _check_signers(signers, issuer)
    body, addressee = _lock(issuer), Organisation.objects.get(uscc=organisation)
    paper, count = _numbered(body, addressee, draft, now=now)
    files, digests = _made(paper, site, now)
    facts = {"paper": paper.number, "kind": draft.kind, "issuer": issuer, **digests}
    facts |= {"by": signers.initiator, "approved_by": signers.approver}
    sealed = {"organisation": organisation, "subject": draft.subject}
    leaf = journal.append(Entry("members.paper.issued", facts, sealed), now=now)
    (notice,) = notify(NoticeKind.PAPER, [NoticeDraft(organisation, {"paper": paper.number})], now=now)
    proofs = {**digests, "issued_at": now, "leaf_hash": leaf}
    row = Paper.objects.create(
        number=paper.number, issuer=body, year=paper.issued_on.year, count=count, kind=draft.kind.value, **proofs
    )
    people = {"initiator": signers.initiator, "approver": signers.approver}
    PaperContent.objects.create(
        paper=row, addressee=addressee, content=canonical.plain(paper), notice=notice, **files, **people
    )
    return {"paper": paper.number, "digest": digests["digest"], "leaf": leaf, "notice": notice}


def paper_payload(draft: Draft, *, region: str, issuer: str, organisation: str, site: str) -> dict[str, object]:
    """Give the arguments of `issue_paper` that two people approve, for `members.propose`.

    Args:
        draft: what the paper says.
        region: of the addressee.
        issuer: the body that issues it.
        organisation: whom it is addressed to.
        site: address of these pages.
    """
    said = asdict(draft)
    return {
        "region": region,
        "issuer": issuer,
        "organisation": organisation,
        "paper_kind": said.pop("kind"),
        **said,
        "site": site,
    }


@journal.command("members.seal_paper")
def seal_paper(actor: Actor, *, paper: str, signature: str, key: str, now: datetime) -> Answer:
    """Put the electronic seal of the issuing body under a paper; the signature is made where its key is kept.

    Args:
        actor: officer or registrar of the issuing body.
        paper: number.
        signature: over `core.seals.message` of the paper's digest, or an electronic seal of GB/T 38540 over the SM3 of
            the description of its OFD file; Base64.
        key: idempotency key.
        now: when.

    Returns:
        {"paper": number, "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_PAPER; NOT_YOUR_ORGANISATION; BOUND_ALREADY; NO_SEAL_KEY;
            SEAL_OF_ANOTHER; SEAL_EXPIRED; SEAL_WRONG.

    Source: design choice, no legal source (features O19 and O22).
    """
    row = _lock_paper(actor, paper, SealKind.ELECTRONIC)
    placed = seals.seal(actor, digest=row.digest, signature=signature, file_sm3=row.ofd_sm3 or "", key=key, now=now)
    file = queries.sealed_file(row.number, signature) if placed["is_put"] else None
    made = {"signature": signature, "public_key": str(placed["public_key"])}
    return _bind(row, SealKind.ELECTRONIC, placed, now, **made, file_sha256=documents.digest(file) if file else None)


@journal.command("members.bind_print")
def bind_print(actor: Actor, *, paper: str, printed: str, document: str, key: str, now: datetime) -> Answer:
    """Bind the scan of the stamped print to a paper: its twin, known by the digest that stands on the print.

    Args:
        actor: officer or registrar of the issuing body.
        paper: number.
        printed: the first signs of the digest, as the print shows it.
        document: number of the scan among the documents of the issuing body.
        key: idempotency key.
        now: when.

    Returns:
        {"paper": number, "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_PAPER; NOT_YOUR_ORGANISATION; BOUND_ALREADY; PRINT_DIFFERS; what
            `members.require_documents` refuses.

    Source: design choice, no legal source (feature O22).
    """
    row = _lock_paper(actor, paper, SealKind.PAPER)
    papers.check_print(paper, digest=row.digest, printed=printed)
    placed = seals.seal_on_paper(actor, digest=row.digest, document=document, key=key, now=now)
    return _bind(row, SealKind.PAPER, placed, now, scan_sha256=queries.document(document).sha256)


def _annex(one: Mapping[str, Json]) -> Annex:
    columns, rows = cast(list[str], one["columns"]), cast(list[list[str]], one["rows"])
    return Annex(str(one["title"]), tuple(columns), tuple(tuple(row) for row in rows))


def _check_signers(signers: ApprovedBy, issuer: str) -> None:
    numbers = (signers.initiator, signers.approver)
    of = Person.objects.filter(number__in=numbers).values_list("organisation__uscc", flat=True)
    if set(of) != {issuer}:
        raise Refused(PaperRefusal.SIGNERS_OF_TWO_BODIES, issuer=issuer)


# Held until the paper is kept: the papers of one body are issued one after the other, so no number is skipped.
def _lock(issuer: str) -> Organisation:
    return Organisation.objects.select_for_update(no_key=True).get(uscc=issuer)


def _numbered(
    issuer: Organisation, addressee: Organisation, draft: Draft, *, now: datetime
) -> tuple[papers.Paper, int]:
    on = periods.day_of(now)
    last = Paper.objects.filter(issuer=issuer, year=on.year).aggregate(last=Max("count"))["last"]
    count = (last or 0) + 1
    rules, path = rulebook.at(issuer.region, on=on), f"papers.word.{issuer.kind.lower()}"
    stated, origin = rules.text(path), rules.origin(path)
    name = "name_zh" if formats.is_chinese(draft.language) else "name_en"
    paper = papers.Paper(
        number=papers.number(stated, on.year, count),
        word=Figure(path, stated, f"{origin.source} {origin.article}", origin.status),
        issuer=issuer.uscc,
        issuer_name=getattr(issuer, name),
        addressee=addressee.uscc,
        addressee_name=getattr(addressee, name),
        issued_on=on,
        draft=draft,
    )
    return paper, count


def _made(paper: papers.Paper, site: str, now: datetime) -> tuple[dict[str, bytes], dict[str, str]]:
    digest = canonical.digest(paper)
    with translation.override(paper.draft.language):
        data = _sheet(paper, digest, site)
    files = {
        "pdf": documents.pdf(_TEMPLATE, data, made_at=now),
        "docx": word.letter(data),
        "ofd": ofd.letter(data),
    }
    digests = {f"{form}_sha256": documents.digest(file) for form, file in files.items()}
    signed = ofd_seals.sm3(ofd_seals.description(files["ofd"], issued_at=now))
    return files, {"digest": digest, **digests, "ofd_sm3": signed.hex()}


def _sheet(paper: papers.Paper, digest: str, site: str) -> dict[str, Json]:
    draft = paper.draft
    return {
        "language": "zh" if formats.is_chinese(draft.language) else "en",
        "issuer": paper.issuer_name,
        "number": paper.number,
        "title": draft.subject,
        "addressee": _salutation(paper),
        "paragraphs": list(draft.paragraphs),
        "figures": _figures(draft.figures),
        "signed": [paper.issuer_name, _dated(paper.issued_on, draft.language)],
        "parts": [_part(count, annex) for count, annex in enumerate(draft.annexes, start=1)],
        "foot": gettext("Digest %(digest)s") % {"digest": digest},
        **documents.check_block(digest, site),
        "sentence": _sentence(paper.word),
    }


def _salutation(paper: papers.Paper) -> str:
    if paper.draft.kind in papers.PUBLISHED:
        return gettext("To all concerned:")
    return gettext("To %(name)s (%(code)s):") % {"name": paper.addressee_name, "code": paper.addressee}


def _figures(figures: Sequence[Figure]) -> Json:
    if not figures:
        return None
    columns: list[Json] = [gettext("What"), gettext("Value"), gettext("Where it stands")]
    rows: list[Json] = [[one.name, one.text, _where(one)] for one in figures]
    return {"title": gettext("Values"), "columns": columns, "rows": rows}


def _part(count: int, annex: Annex) -> Json:
    title = gettext("Annex %(count)s: %(title)s") % {"count": count, "title": annex.title}
    return {"title": title, "columns": list(annex.columns), "rows": [list(row) for row in annex.rows]}


# How sure we are of a rule stands on the paper as it does on the page; what is enacted needs no word.
def _where(figure: Figure) -> str:
    status = labels.label(figure.status, "Status") if figure.status not in ("", "enacted") else ""
    return " · ".join(filter(None, (figure.source, status)))


def _sentence(stated: Figure) -> str:
    check = gettext("The same digest stands in every file, on the stamped print and in the public log.")
    number = gettext("Word of the number: %(where)s") % {"where": _where(stated)}
    return f"{check} {number}"


def _dated(on: date, language: str) -> str:
    return f"{on.year}年{on.month}月{on.day}日" if formats.is_chinese(language) else on.isoformat()


def _lock_paper(actor: Actor, number: str, kind: SealKind) -> Paper:
    require(actor, Act.SEAL)
    row = Paper.objects.select_related("issuer").filter(number=number).first()
    if row is None:
        raise Refused(PaperRefusal.NO_SUCH_PAPER, paper=number)
    if row.issuer.uscc != actor.organisation:
        raise Refused(AccessRefusal.NOT_YOUR_ORGANISATION, own=actor.organisation)
    _lock(row.issuer.uscc)
    if PaperTwin.objects.filter(paper=row, kind=kind.value).exists():
        raise Refused(PaperRefusal.BOUND_ALREADY, paper=number, seal=kind.value)
    return row


def _bind(
    row: Paper,
    kind: SealKind,
    placed: Answer,
    now: datetime,
    *,
    signature: str = "",
    public_key: str = "",
    scan_sha256: str = "",
    file_sha256: str | None = None,
) -> Answer:
    facts = {"paper": row.number, "seal": kind, "digest": row.digest, "scan_sha256": scan_sha256}
    facts |= {"file_sha256": file_sha256} if file_sha256 else {}
    leaf = journal.append(Entry("members.paper.bound", {**facts, "placed": placed["receipt"]}), now=now)
    PaperTwin.objects.create(
        paper=row,
        kind=kind.value,
        digest=row.digest,
        public_key=public_key,
        signature=signature,
        scan_sha256=scan_sha256,
        file_sha256=file_sha256,
        bound_at=now,
        leaf_hash=leaf,
    )
    return {"paper": row.number, "receipt": leaf}
