"""What departments of the city are asked before list and plan, what they say, and what the authority answers."""

from datetime import datetime

from tonnebook.compliance import queries as standing
from tonnebook.compliance import services as compliance
from tonnebook.core import periods
from tonnebook.core.consultations import ConsultationSubject, OpinionKind
from tonnebook.demo import cast
from tonnebook.demo.world import World
from tonnebook.members import queries as members

_WORDS = "请结合行业发展提出意见（模拟） Please say what your sectors need (demo)"
_WISH = "建议关注新建装置投产进度（模拟） Please watch when new plants start (demo)"
_TAKEN_UP = "将在下一年度名单中反映（模拟） The next list will show it (demo)"
_WISHES = "industry"


def set_remits(world: World, now: datetime) -> None:
    """Have the authority say which department looks after which sectors, unless it has."""
    for code, sectors in cast.REMITS[world.region].items():
        department = world.body(code)
        if not members.remits(department):
            told = {"region": world.region, "department": department, "sectors": list(sectors)}
            world.two_people("members.set_remit", told, now=now)


def consult_about_list(world: World, now: datetime) -> None:
    """Have the authority circulate the draft of the coverage list."""
    _consult(world, ConsultationSubject.COVERAGE, now)


def consult_about_plan(world: World, now: datetime) -> None:
    """Have the authority circulate the draft of the plan."""
    _consult(world, ConsultationSubject.PLAN, now)


def give_opinions(world: World, subject: ConsultationSubject, now: datetime) -> None:
    """Have every department that was asked agree, but one that suggests changes, which the authority takes up."""
    rows = standing.consultations_in(world.region, periods.day_of(now), year=world.year, subjects=(subject,))
    for row in rows:
        for code in cast.REMITS[world.region]:
            kind = OpinionKind.SUGGESTS if code == _WISHES else OpinionKind.AGREES
            key = world.key("opinion", subject, code)
            words = _WISH if code == _WISHES else ""
            compliance.give_opinion(
                world.actor(code), consultation=row.number, kind=kind, words=words, key=key, now=now
            )
            compliance.answer_opinion(
                world.actor("zhou"),
                consultation=row.number,
                department=world.body(code),
                is_accepted=True,
                reason=_TAKEN_UP if code == _WISHES else "",
                key=f"{key}-answer",
                now=now,
            )


def _consult(world: World, subject: ConsultationSubject, now: datetime) -> None:
    is_plan = subject is ConsultationSubject.PLAN
    is_over = standing.plan_of(world.region, world.year) if is_plan else None
    if is_over or (not is_plan and standing.year_state(world.region, world.year).listed):
        return
    compliance.consult(
        world.actor("zhou"),
        region=world.region,
        year=world.year,
        subject=subject,
        overlay=world.overlay if is_plan else "",
        departments=[world.body(code) for code in cast.REMITS[world.region]],
        words=_WORDS,
        key=world.key("consult", subject),
        now=now,
    )
