"""The inbox of a role: what waits for this person, where each thing is done, and which days of the year come next.

Nothing is decided here: every line counts what a room's own query names, and leads to the page where it is done.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext, ngettext

from tonnebook.compliance import queries as compliance
from tonnebook.compliance.queries import Deadline, TaskRow
from tonnebook.core.approvals import ACT_OF, ApprovalState
from tonnebook.core.auction import AuctionState
from tonnebook.core.bank_entries import ContractState
from tonnebook.core.consultations import OpinionState
from tonnebook.core.moves import BankAccountState, PendingState
from tonnebook.core.reporting import ReportState
from tonnebook.core.roles import MAY, Actor, OrganisationKind, Role
from tonnebook.emissions import queries as emissions
from tonnebook.faces.templatetags.tonnebook import word_of
from tonnebook.journal import queries as journal
from tonnebook.market import queries as market
from tonnebook.members import queries as members
from tonnebook.members.queries import ApprovalRow
from tonnebook.registry import queries as registry
from tonnebook.web import clock, rails
from tonnebook.web.steps import next_step

# Which deadlines somebody works towards; the authority and whoever is not named here see all of them.
_DEADLINES_OF_ENTITY = frozenset({"data_quality_plan", "report", "verification", "surrender"})
_DEADLINES_OF = {
    Role.VERIFIER: frozenset({"verification"}),
    Role.DISTRICT_OFFICER: frozenset({"report"}),
    Role.SECTOR_OFFICER: frozenset({"coverage_list", "plan"}),
    Role.EXCHANGE_STAFF: frozenset({"early_auction", "last_resort_auction", "surrender"}),
}


@dataclass(frozen=True, slots=True)
class Task:
    """One line of the inbox.

    Attributes:
        sentence: what waits.
        count: how many of it; 0 for what only has to be known and raises no badge.
        page: URL name of the page where it is done.
        action: words of the link.
        deadline: its day, where the rules name one.
    """

    sentence: str
    count: int
    page: str
    action: str
    deadline: Deadline | None = None

    @property
    def address(self) -> str:
        """The address of the page where it is done."""
        return rails.address_of(self.page)


@dataclass(frozen=True, slots=True)
class Inbox:
    """What waits for somebody, the work of the year, and the days ahead; `year` is that of the next deadline."""

    year: int
    tasks: tuple[Task, ...]
    work: tuple[TaskRow, ...]
    ahead: tuple[Deadline, ...]

    @property
    def count(self) -> int:
        """How many things wait; the badge."""
        return sum(task.count for task in self.tasks)


@dataclass(frozen=True, slots=True)
class _Desk:
    # Who sits there, and when.
    actor: Actor
    year: int
    today: date
    now: datetime
    deadlines: dict[str, Deadline]

    @property
    def region(self) -> str:
        return self.actor.region


def inbox_of(actor: Actor, *, today: date, now: datetime) -> Inbox:
    """Gather the inbox of somebody in the own region.

    Args:
        actor: whose.
        today: day in the region's zone.
        now: what the clock shows.

    Returns:
        Tasks in the order in which the pages of the role stand; deadlines from today on.
    """
    standing = clock.standing(actor.region, today=today)
    deadlines = {step.deadline.code: step.deadline for step in standing.steps}
    desk = _Desk(actor, standing.year, today, now, deadlines)
    found = [task for source in _sources(actor) if (task := source(desk)) is not None]
    own = _deadlines_of(actor)
    ahead = [one for one in deadlines.values() if one.on >= today and (own is None or one.code in own)]
    work = compliance.task_list(
        actor.region, standing.year, today, whose={actor.kind: [actor.organisation]} if standing.steps else {}
    )
    return Inbox(standing.year, tuple(found), work, tuple(ahead))


def _sources(actor: Actor) -> list[Callable[[_Desk], Task | None]]:
    sources = [source for role, ones in _OF_ROLE.items() if role in actor.roles for source in ones]
    if actor.kind is OrganisationKind.ENTITY and Role.REPRESENTATIVE in actor.roles:
        sources.insert(0, _own_year)
    # Who has two roles meets a source once.
    return list(dict.fromkeys(sources))


def _deadlines_of(actor: Actor) -> frozenset[str] | None:
    if actor.kind is OrganisationKind.ENTITY:
        return _DEADLINES_OF_ENTITY
    named = [codes for role, codes in _DEADLINES_OF.items() if role in actor.roles]
    return frozenset().union(*named) if named else None


def _approvals(desk: _Desk) -> Task | None:
    mine = [row for row in members.open_approvals(desk.region) if _waits_for(row, desk)]
    sentence = ngettext(
        "%(count)s proposal waits for a second person or for being carried out.",
        "%(count)s proposals wait for a second person or for being carried out.",
        len(mine),
    )
    return _task(sentence, len(mine), "web:approvals", gettext("To the approvals"))


# A proposal waits for everybody who may do the act except whoever proposed it; once approved, for either.
def _waits_for(row: ApprovalRow, desk: _Desk) -> bool:
    if row.expires_at <= desk.now or not desk.actor.roles & MAY[ACT_OF[row.kind]]:
        return False
    return row.state is ApprovalState.APPROVED or row.initiator != desk.actor.person


def _applications(desk: _Desk) -> Task | None:
    count = len(registry.open_applications(desk.region))
    sentence = ngettext(
        "%(count)s application about an account waits for the registry.",
        "%(count)s applications about accounts wait for the registry.",
        count,
    )
    return _task(sentence, count, "registry:applications", gettext("To the applications"))


def _bank_accounts(desk: _Desk) -> Task | None:
    rows = registry.bank_accounts_in(desk.region)
    count = sum(row.state is BankAccountState.ASKED for row in rows)
    sentence = ngettext(
        "%(count)s bank account waits to be confirmed.", "%(count)s bank accounts wait to be confirmed.", count
    )
    return _task(sentence, count, "registry:bank_accounts", gettext("To the bank accounts"))


def _suspense(desk: _Desk) -> Task | None:
    count = len(registry.suspense(desk.region))
    sentence = ngettext(
        "%(count)s payment is nobody's yet; find out whose it is.",
        "%(count)s payments are nobody's yet; find out whose they are.",
        count,
    )
    return _task(sentence, count, "registry:banks", gettext("To the suspense list"))


def _contracts(desk: _Desk) -> Task | None:
    own = [bank for bank in registry.settlement_banks(desk.region) if bank.organisation == desk.actor.organisation]
    rows = [row for bank in own for row in registry.contracts_of_bank(bank.number)]
    count = sum(row.state is ContractState.ASKED for row in rows)
    sentence = ngettext(
        "%(count)s contract of a client waits for you.", "%(count)s contracts of clients wait for you.", count
    )
    return _task(sentence, count, "registry:banks", gettext("To the contracts"))


def _waiting_transfers(desk: _Desk) -> Task | None:
    rows = registry.pending_of(desk.actor.organisation, region=desk.region)
    count = sum(row.state is PendingState.WAITING for row in rows)
    sentence = ngettext(
        "%(count)s of your transfers waits for its time; until then you can take it back.",
        "%(count)s of your transfers wait for their time; until then you can take them back.",
        count,
    )
    return _task(sentence, count, "registry:waiting", gettext("To what waits"))


def _notices(desk: _Desk) -> Task | None:
    count = members.unread_notices(desk.actor.organisation)
    sentence = ngettext(
        "%(count)s notice of the authority waits for your receipt.",
        "%(count)s notices of the authority wait for your receipt.",
        count,
    )
    return _task(sentence, count, "web:notices", gettext("To the notices"))


def _plans(desk: _Desk) -> Task | None:
    count = len(emissions.submitted_plans(desk.region, desk.year))
    told = gettext("%(plan)s: %(count)s wait for approval.")
    sentence = told % {"plan": word_of("data_quality_plan", desk.region), "count": count}
    return _task(sentence, count, "web:plans", gettext("To the plans"), desk.deadlines.get("data_quality_plan"))


def _unassigned(desk: _Desk) -> Task | None:
    count = len(emissions.unassigned(desk.region, desk.year))
    sentence = ngettext(
        "%(count)s report has no verification body yet.", "%(count)s reports have no verification body yet.", count
    )
    return _task(sentence, count, "web:year", gettext("To the year"), desk.deadlines.get("verification"))


def _determinable(desk: _Desk) -> Task | None:
    count = len(emissions.determinable(desk.region, desk.year))
    sentence = ngettext(
        "%(count)s verified report waits for its determination.",
        "%(count)s verified reports wait for their determination.",
        count,
    )
    return _task(sentence, count, "web:year", gettext("To the year"), desk.deadlines.get("determination"))


def _objections(desk: _Desk) -> Task | None:
    count = len(compliance.open_objections(desk.region, desk.year))
    sentence = ngettext(
        "%(count)s objection or re-check waits for a decision.",
        "%(count)s objections or re-checks wait for a decision.",
        count,
    )
    return _task(sentence, count, "web:objections", gettext("To the objections"))


def _opinions(desk: _Desk) -> Task | None:
    rows = compliance.consultations_in(desk.region, desk.today)
    count = sum(one.state is OpinionState.GIVEN for row in rows for one in row.opinions)
    sentence = ngettext(
        "%(count)s opinion of a department waits for your answer.",
        "%(count)s opinions of departments wait for your answer.",
        count,
    )
    return _task(sentence, count, "web:consultations", gettext("To the opinions"))


def _awaited(desk: _Desk) -> Task | None:
    rows = compliance.consultations_of(desk.actor.organisation, desk.today)
    count = sum(one.state is OpinionState.AWAITED for row in rows for one in row.opinions)
    sentence = ngettext("%(count)s draft waits for your opinion.", "%(count)s drafts wait for your opinion.", count)
    return _task(sentence, count, "web:sector", gettext("To the drafts"))


def _facts(desk: _Desk) -> Task | None:
    count = len(compliance.waiting_declarations(desk.region))
    sentence = ngettext(
        "%(count)s declared fact waits to be accepted.", "%(count)s declared facts wait to be accepted.", count
    )
    return _task(sentence, count, "web:facts", gettext("To the declared facts"))


def _surrenders(desk: _Desk) -> Task | None:
    count = len(compliance.open_surrenders(desk.region, desk.year))
    sentence = ngettext(
        "%(count)s surrender waits for your confirmation.", "%(count)s surrenders wait for your confirmation.", count
    )
    return _task(sentence, count, "web:surrenders", gettext("To the surrenders"), desk.deadlines.get("surrender"))


def _assigned_reports(desk: _Desk) -> Task | None:
    rows = emissions.board(desk.actor.organisation, desk.year)
    count = sum(row.state is ReportState.ASSIGNED for row in rows)
    sentence = ngettext("%(count)s report waits for your opinion.", "%(count)s reports wait for your opinion.", count)
    return _task(sentence, count, "web:board", gettext("To the board"), desk.deadlines.get("verification"))


def _own_findings(desk: _Desk) -> Task | None:
    rows = emissions.verification_findings([desk.actor.organisation])
    count = sum(row.settlement is None and not row.answer for row in rows)
    sentence = ngettext(
        "%(count)s finding of the verification waits for your answer.",
        "%(count)s findings of the verification wait for your answer.",
        count,
    )
    return _task(sentence, count, "web:own_findings", gettext("To the findings"))


def _first_checks(desk: _Desk) -> Task | None:
    covered = members.organisations_named(compliance.covered_codes(desk.region, desk.year))
    own = [uscc for uscc, row in covered.items() if row.district == desk.actor.district]
    rows = emissions.district_reports(own, desk.year)
    count = sum(bool(row.report) and row.check is None for row in rows)
    sentence = ngettext(
        "%(count)s report waits for your first check.", "%(count)s reports wait for your first check.", count
    )
    return _task(sentence, count, "web:district", gettext("To the companies"))


def _auctions(desk: _Desk) -> Task | None:
    count = sum(row.state is AuctionState.CLOSED for row in market.auctions(desk.region, now=desk.now))
    sentence = ngettext(
        "%(count)s auction is over and waits to be cleared.",
        "%(count)s auctions are over and wait to be cleared.",
        count,
    )
    return _task(sentence, count, "web:trading_day", gettext("To the trading day"))


def _breaks(desk: _Desk) -> Task | None:
    del desk
    found = journal.latest_audit()
    count = len(found.breaks) if found else 0
    sentence = ngettext(
        "The audit by night found %(count)s break.", "The audit by night found %(count)s breaks.", count
    )
    return _task(sentence, count, "web:audit", gettext("To the audit"))


# What a company does next in its year is always told; it counts only when the company itself has something to do.
def _own_year(desk: _Desk) -> Task | None:
    entity = desk.actor.organisation
    if entity not in compliance.covered_codes(desk.region, desk.year):
        return None
    position = compliance.position(entity, desk.year, desk.today)
    report = emissions.report_of(entity, desk.year)
    step = next_step(position, report.state if report else None, tuple(desk.deadlines.values()))
    if not step.page:
        return None
    is_own_turn = position.determined_t is not None or report is None or report.state is ReportState.NOT_VERIFIED
    return Task(step.sentence, int(is_own_turn), step.page, step.action, step.deadline)


def _task(sentence: str, count: int, page: str, action: str, deadline: Deadline | None = None) -> Task | None:
    return Task(sentence % {"count": count}, count, page, action, deadline) if count else None


# In the order in which the pages of the role stand. Confirming bank accounts is open to whom the roles name.
_OF_ROLE: dict[Role, tuple[Callable[[_Desk], Task | None], ...]] = {
    Role.OFFICER: (
        _approvals,
        _objections,
        _opinions,
        _facts,
        _surrenders,
        _determinable,
        _unassigned,
        _plans,
        _applications,
    ),
    Role.REGISTRAR: (_approvals, _applications, _bank_accounts, _suspense),
    Role.EXCHANGE_STAFF: (_approvals, _auctions, _bank_accounts, _suspense),
    Role.BANK_CLERK: (_contracts,),
    Role.VERIFIER: (_assigned_reports,),
    Role.DISTRICT_OFFICER: (_first_checks,),
    Role.AUDITOR: (_breaks,),
    Role.SECTOR_OFFICER: (_awaited, _notices),
    Role.REPRESENTATIVE: (_notices, _own_findings, _waiting_transfers),
    Role.TRADER: (_notices, _waiting_transfers),
}
