"""Make a certificate of compliance (履约证明): anybody can check it by its number, its code or its file."""

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext

from tonnebook.compliance.queries import histories
from tonnebook.core.canonical import Json
from tonnebook.core.documents import DocumentKind, IssuedRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor
from tonnebook.core.surrender import StatusCode
from tonnebook.core.year_status import Mark, YearStanding
from tonnebook.faces import documents, formats, labels
from tonnebook.faces.templatetags.tonnebook import region_name
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.members import queries as members_queries
from tonnebook.members import services as members
from tonnebook.registry import services as registry


@journal.command("compliance.issue_certificate")
def issue_certificate(
    actor: Actor, *, entity: str, year: int, language: str, site: str, key: str, now: datetime
) -> Answer:
    """Make the certificate that an entity met the duty of a year, as a PDF/A that anybody can check.

    Args:
        actor: of the entity, the authority or the registrar.
        entity: unified social credit code.
        year: compliance year.
        language: "zh-hans" or "en".
        site: address of these pages, such as "https://registry.example", for the code to be scanned.
        key: idempotency key.
        now: when.

    Returns:
        `document`, `digest` (SHA-256, hexadecimal) and `leaf`.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, NOT_YOUR_ORGANISATION; DUTY_NOT_MET until the year is settled and
            nothing is missing.

    Source: design choice, no legal source (feature S14).
    """
    del key
    region = members.require(actor, Act.TAKE_STATEMENT, organisation=entity)
    found = histories.history(entity, region=region, year=year, now=now).standing
    if found.letter is not StatusCode.A or Mark.SETTLED not in found.marks:
        raise Refused(IssuedRefusal.DUTY_NOT_MET, entity=entity, year=year)
    number = registry.take_document_number()
    with translation.override(language):
        data = _sheet(entity, region, year, found, now) | registry.check_block(number, site)
        title = f"{data['title']} {year}"
    content = documents.pdf("compliance/certificate", data, made_at=now)
    kind = DocumentKind.COMPLIANCE
    issued = registry.keep_issued(
        actor, number=number, kind=kind, title=title, content=content, organisation=entity, now=now
    )
    return {"document": issued.number, "digest": issued.digest, "leaf": issued.leaf}


def _sheet(entity: str, region: str, year: int, found: YearStanding, now: datetime) -> dict[str, Json]:
    holder = members_queries.organisation(entity)
    is_chinese = formats.is_chinese(translation.get_language())
    facts: list[Json] = [
        [gettext("Unified social credit code"), entity],
        [gettext("Compliance year"), str(year)],
        [gettext("Obligation"), _tonnes(found.obligation_t)],
        [gettext("Surrendered"), _tonnes(found.surrendered_t)],
        [gettext("of it credits"), _tonnes(found.credits_t)],
        [gettext("State"), labels.label(found.code)],
        [gettext("Made"), formats.moment(now).text],
    ]
    return {
        "title": gettext("Certificate of compliance"),
        "issuer": gettext("Carbon registry of %(region)s") % {"region": region_name(region)},
        "language": "zh" if is_chinese else "en",
        "holder": holder.name_zh if is_chinese else holder.name_en,
        "statement": gettext("has met its duty to surrender for the compliance year %(year)s.") % {"year": year},
        "facts": facts,
    }


# In full: whoever reads a certificate compares it with a table.
def _tonnes(quantity_t: int) -> str:
    return gettext("%(quantity)s t") % {"quantity": formats.grouped(quantity_t)}
