"""Verify: the authority assigns an independent verifier, who signs an opinion on exactly one version."""

import itertools
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import connection

from tonnebook.core import canonical, mandates, periods, reporting, roles
from tonnebook.core.errors import Refused
from tonnebook.core.reporting import ReportingRefusal, Verdict
from tonnebook.core.roles import Act, Actor, Ask, MemberRefusal, OrganisationKind
from tonnebook.emissions import queries
from tonnebook.emissions.models import Determination, EmissionReport, Verification, VerifierAssignment
from tonnebook.emissions.services.drafts import Finding
from tonnebook.emissions.services.locks import lock_years
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer, Entry
from tonnebook.journal.tenancy import Why
from tonnebook.members import queries as members
from tonnebook.members import services as membership


@journal.command("emissions.assign_verifiers")
def assign_verifiers(
    actor: Actor, *, region: str, year: int, assignments: Mapping[str, str], key: str, now: datetime
) -> Answer:
    """Assign verifiers to the reports of many entities.

    Args:
        actor: officer of the region.
        region: region code.
        year: compliance year.
        assignments: verifier's code by entity's code.
        key: idempotency key.
        now: when.

    Returns:
        {"assigned": count}.

    Raises:
        Refused: NOT_PERMITTED or NOT_YOUR_REGION; NO_SUCH_ORGANISATION; ALREADY_DETERMINED, NO_SUCH_VERIFIER,
            NOT_INDEPENDENT or ALREADY_ASSIGNED as `core.reporting.check_assignment`, and WRITER_NOT_INDEPENDENT as
            `core.mandates.check_writers`, for the first entity by code.

    Source: S65 (independence).
    """
    del key
    roles.check(actor, Act.ASSIGN_VERIFIER, region=region)
    lock_years(region, [year])
    _check(region, year, assignments, periods.day_of(now))
    pairs = sorted(assignments.items())
    VerifierAssignment.objects.bulk_create(
        VerifierAssignment(entity_id=entity, region=region, year=year, verifier_id=verifier, assigned_at=now)
        for entity, verifier in pairs
    )
    kind = "emissions.verifier.assigned"
    facts_of = [
        {"entity": entity, "year": year, "verifier": verifier, "by": actor.person} for entity, verifier in pairs
    ]
    journal.append_many([Entry(kind, facts) for facts in facts_of], now=now)
    return {"assigned": len(pairs)}


@journal.command("emissions.sign_opinion")
def sign_opinion(
    actor: Actor,
    *,
    report: str,
    verdict: Verdict,
    verified_t: int,
    findings: Sequence[Finding] = (),
    key: str,
    now: datetime,
) -> Answer:
    """Sign the opinion on one version of a report.

    Args:
        actor: verifier of the assigned organisation.
        report: number of the version.
        verdict: what the verification concludes.
        verified_t: tonnes the verifier stands for; not used when the verdict is NOT_VERIFIED.
        findings: what was found; at least one unless the verdict is satisfactory.
        key: idempotency key.
        now: when.

    Returns:
        {"report": number, "verdict": code, "digest": of the signed version, "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_REPORT; ALREADY_DETERMINED; NOT_INDEPENDENT, NOT_ASSIGNED, VERSION_SUPERSEDED,
            ALREADY_SIGNED, FIGURE_DIFFERS or FINDING_MISSING as `core.reporting.check_opinion`; WRITER_NOT_INDEPENDENT
            as `core.mandates.check_writers`; SECOND_FACTOR_NEEDED.

    Source: S65; S70 for the opinion model.
    """
    del key
    roles.check(actor, Act.SIGN_OPINION)
    row = EmissionReport.objects.filter(number=report).defer("lines", "outputs", "electricity", "traces").first()
    if row is None:
        raise Refused(ReportingRefusal.NO_SUCH_REPORT, report=report)
    lock_years(row.region, [row.year])
    entity, year, verifier = row.entity_id, row.year, actor.organisation
    writers = _writers(entity, year, periods.day_of(now))
    controllers = members.controllers_of([entity, verifier, *writers])
    reporting.check_opinion(_opinion(row, verifier, verdict, verified_t, len(findings), controllers))
    mandates.check_writers(entity=entity, year=year, verifier=verifier, writers=writers, controllers=controllers)
    told = {"report": report, "digest": row.digest, "verdict": verdict.value, "verified_t": verified_t}
    asked = Ask("emissions.sign_opinion", {**told, "findings": canonical.plain(findings)})
    membership.require_signed(actor, Act.SIGN_OPINION, now=now, ask=asked)
    Verification.objects.create(
        report=row,
        verifier_id=actor.organisation,
        verdict=verdict.value,
        verified_t=verified_t,
        findings=canonical.plain(findings),
        report_digest=row.digest,
        signed_by=actor.person,
        signed_at=now,
    )
    facts = {"entity": row.entity_id, "year": row.year, "report": report, "verifier": actor.organisation}
    sealed = {"digest": row.digest, "verdict": verdict, "verified_t": verified_t, "findings": findings}
    receipt = journal.append(Entry("emissions.opinion.signed", facts, {**sealed, "by": actor.person}), now=now)
    return {"report": report, "verdict": verdict.value, "digest": row.digest, "receipt": receipt}


# A verifier is shown neither mandates nor drafts; whether one of its house wrote the report is asked all the same.
@tenancy.everywhere(Why.INDEPENDENCE)
def _writers(entity: str, year: int, today: date) -> frozenset[str]:
    return queries.writers_of([entity], year, today).get(entity, frozenset())


def _check(region: str, year: int, assignments: Mapping[str, str], today: date) -> None:
    # As many queries for any number of entities.
    of_year = {"year": year, "entity__uscc__in": list(assignments)}
    known = members.organisations_named([*assignments, *assignments.values()])
    for entity in sorted(assignments):
        if entity not in known or known[entity].region != region:
            raise Refused(MemberRefusal.NO_SUCH_ORGANISATION, uscc=entity)
    writers = queries.writers_of(list(assignments), year, today)
    controllers = members.controllers_of([*assignments, *assignments.values(), *itertools.chain(*writers.values())])
    assigned = set(VerifierAssignment.objects.filter(**of_year).values_list("entity__uscc", flat=True))
    determined = set(Determination.objects.filter(**of_year).values_list("entity__uscc", flat=True))
    for entity, verifier in sorted(assignments.items()):
        facts = reporting.Assignment(
            entity=entity,
            year=year,
            verifier=verifier,
            is_verifier=verifier in known and known[verifier].kind is OrganisationKind.VERIFIER,
            is_assigned=entity in assigned,
            is_determined=entity in determined,
            controllers=controllers,
        )
        reporting.check_assignment(facts)
        some = writers.get(entity, frozenset())
        mandates.check_writers(entity=entity, year=year, verifier=verifier, writers=some, controllers=controllers)


_STANDING = """
SELECT coalesce((SELECT verifier_id FROM emissions_verifierassignment
                 WHERE entity_id = %(entity)s AND year = %(year)s), ''),
       EXISTS (SELECT FROM emissions_emissionreport
               WHERE entity_id = %(entity)s AND year = %(year)s AND version > %(version)s),
       EXISTS (SELECT FROM emissions_verification WHERE report_id = %(id)s)
"""


def _opinion(
    row: EmissionReport, verifier: str, verdict: Verdict, verified_t: int, findings: int, controllers: Mapping[str, str]
) -> reporting.Opinion:
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, {"entity": row.entity_id, "year": row.year, "version": row.version, "id": row.pk})
        assigned, is_superseded, is_signed = cursor.fetchone()
    return reporting.Opinion(
        report=row.number,
        entity=row.entity_id,
        verifier=verifier,
        assigned=assigned,
        is_latest=not is_superseded,
        is_signed=is_signed,
        verdict=verdict,
        verified_t=verified_t,
        total_t=row.total_t,
        findings=findings,
        controllers=controllers,
    )
