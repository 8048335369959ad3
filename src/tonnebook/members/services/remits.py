"""Say which sectors a department of the city looks after: what it is asked about, and whose companies it sees."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from tonnebook import rulebook
from tonnebook.core import periods
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor, MemberRefusal, OrganisationKind
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import queries
from tonnebook.members.models import Organisation, Remit
from tonnebook.members.services.people import require, use_approval


@journal.command("members.set_remit")
def set_remit(
    actor: Actor, *, region: str, department: str, sectors: Sequence[str], approval: str, key: str, now: datetime
) -> Answer:
    """Set by two people the sectors a department looks after; they take the place of those it had.

    Args:
        actor: officer or registrar of the department's region.
        region: region code.
        department: its unified social credit code.
        sectors: sector codes that the rule book of the region has a word for; none leaves it without companies.
        approval: number of the approval of exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        {"department": code, "sectors": sorted}.

    Raises:
        Refused: what `members.use_approval` and `check_remit` refuse.

    Source: S01 (一), (二), (四) name the departments beside the authority; which sectors are whose, and that two people
        say so, since its officers then see whose companies: design choice.
    """
    del key
    told = {"region": region, "department": department, "sectors": list(sectors)}
    people = use_approval(approval, kind="members.set_remit", payload=told, now=now)
    check_remit(actor, department=department, sectors=sectors, now=now)
    row, chosen = Organisation.objects.get(uscc=department), sorted(set(sectors))
    Remit.objects.update_or_create(department=row, defaults={"sectors": chosen, "set_at": now})
    facts = {"department": department, "sectors": chosen, **asdict(people)}
    journal.append(Entry("members.remit.set", facts), now=now)
    return {"department": department, "sectors": list(chosen)}


def check_remit(actor: Actor, *, department: str, sectors: Sequence[str], now: datetime) -> None:
    """Refuse sectors that could not be given to a department; a page asks before it proposes them.

    Args:
        actor: officer or registrar of the department's region.
        department: its unified social credit code.
        sectors: sector codes.
        now: when.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, NO_SUCH_ORGANISATION; NO_SECTOR_DEPARTMENT when it is another kind of
            organisation; NO_SUCH_SECTOR.

    Source: design choice, no legal source.
    """
    region = require(actor, Act.REGISTER, organisation=department)
    if queries.organisation(department).kind is not OrganisationKind.SECTOR_DEPARTMENT:
        raise Refused(MemberRefusal.NO_SECTOR_DEPARTMENT, uscc=department)
    today = periods.day_of(now)
    rules = rulebook.at(region, on=today, year=today.year)
    for sector in sorted(set(sectors)):
        if not rules.has(f"words.sector.{sector}"):
            raise Refused(MemberRefusal.NO_SUCH_SECTOR, region=region, sector=sector)
