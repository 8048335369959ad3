"""Say which sectors a department of the city looks after: what it is asked about, and whose companies it sees."""

from collections.abc import Sequence
from datetime import datetime

from tonnebook import rulebook
from tonnebook.core import periods
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor, MemberRefusal, OrganisationKind
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import queries
from tonnebook.members.models import Organisation, Remit
from tonnebook.members.services.people import require


@journal.command("members.set_remit")
def set_remit(actor: Actor, *, department: str, sectors: Sequence[str], key: str, now: datetime) -> Answer:
    """Set the sectors a department looks after; they take the place of those it had.

    Args:
        actor: officer or registrar of the department's region.
        department: its unified social credit code.
        sectors: sector codes that the rule book of the region has a word for; none leaves it without companies.
        key: idempotency key.
        now: when.

    Returns:
        {"department": code, "sectors": sorted}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, NO_SUCH_ORGANISATION; NO_SECTOR_DEPARTMENT when it is another kind of
            organisation; NO_SUCH_SECTOR.

    Source: S01 (一), (二), (四) name the departments beside the authority; which sectors are whose: design choice.
    """
    del key
    region = require(actor, Act.REGISTER, organisation=department)
    if queries.organisation(department).kind is not OrganisationKind.SECTOR_DEPARTMENT:
        raise Refused(MemberRefusal.NO_SECTOR_DEPARTMENT, uscc=department)
    today, chosen = periods.day_of(now), sorted(set(sectors))
    rules = rulebook.at(region, on=today, year=today.year)
    for sector in chosen:
        if not rules.has(f"words.sector.{sector}"):
            raise Refused(MemberRefusal.NO_SUCH_SECTOR, region=region, sector=sector)
    row = Organisation.objects.get(uscc=department)
    Remit.objects.update_or_create(department=row, defaults={"sectors": chosen, "set_at": now})
    facts = {"department": department, "sectors": chosen, "by": actor.person}
    journal.append(Entry("members.remit.set", facts), now=now)
    return {"department": department, "sectors": list(chosen)}
