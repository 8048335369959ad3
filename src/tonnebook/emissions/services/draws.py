"""Draw by lot: announce a draw with the commitment to its seed, hold it over the closed frame, publish everything.

The seed is drawn by the system and shown to nobody before the draw is held; what is in the log before is its SHA-256.
"""

import math
from datetime import date, datetime

from tonnebook import rulebook
from tonnebook.core import draw, identity, independence, periods, risks, roles
from tonnebook.core.canonical import Json
from tonnebook.core.draw import DrawKind, DrawRefusal, Name
from tonnebook.core.errors import Refused
from tonnebook.core.independence import Task
from tonnebook.core.roles import Act, Actor, OrganisationKind
from tonnebook.emissions import queries
from tonnebook.emissions.models import Draw
from tonnebook.emissions.services.locks import lock_years
from tonnebook.emissions.services.verification import assign_verifiers
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import queries as members


@journal.command("emissions.announce_draw")
def announce_draw(actor: Actor, *, region: str, year: int, kind: DrawKind, key: str, now: datetime) -> Answer:
    """Announce a draw: draw its seed and put the commitment to it into the log, before the frame is closed.

    Args:
        actor: officer of the region.
        region: region code.
        year: compliance year.
        kind: verifiers for the companies that wait for one, or companies for a re-check.
        key: idempotency key.
        now: when.

    Returns:
        {"draw": number, "commitment": SHA-256 of the seed, "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED or NOT_YOUR_REGION; DRAW_OPEN_ALREADY.

    Source: S06 Art. 31 (双随机、一公开); invariant C6.
    """
    del key
    roles.check(actor, Act.ASSIGN_VERIFIER, region=region)
    lock_years(region, [year])
    open_one = Draw.objects.filter(region=region, year=year, kind=kind.value, held_at=None).first()
    if open_one is not None:
        raise Refused(DrawRefusal.DRAW_OPEN_ALREADY, draw=open_one.number, year=year)
    seed = journal.draw_salt().hex()
    (count,) = journal.next_counts("emissions_draw_number", 1)
    number, told = identity.numbered("DR", count), draw.commitment(seed)
    facts = {"draw": number, "region": region, "year": year, "kind": kind.value, "commitment": told}
    receipt = journal.append(Entry("emissions.draw.announced", {**facts, "by": actor.person}), now=now)
    Draw.objects.create(
        number=number,
        region=region,
        year=year,
        kind=kind.value,
        seed=seed,
        commitment=told,
        receipt=receipt,
        announced_at=now,
    )
    return {"draw": number, "commitment": told, "receipt": receipt}


@journal.command("emissions.hold_draw")
def hold_draw(actor: Actor, *, number: str, key: str, now: datetime) -> Answer:
    """Hold an announced draw over the frame as it stands, publish it, and assign the bodies that were drawn.

    Args:
        actor: officer of the region.
        number: of the draw.
        key: idempotency key.
        now: when.

    Returns:
        {"draw": number, "drawn": count, "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED or NOT_YOUR_REGION; NO_SUCH_DRAW; ALREADY_DRAWN; NOTHING_TO_DRAW, WEIGHT_UNFIT or
            NOBODY_FREE as `core.draw`; what `assign_verifiers` refuses.

    Source: S06 Art. 31; rule book `verification.recheck_share`; invariant C6.
    """
    del key
    roles.check(actor, Act.ASSIGN_VERIFIER)
    row = Draw.objects.select_for_update().filter(number=number).first()
    if row is None:
        raise Refused(DrawRefusal.NO_SUCH_DRAW, draw=number)
    roles.check(actor, Act.ASSIGN_VERIFIER, region=row.region)
    if row.held_at is not None:
        raise Refused(DrawRefusal.ALREADY_DRAWN, draw=number)
    lock_years(row.region, [row.year])
    today = periods.day_of(now)
    if row.kind == DrawKind.VERIFIERS.value:
        frame = _companies(row.region, row.year, today)
        drawn = draw.assign(row.seed, frame)
        result, count = [[one, drawn[one]] for one in sorted(drawn)], len(frame)
        assign_verifiers(
            actor, region=row.region, year=row.year, assignments=drawn, draw=number, key=f"draw-{number}", now=now
        )
    else:
        frame = _risky(row.region, row.year, today)
        share = rulebook.at(row.region, on=today, year=row.year).decimal("verification.recheck_share")
        count = math.ceil(share * len(frame))
        result = [[one] for one in draw.select(row.seed, frame, count)]
    row.published = _published(row, frame, result, count)
    row.held_at = now
    row.save(update_fields=["published", "held_at"])
    facts = {"draw": number, "seed": row.seed, "frame": row.published["frame_digest"], "drawn": len(result)}
    receipt = journal.append(Entry("emissions.draw.held", {**facts, "by": actor.person}), now=now)
    return {"draw": number, "drawn": len(result), "receipt": receipt}


def _published(row: Draw, frame: list[Name], result: list[list[str]], count: int) -> dict[str, Json]:
    names: list[Json] = [
        {"code": one.code, "weight": one.weight, "bodies": [*sorted(one.bodies)]}
        for one in sorted(frame, key=lambda name: name.code)
    ]
    return {
        "draw": row.number,
        "region": row.region,
        "year": row.year,
        "kind": row.kind,
        "commitment": row.commitment,
        "receipt": row.receipt,
        "seed": row.seed,
        "frame": names,
        "frame_digest": draw.frame_digest(frame),
        "count": count,
        "result": [[*one] for one in result],
    }


# Every company that waits for a body, with the bodies that may verify it; as many queries for any number of them.
def _companies(region: str, year: int, today: date) -> list[Name]:
    entities = list(queries.unassigned(region, year))
    listed = [one.organisation for one in queries.bodies(region, OrganisationKind.VERIFIER)]
    standings = queries.standings(listed, OrganisationKind.VERIFIER)
    ties, known = queries.relations(entities, listed, year), members.organisations_named(entities)
    limits = independence.limits_of(rulebook.at(region, on=today, year=year))

    def is_free(entity: str, body: str) -> bool:
        task = Task(entity, year, known[entity].sector, body, frozenset(), today)
        return independence.is_free(task, standings.get(body), ties[entity, body], limits)

    return [Name(one, 1, tuple(body for body in listed if is_free(one, body))) for one in entities]


def _risky(region: str, year: int, today: date) -> list[Name]:
    rules = rulebook.at(region, on=today, year=year)
    found = queries.signs_of(region, year, today)
    return [Name(entity, risks.weight(signs, rules).whole) for entity, signs in sorted(found.items())]
