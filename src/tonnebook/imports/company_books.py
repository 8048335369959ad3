"""Post what companies keep in Excel through the services: entities with their accounts and facilities, and reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tonnebook.core.canonical import Json
from tonnebook.core.ledger import AccountType
from tonnebook.core.mrv import LineKind, OutputRow, SourceLine
from tonnebook.core.roles import SYSTEM, Actor, OrganisationKind, Role
from tonnebook.emissions import services as emissions
from tonnebook.emissions.services import FacilityDraft, ReportLine
from tonnebook.imports.workbook import Filled, Line
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.members import queries as people
from tonnebook.members import services as members
from tonnebook.members.services import OrganisationDraft
from tonnebook.registry import services as registry
from tonnebook.registry.services import AccountDraft

_ACCOUNT_TYPES = (AccountType.HOLDING, AccountType.CLIENT_CASH)


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """The annual report of one entity: its source lines and what was made."""

    entity: str
    year: int
    lines: tuple[ReportLine, ...]
    outputs: tuple[OutputRow, ...]


@journal.command("imports.entities")
def load_entities(
    actor: Actor,
    *,
    entities: Sequence[OrganisationDraft],
    facilities: Sequence[FacilityDraft],
    key: str,
    now: datetime,
) -> Answer:
    """Register entities, open their accounts and register their facilities, all or none.

    Args:
        actor: the system; by hand an entity is registered by two people.
        entities: any number.
        facilities: of these entities or of others registered before.
        key: idempotency key.
        now: when.

    Returns:
        {"entities", "accounts", "facilities"}, counts.

    Raises:
        Refused: what `members.register_organisations`, `registry.open_books` and `emissions.register_facilities`
            refuse.

    Source: design choice, no legal source.
    """
    members.register_organisations(actor, drafts=entities, key=key, now=now)
    opened = 0
    for region in sorted({entity.region for entity in entities}):
        drafts = [
            AccountDraft(type_, region, entity.uscc)
            for entity in entities
            if entity.region == region
            for type_ in _ACCOUNT_TYPES
        ]
        registry.open_books(actor, region=region, drafts=drafts, key=key, now=now)
        opened += len(drafts)
    emissions.register_facilities(actor, drafts=facilities, key=key, now=now)
    return {"entities": len(entities), "accounts": opened, "facilities": len(facilities)}


@journal.command("imports.reports")
def load_reports(actor: Actor, *, reports: Sequence[ReportDraft], key: str, now: datetime) -> Answer:
    """Submit annual reports, all or none; each is computed and kept as if it had been typed in.

    Args:
        actor: representative of the one entity; or the system, which enters them on behalf of each entity.
        reports: any number.
        key: idempotency key.
        now: when.

    Returns:
        {"reports": numbers, "total_t": tonnes of them all}.

    Raises:
        Refused: what `emissions.submit_report` refuses.

    Source: design choice, no legal source.
    """
    answers = [
        emissions.submit_report(
            _for(actor, report.entity),
            entity=report.entity,
            year=report.year,
            lines=report.lines,
            outputs=report.outputs,
            key=key,
            now=now,
        )
        for report in reports
    ]
    numbers: list[Json] = [answer["report"] for answer in answers]
    return {"reports": numbers, "total_t": sum(int(str(answer["total_t"])) for answer in answers)}


def entity_drafts(filled: Filled) -> tuple[list[OrganisationDraft], list[FacilityDraft]]:
    """Turn the rows of the template `entities` into drafts."""
    entities = [
        OrganisationDraft(
            line.text("uscc"),
            line.text("name_zh"),
            line.text("name_en"),
            OrganisationKind.ENTITY,
            line.text("region"),
            line.text("district"),
            line.text("sector"),
        )
        for line in filled.sheets["entities"]
    ]
    facilities = [
        FacilityDraft(
            line.text("facility"),
            line.text("uscc"),
            line.text("name_zh"),
            line.text("name_en"),
            line.text("sector"),
            line.day("from_on"),
        )
        for line in filled.sheets["facilities"]
    ]
    return entities, facilities


def report_drafts(filled: Filled) -> list[ReportDraft]:
    """Turn the rows of the template `reports` into one draft for each entity and year, in order of the file."""
    places = dict.fromkeys((line.text("uscc"), line.year()) for lines in filled.sheets.values() for line in lines)
    return [
        ReportDraft(
            entity,
            year,
            tuple(_source(line) for line in filled.sheets["lines"] if _is_of(line, entity, year)),
            tuple(_output(line) for line in filled.sheets["outputs"] if _is_of(line, entity, year)),
        )
        for entity, year in places
    ]


# The system has no person behind it: the log says that the report was entered by SYSTEM.
def _for(actor: Actor, entity: str) -> Actor:
    if actor != SYSTEM:
        return actor
    region = people.organisation(entity).region
    return Actor(SYSTEM.person, entity, OrganisationKind.ENTITY, frozenset({Role.REPRESENTATIVE}), region)


def _is_of(line: Line, entity: str, year: int) -> bool:
    return line.text("uscc") == entity and line.year() == year


def _source(line: Line) -> ReportLine:
    source = SourceLine(
        LineKind(line.text("kind")),
        line.text("name"),
        line.quantity(),
        line.text("unit"),
        line.number("ncv"),
        line.number("carbon_content"),
        line.number("oxidation"),
    )
    return ReportLine(line.text("facility"), source)


def _output(line: Line) -> OutputRow:
    return OutputRow(line.text("product"), line.quantity(), line.text("unit"))
