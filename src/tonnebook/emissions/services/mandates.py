"""Mandates: a company lets a report writer draft its reports, takes that back, and what a mandate lets do."""

from collections.abc import Sequence
from datetime import date, datetime

from tonnebook.core import canonical, identity, mandates, mrv, periods, reporting, roles
from tonnebook.core.errors import Refused
from tonnebook.core.mandates import Giving, MandateRefusal
from tonnebook.core.mrv import OutputRow
from tonnebook.core.roles import Act, Actor, OrganisationKind
from tonnebook.emissions import queries
from tonnebook.emissions.models import Mandate, ReportDraft, VerifierAssignment
from tonnebook.emissions.services import bodies, reports
from tonnebook.emissions.services.drafts import ReportLine
from tonnebook.emissions.services.locks import lock_years
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import queries as members
from tonnebook.members.services import require


@journal.command("emissions.give_mandate")
def give_mandate(
    actor: Actor, *, writer: str, first_year: int, last_year: int, until_on: date, key: str, now: datetime
) -> Answer:
    """Let a report writer draft one's own emission reports of some years.

    Args:
        actor: representative of the company.
        writer: unified social credit code of the report writing firm.
        first_year: first compliance year.
        last_year: last compliance year.
        until_on: last day on which the mandate holds.
        key: idempotency key.
        now: when.

    Returns:
        {"mandate": number}.

    Raises:
        Refused: NOT_PERMITTED; NOT_A_REPORT_WRITER, MANDATE_YEARS_UNFIT, MANDATE_OVER_ALREADY or ALREADY_MANDATED as
            `core.mandates.check_giving`; WRITER_NOT_INDEPENDENT when the verifier assigned to one of the years is
            related to the writer.

    Source: S65 (independence); the mandate itself is a design choice, no legal source.
    """
    del key
    entity, today = actor.organisation, periods.day_of(now)
    region = require(actor, Act.GIVE_MANDATE, organisation=entity)
    known = members.organisations_named([writer]).get(writer)
    is_writer = known is not None and known.region == region
    is_writer = is_writer and bodies.is_on_register(writer, OrganisationKind.REPORT_WRITER, today)
    years = range(first_year, last_year + 1)
    lock_years(region, years[: mandates.YEARS_MAX])
    is_held = any(queries.mandate_for(entity, writer, year, today) for year in years[: mandates.YEARS_MAX])
    mandates.check_giving(Giving(entity, writer, first_year, last_year, until_on, is_writer, is_held, today))
    _check_verifiers(entity, years, writer)
    (count,) = journal.next_counts("emissions_mandate_number", 1)
    row = Mandate.objects.create(
        number=identity.numbered("MD", count),
        entity_id=entity,
        region=region,
        writer_id=writer,
        first_year=first_year,
        last_year=last_year,
        until_on=until_on,
        given_by=actor.person,
        given_at=now,
    )
    journal.append(_entry(row, "given", actor), now=now)
    return {"mandate": row.number}


@journal.command("emissions.withdraw_mandate")
def withdraw_mandate(actor: Actor, *, mandate: str, key: str, now: datetime) -> Answer:
    """Take a mandate back; what was drafted under it stays with the company.

    Args:
        actor: representative of the company that gave it.
        mandate: number.
        key: idempotency key.
        now: when.

    Returns:
        {"mandate": number}.

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_MANDATE when the company has given none of that number, or it holds no more.

    Source: design choice, no legal source.
    """
    del key
    roles.check(actor, Act.GIVE_MANDATE)
    given = Mandate.objects.select_for_update().filter(number=mandate, entity__uscc=actor.organisation)
    row = given.filter(withdrawn_at=None, until_on__gte=periods.day_of(now)).first()
    if row is None:
        raise Refused(MandateRefusal.NO_SUCH_MANDATE, mandate=mandate)
    row.withdrawn_at = now
    row.save(update_fields=["withdrawn_at"])
    journal.append(_entry(row, "withdrawn", actor), now=now)
    return {"mandate": mandate}


@journal.command("emissions.file_draft")
def file_draft(
    actor: Actor,
    *,
    entity: str,
    year: int,
    lines: Sequence[ReportLine],
    outputs: Sequence[OutputRow],
    key: str,
    now: datetime,
) -> Answer:
    """File a draft of a company's annual report, for the company to check and to submit by itself.

    Args:
        actor: report writer with a mandate.
        entity: whose report (unified social credit code).
        year: compliance year.
        lines: activity data per facility.
        outputs: what was made, per product.
        key: idempotency key.
        now: when.

    Returns:
        {"draft": number, "total_t", "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED; NO_MANDATE; FACILITY_OF_ANOTHER or ALREADY_DETERMINED as `core.reporting.check_report`;
            what `core.mrv.emissions` and `core.mrv.outputs_by_product` refuse.

    Source: S57 as `core.mrv.emissions` computes it; drafts are a design choice, no legal source.
    """
    del key
    lock_years(actor.region, [year])
    mandate = require_mandate(actor, entity=entity, year=year, now=now)
    facts, _ = reports.facts_of(entity, year, lines, periods.day_of(now), is_draft=True)
    reporting.check_report(facts)
    result = mrv.emissions([line.source for line in lines], queries.rules_of(actor.region, year))
    count = ReportDraft.objects.filter(entity__uscc=entity, year=year).count() + 1
    row = ReportDraft.objects.create(
        number=f"RD-{year}-{entity}-{count}",
        entity_id=entity,
        region=actor.region,
        year=year,
        count=count,
        mandate=Mandate.objects.get(number=mandate),
        lines=canonical.plain(lines),
        outputs=canonical.plain(list(mrv.outputs_by_product(outputs).values())),
        total_t=result.total.whole,
        filed_by=actor.person,
        filed_at=now,
    )
    told = {"draft": row.number, "entity": entity, "year": year, "writer": actor.organisation, "mandate": mandate}
    sealed = {"lines": row.lines, "outputs": row.outputs, "total_t": row.total_t, "by": actor.person}
    receipt = journal.append(Entry("emissions.draft.filed", told, sealed), now=now)
    return {"draft": row.number, "total_t": row.total_t, "receipt": receipt}


def require_mandate(actor: Actor, *, entity: str, year: int, now: datetime) -> str:
    """Refuse whoever writes for a company without a mandate that holds; the one check of who may write for others.

    Args:
        actor: report writer.
        entity: whose report (unified social credit code).
        year: compliance year.
        now: when.

    Returns:
        The number of the mandate.

    Raises:
        Refused: NOT_PERMITTED; NO_MANDATE when none was given, it was withdrawn, is over, or covers another year.

    Source: design choice, no legal source.
    """
    roles.check(actor, Act.WRITE_REPORT)
    held = queries.mandate_for(entity, actor.organisation, year, periods.day_of(now))
    if held is None:
        raise Refused(MandateRefusal.NO_MANDATE, entity=entity, year=year)
    return held.number


def _check_verifiers(entity: str, years: Sequence[int], writer: str) -> None:
    # Under the locks of the years: nobody is assigned between this look and the commit.
    assigned = VerifierAssignment.objects.filter(entity__uscc=entity, year__in=years, ended_at=None)
    verifiers = dict(assigned.order_by("year").values_list("year", "verifier__uscc"))
    controllers = dict(members.ties([writer, *verifiers.values()]))
    for year, verifier in verifiers.items():
        mandates.check_writers(entity=entity, year=year, verifier=verifier, writers=[writer], controllers=controllers)


def _entry(row: Mandate, what: str, actor: Actor) -> Entry:
    facts = {"mandate": row.number, "entity": row.entity_id, "writer": row.writer_id, "by": actor.person}
    years = {"first_year": row.first_year, "last_year": row.last_year, "until_on": row.until_on.isoformat()}
    return Entry(f"emissions.mandate.{what}", {**facts, **years})
