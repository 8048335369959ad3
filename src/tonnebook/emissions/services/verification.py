"""Verify: the authority assigns an independent body, which plans its work and signs an opinion by three people."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from tonnebook import rulebook
from tonnebook.core import independence, mandates, periods, reporting, roles
from tonnebook.core.errors import Refused
from tonnebook.core.independence import IndependenceRefusal, Relations, Task
from tonnebook.core.roles import Act, Actor, MemberRefusal, OrganisationKind
from tonnebook.emissions import queries
from tonnebook.emissions.models import Determination, VerifierAssignment
from tonnebook.emissions.services.locks import lock_years
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer, Entry
from tonnebook.journal.tenancy import Why
from tonnebook.members import queries as members


@journal.command("emissions.assign_verifiers")
def assign_verifiers(
    actor: Actor, *, region: str, year: int, assignments: Mapping[str, str], draw: str = "", key: str, now: datetime
) -> Answer:
    """Assign verifiers to the reports of many entities.

    Args:
        actor: officer of the region.
        region: region code.
        year: compliance year.
        assignments: verifier's code by entity's code.
        draw: number of the draw by lot they come from; empty when somebody chose.
        key: idempotency key.
        now: when.

    Returns:
        {"assigned": count}.

    Raises:
        Refused: NOT_PERMITTED or NOT_YOUR_REGION; NO_SUCH_ORGANISATION; ALREADY_DETERMINED or ALREADY_ASSIGNED as
            `core.reporting.check_assignment`, WRITER_NOT_INDEPENDENT as `core.mandates.check_writers`, and what
            `core.independence.check` refuses, for the first entity by code.

    Source: S65 (independence); invariant C4; rule book `verification.paid_by`.
    """
    del key
    roles.check(actor, Act.ASSIGN_VERIFIER, region=region)
    lock_years(region, [year])
    today = periods.day_of(now)
    _check(region, year, assignments, today)
    pairs, payer = sorted(assignments.items()), payer_of(region, year, today)
    VerifierAssignment.objects.bulk_create(
        VerifierAssignment(
            entity_id=entity,
            region=region,
            year=year,
            verifier_id=verifier,
            assigned_at=now,
            payer=payer,
            draw=draw,
            ground="",
        )
        for entity, verifier in pairs
    )
    kind = "emissions.verifier.assigned"
    shared = {"year": year, "payer": payer, "draw": draw, "by": actor.person}
    journal.append_many([Entry(kind, {"entity": one, "verifier": body, **shared}) for one, body in pairs], now=now)
    return {"assigned": len(pairs)}


def payer_of(region: str, year: int, today: date) -> str:
    """Give who pays for verification in a region: AUTHORITY or ENTITY."""
    return rulebook.at(region, on=today, year=year).text("verification.paid_by")


@tenancy.everywhere(Why.INDEPENDENCE)
def require_independent(
    entities: Sequence[str], year: int, body: str, people: Mapping[str, frozenset[str]], *, region: str, today: date
) -> None:
    """Refuse a body that may not verify some companies, at the signature as at the assignment.

    A verifier is shown neither mandates nor what others declared; whether they tie it to a company is asked all the
    same.

    Args:
        entities: the companies (unified social credit codes).
        year: compliance year.
        body: the verification body.
        people: numbers of those who take part, by company; who is left out has no team yet.
        region: region code.
        today: day in the region's zone.

    Raises:
        Refused: WRITER_NOT_INDEPENDENT, or what `core.independence.check` refuses, for the first company by code.

    Source: S65; invariant C4.
    """
    limits = independence.limits_of(rulebook.at(region, on=today, year=year))
    standing = queries.standings([body], OrganisationKind.VERIFIER).get(body)
    known = members.organisations_named(entities)
    ties = queries.relations(entities, [body], year)
    writers = queries.writers_of(entities, year, today)
    for entity in sorted(entities):
        found = ties[entity, body]
        _check_writers(entity, year, body, writers, found)
        task = Task(entity, year, known[entity].sector, body, people.get(entity, frozenset()), today)
        independence.check(task, standing, found, limits)


def _check(region: str, year: int, assignments: Mapping[str, str], today: date) -> None:
    # As many queries for any number of entities.
    of_year = {"year": year, "entity__uscc__in": list(assignments)}
    known = members.organisations_named([*assignments, *assignments.values()])
    for entity in sorted(assignments):
        if entity not in known or known[entity].region != region:
            raise Refused(MemberRefusal.NO_SUCH_ORGANISATION, uscc=entity)
    assigned = set(VerifierAssignment.objects.filter(**of_year, ended_at=None).values_list("entity__uscc", flat=True))
    determined = set(Determination.objects.filter(**of_year).values_list("entity__uscc", flat=True))
    bodies, entities = sorted(set(assignments.values())), list(assignments)
    standings = queries.standings(bodies, OrganisationKind.VERIFIER)
    ties, writers = queries.relations(entities, bodies, year), queries.writers_of(entities, year, today)
    limits = independence.limits_of(rulebook.at(region, on=today, year=year))
    for entity, body in sorted(assignments.items()):
        reporting.check_assignment(entity, year, is_assigned=entity in assigned, is_determined=entity in determined)
        if body not in known or known[body].region != region:
            raise Refused(IndependenceRefusal.BODY_NOT_ADMITTED, body=body)
        _check_writers(entity, year, body, writers, ties[entity, body])
        task = Task(entity, year, known[entity].sector, body, frozenset(), today)
        independence.check(task, standings.get(body), ties[entity, body], limits)


def _check_writers(entity: str, year: int, body: str, writers: Mapping[str, frozenset[str]], found: Relations) -> None:
    some = writers.get(entity, frozenset())
    mandates.check_writers(entity=entity, year=year, verifier=body, writers=some, controllers=found.controllers)
