"""Bar people and organisations from trading by name, and refuse those who are barred."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from tonnebook.core import barred, roles
from tonnebook.core.barred import BarRefusal
from tonnebook.core.embargo import EmbargoRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor, MemberRefusal
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import queries
from tonnebook.members.models import Bar, Person
from tonnebook.members.services.people import use_approval


@journal.command("members.bar_from_trading")
def bar_from_trading(actor: Actor, *, subject: str, ground: str, key: str, now: datetime) -> Answer:
    """Bar a person or an organisation from trading; the ground enters the log sealed.

    Args:
        actor: officer or registrar of the region.
        subject: number of a person, or unified social credit code.
        ground: why, such as "works for the exchange".
        key: idempotency key.
        now: when.

    Returns:
        {"barred": subject}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, NO_SUCH_PERSON, NO_SUCH_ORGANISATION; ALREADY_BARRED.

    Source: S05 Art. 7; that a registrar keeps the names is a design choice.
    """
    del key
    region = region_of(subject)
    roles.check(actor, Act.REGISTER, region=region)
    if Bar.objects.filter(subject=subject, lifted_at=None).exists():
        raise Refused(BarRefusal.ALREADY_BARRED, subject=subject)
    Bar.objects.create(region=region, subject=subject, ground=ground, barred_at=now)
    journal.append(Entry("members.bar.placed", {"subject": subject, "by": actor.person}, {"ground": ground}), now=now)
    return {"barred": subject}


@journal.command("members.lift_bar")
def lift_bar(actor: Actor, *, region: str, who: str, approval: str, key: str, now: datetime) -> Answer:
    """Let somebody trade again, by two people.

    Args:
        actor: officer or registrar of the region.
        region: region code.
        who: number of a person, or unified social credit code.
        approval: number of the approval of exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        {"lifted": who}.

    Raises:
        Refused: what `members.use_approval` and `check_lift` refuse.

    Source: design choice, no legal source (invariant A13: one person bars at once, two let in again).
    """
    del key
    told = {"region": region, "who": who}
    people = use_approval(approval, kind="members.lift_bar", payload=told, now=now)
    row = _bar_of(actor, who, Bar.objects.select_for_update())
    row.lifted_at = now
    row.save(update_fields=["lifted_at"])
    journal.append(Entry("members.bar.lifted", {"subject": who, **asdict(people)}), now=now)
    return {"lifted": who}


def check_lift(actor: Actor, subject: str) -> None:
    """Refuse to lift a bar that is none, or another region's; a page asks before it proposes it.

    Args:
        actor: officer or registrar of the region.
        subject: number of a person, or unified social credit code.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NOT_BARRED.

    Source: design choice, no legal source.
    """
    _bar_of(actor, subject, Bar.objects.all())


def require_may_trade(actor: Actor) -> None:
    """Refuse orders and bids to who must not trade; called inside the services of the market.

    Raises:
        Refused: BARRED_KIND as `core.barred.check_kind`; BARRED_BY_NAME when the person or the organisation is named;
            TRADING_WINDOW_CLOSED when they know of news that is not out.

    Source: S05 Art. 7; the window is a design choice.
    """
    barred.check_kind(actor.kind)
    subjects = [actor.person, actor.organisation]
    with connection.cursor() as cursor:
        cursor.execute(_STOPPED, [subjects, subjects])
        found = cursor.fetchone()
    if found is not None:
        is_window, _, subject, why = found
        if is_window:
            raise Refused(EmbargoRefusal.TRADING_WINDOW_CLOSED, subject=subject, news=why)
        raise Refused(BarRefusal.BARRED_BY_NAME, subject=subject, ground=why)


# By hand, for every order asks: who is barred by name, and then who knows of news that is not out.
_STOPPED = """
SELECT false, id, subject, ground FROM members_bar WHERE subject = ANY(%s) AND lifted_at IS NULL
UNION ALL
SELECT true, id, subject, news_id FROM members_insider WHERE subject = ANY(%s) AND is_barred
ORDER BY 1, 2 LIMIT 1
"""


def require_may_hold(organisations: Sequence[str]) -> None:
    """Refuse accounts to trade from to organisations that must not trade; called inside the opening of accounts.

    Args:
        organisations: unified social credit codes; unknown ones are left to others.

    Raises:
        Refused: BARRED_KIND; BARRED_BY_NAME.

    Source: S05 Art. 7.
    """
    for row in queries.organisations_named(organisations).values():
        barred.check_kind(row.kind)
    _check_names(organisations)


def _bar_of(actor: Actor, subject: str, rows: QuerySet[Bar]) -> Bar:
    row = rows.filter(subject=subject, lifted_at=None).first()
    roles.check(actor, Act.REGISTER, region=row.region if row else None)
    if row is None:
        raise Refused(BarRefusal.NOT_BARRED, subject=subject)
    return row


def _check_names(subjects: Sequence[str]) -> None:
    row = Bar.objects.filter(subject__in=subjects, lifted_at=None).order_by("id").first()
    if row is not None:
        raise Refused(BarRefusal.BARRED_BY_NAME, subject=row.subject, ground=row.ground)


def region_of(subject: str) -> str:
    """Give the region of a person or an organisation.

    Raises:
        Refused: NO_SUCH_PERSON, NO_SUCH_ORGANISATION.
    """
    if not subject.startswith("P-"):
        return queries.organisation(subject).region
    person = Person.objects.select_related("organisation").filter(number=subject).first()
    if person is None or person.organisation is None:
        raise Refused(MemberRefusal.NO_SUCH_PERSON, username=subject)
    return person.organisation.region
