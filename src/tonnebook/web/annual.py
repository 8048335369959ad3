"""The authority's acts of a compliance year, in order: what is done, what is due, what waits for a second person.

Nothing is decided here; the services refuse what may not be done. This module says what a page offers and why not yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.urls import reverse
from django.utils.translation import gettext

from tonnebook.compliance import queries as compliance
from tonnebook.compliance.queries import BatchSums, Deadline, YearState
from tonnebook.core import carry_over
from tonnebook.core.allocation.annual import Batch
from tonnebook.core.auction import AuctionKind, AuctionState
from tonnebook.emissions import queries as emissions
from tonnebook.emissions.queries import Progress
from tonnebook.faces import requests
from tonnebook.faces.requests import Request
from tonnebook.faces.templatetags import tonnebook as tags
from tonnebook.market import queries as market
from tonnebook.members import queries as members
from tonnebook.members.queries import ApprovalRow
from tonnebook.web import clock, rails


class State(StrEnum):
    """Where an act stands: done; due now; proposed and waiting for the second person; or something comes first."""

    DONE = "DONE"
    DUE = "DUE"
    WAITING = "WAITING"
    LATER = "LATER"


@dataclass(frozen=True, slots=True)
class Act:
    """One act of the year.

    Attributes:
        code: word of the act, part of its address.
        title: what it is.
        state: where it stands.
        sentence: what has happened, or what will.
        button: what happens at once when it is pressed; empty where a page comes first.
        page: address of the page where it is prepared or seen; empty for none.
        link: words of the link to that page.
        deadline: its day, where the rules name one.
    """

    code: str
    title: str
    state: State
    sentence: str
    button: str = ""
    page: str = ""
    link: str = ""
    deadline: Deadline | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the list of acts is made from; counts are entities unless their name says otherwise."""

    region: str
    year: int
    today: date
    state: YearState
    progress: Progress
    covered: int
    has_plan: bool
    plans_waiting: int
    unassigned: int
    is_carry_over_limited: bool
    determinable: int
    auctions: Mapping[AuctionKind, AuctionState]
    proposals: tuple[ApprovalRow, ...]
    deadlines: Mapping[str, Deadline]

    def proposed(self, kind: str, /, **arguments: object) -> bool:
        """Say whether a proposal of this kind for this year waits for its second person."""
        wanted = {"year": self.year, **arguments}
        return any(
            one.kind == kind and all(str(one.payload.get(name)) == str(value) for name, value in wanted.items())
            for one in self.proposals
        )


def facts(request: Request, year: int) -> Facts:
    """Gather what the list of acts is made from."""
    region, today = request.region, requests.today(request)
    covered = compliance.covered_codes(region, year)
    held = [one for one in market.auctions(region, now=request.now) if one.year == year]
    return Facts(
        region=region,
        year=year,
        today=today,
        state=compliance.year_state(region, year),
        progress=emissions.progress(region, year, today, usccs=covered),
        covered=len(covered),
        has_plan=compliance.plan_of(region, year) is not None,
        plans_waiting=len(emissions.submitted_plans(region, year)),
        unassigned=len(emissions.unassigned(region, year)),
        determinable=len(emissions.determinable(region, year)),
        is_carry_over_limited=carry_over.is_limited(compliance.rules(region, year, today)),
        auctions={one.kind: one.state for one in reversed(held)},
        proposals=members.open_approvals(region),
        deadlines={one.code: one for one in clock.deadlines_of(region, year, today)},
    )


def acts(known: Facts) -> tuple[Act, ...]:
    """List the acts of the year in the order of a year."""
    return (
        _cover(known),
        _approve_plans(known),
        _adopt(known),
        _batch(known, Batch.FIRST),
        _auction(known, AuctionKind.EARLY),
        _assign(known),
        _determine(known),
        _batch(known, Batch.SECOND),
        _auction(known, AuctionKind.LAST_RESORT),
        _confirm(known),
        _settle(known),
        _carry_over(known),
    )


def _cover(known: Facts) -> Act:
    title, deadline = gettext("Coverage list"), known.deadlines.get("coverage_list")
    page, link = _page("web:coverage", known), gettext("Who is covered and why")
    if known.proposed("compliance.cover"):
        return _waiting("cover", title, deadline)
    if known.state.listed:
        sentence = gettext("%(listed)s companies were looked at; %(covered)s receive allowances.")
        told = sentence % {"listed": known.state.listed, "covered": known.covered}
        return Act("cover", title, State.DONE, told, "", page, link, deadline)
    sentence = gettext("Decides for every company of the region whether it is covered, each with its reason.")
    page, link = reverse("web:draft_list", args=[known.year]), gettext("Look at the draft of the list")
    return Act("cover", title, State.DUE, sentence, "", page, link, deadline)


def _approve_plans(known: Facts) -> Act:
    title, deadline = tags.word_of("data_quality_plan", known.region), known.deadlines.get("data_quality_plan")
    page, counts = _page("web:plans", known), {"count": known.plans_waiting, "approved": known.progress.plans_approved}
    if known.plans_waiting:
        sentence = gettext("%(count)s plans wait for approval, %(approved)s are approved.") % counts
        return Act("plans", title, State.DUE, sentence, "", page, gettext("Read and approve the plans"), deadline)
    if known.progress.plans_approved:
        sentence = gettext("%(approved)s plans are approved; none waits.") % counts
        return Act("plans", title, State.DONE, sentence, deadline=deadline)
    return Act("plans", title, State.LATER, gettext("The companies submit their plans first."), deadline=deadline)


def _adopt(known: Facts) -> Act:
    title, deadline = tags.word_of("allocation_plan", known.region), known.deadlines.get("plan")
    page = reverse("web:adopt_plan", args=[known.year])
    if known.proposed("compliance.adopt_plan"):
        return _waiting("adopt", title, deadline)
    if known.has_plan:
        sentence = gettext("Adopted by two people; it can no longer be changed.")
        return Act("adopt", title, State.DONE, sentence, "", page, gettext("See the plan"), deadline)
    sentence = gettext(
        "The numbers of the year: total, coefficients, shares. They are checked before you propose them."
    )
    return Act("adopt", title, State.DUE, sentence, "", page, gettext("Prepare the plan"), deadline)


def _batch(known: Facts, batch: Batch) -> Act:
    is_first = batch is Batch.FIRST
    code, title = batch.value.lower(), gettext("First batch") if is_first else gettext("Second batch (true-up)")
    deadline = known.deadlines.get("first_batch" if is_first else "second_batch")
    page, sums = reverse("web:batch", args=[known.year, batch.value]), known.state.batches.get(batch)
    if known.proposed("compliance.issue_batch", batch=batch.value):
        return _waiting(code, title, deadline)
    if sums is None or not (sums.previewed or sums.issued or sums.withheld):
        return _uncomputed(known, batch, code, title, deadline)
    if sums.previewed:
        sentence = gettext("Computed for %(count)s companies; look at it, then propose the issue.")
        told = sentence % {"count": sums.previewed}
        return Act(code, title, State.DUE, told, "", page, gettext("See the preview"), deadline)
    return Act(code, title, _issued_state(sums), _issued(sums), "", page, gettext("See what was issued"), deadline)


def _uncomputed(known: Facts, batch: Batch, code: str, title: str, deadline: Deadline | None) -> Act:
    before = _before_batch(known, batch)
    if before:
        return Act(code, title, State.LATER, before, deadline=deadline)
    sentence = gettext("Computes what each company receives, as a preview with every figure explained; issues nothing.")
    button = gettext("Compute the first batch") if batch is Batch.FIRST else gettext("Compute the second batch")
    return Act(code, title, State.DUE, sentence, button, "", "", deadline)


def _before_batch(known: Facts, batch: Batch) -> str:
    if not known.state.listed:
        return gettext("The coverage list comes first.")
    if not known.has_plan:
        return gettext("The allocation plan must be adopted first.")
    first = known.state.batches.get(Batch.FIRST)
    if batch is Batch.SECOND and not (first and first.issued):
        return gettext("The first batch must be issued first.")
    if batch is Batch.SECOND and not known.progress.determined:
        return gettext("The emissions of the year must be determined first.")
    return ""


def _issued_state(sums: BatchSums) -> State:
    return State.DUE if sums.withheld else State.DONE


def _issued(sums: BatchSums) -> str:
    if sums.withheld:
        sentence = gettext(
            "Issued to %(count)s companies; %(withheld)s are withheld and follow when their figures are in."
        )
        return sentence % {"count": sums.issued, "withheld": sums.withheld}
    return gettext("Issued to %(count)s companies.") % {"count": sums.issued}


def _auction(known: Facts, kind: AuctionKind) -> Act:
    is_early = kind is AuctionKind.EARLY
    code, name = (
        ("early_auction", gettext("Early auction")) if is_early else ("last_auction", gettext("Last-resort auction"))
    )
    deadline = known.deadlines.get("early_auction" if is_early else "last_resort_auction")
    page, link, state = rails.address_of("market:auctions"), gettext("To the auctions"), known.auctions.get(kind)
    if known.proposed("market.announce_auction", kind=kind.value):
        return _waiting(code, name, deadline)
    if state is AuctionState.CLEARED:
        return Act(code, name, State.DONE, gettext("Held and cleared."), "", page, link, deadline)
    if state is not None:
        return Act(code, name, State.WAITING, gettext("Announced; the exchange clears it."), "", page, link, deadline)
    before = _before_auction(known, kind)
    if before:
        return Act(code, name, State.LATER, before, deadline=deadline)
    sentence = gettext("Sells allowances of the year to those who need them; the floor price follows from the rules.")
    return Act(code, name, State.DUE, sentence, "", page, link, deadline)


def _before_auction(known: Facts, kind: AuctionKind) -> str:
    if not known.has_plan:
        return gettext("The allocation plan must be adopted first.")
    second = known.state.batches.get(Batch.SECOND)
    if kind is AuctionKind.LAST_RESORT and not (second and second.issued):
        return gettext("The second batch must be issued first.")
    return ""


def _assign(known: Facts) -> Act:
    title, deadline = gettext("Verification bodies"), known.deadlines.get("report")
    if known.unassigned:
        sentence = gettext("%(count)s reports have no verification body yet; they are shared out in turn.")
        button = gettext("Assign %(count)s reports in turn")
        count = {"count": known.unassigned}
        return Act("assign", title, State.DUE, sentence % count, button % count, "", "", deadline)
    if known.progress.assigned:
        sentence = gettext("%(count)s reports are assigned.") % {"count": known.progress.assigned}
        return Act(
            "assign", title, State.DONE, sentence, "", _page("web:progress", known), gettext("Progress"), deadline
        )
    return Act("assign", title, State.LATER, gettext("The companies report first."), deadline=deadline)


def _determine(known: Facts) -> Act:
    title, deadline = tags.word_of("determination", known.region), known.deadlines.get("determination")
    done = gettext("%(count)s emissions are determined.") % {"count": known.progress.determined}
    if known.proposed("emissions.determine"):
        return _waiting("determine", title, deadline)
    if known.determinable:
        sentence = gettext("%(count)s reports have a positive opinion; their figures become final.")
        button = gettext("Propose to determine %(count)s emissions")
        count = {"count": known.determinable}
        return Act("determine", title, State.DUE, sentence % count, button % count, "", "", deadline)
    if known.progress.determined:
        return Act("determine", title, State.DONE, done, deadline=deadline)
    return Act("determine", title, State.LATER, gettext("The verification bodies sign first."), deadline=deadline)


def _confirm(known: Facts) -> Act:
    title, deadline = gettext("Surrenders"), known.deadlines.get("surrender")
    page, link = _page("web:surrenders", known), gettext("To the surrenders")
    counts = {"count": known.state.submitted, "confirmed": known.state.confirmed}
    if known.state.submitted:
        sentence = gettext("%(count)s surrenders wait for confirmation, %(confirmed)s are confirmed.") % counts
        return Act("confirm", title, State.DUE, sentence, "", page, link, deadline)
    if known.state.confirmed:
        return Act(
            "confirm", title, State.DONE, gettext("%(confirmed)s surrenders are confirmed; none waits.") % counts
        )
    sentence = gettext("The companies submit after their emissions are determined.")
    return Act("confirm", title, State.LATER, sentence, deadline=deadline)


def _settle(known: Facts) -> Act:
    title, deadline = gettext("Result of the year"), known.deadlines.get("surrender")
    if known.state.settled:
        sentence = gettext("Settled for %(count)s companies.") % {"count": known.state.settled}
        page = reverse("portal:table", args=[known.year, "compliance"])
        return Act("settle", title, State.DONE, sentence, "", page, gettext("See the result"), deadline)
    if not known.progress.determined:
        before = gettext("The emissions of the year must be determined first.")
        return Act("settle", title, State.LATER, before, deadline=deadline)
    if deadline is not None and known.today <= deadline.on:
        return Act("settle", title, State.LATER, gettext("After the last day for surrender."), deadline=deadline)
    sentence = gettext("Fixes for every company whether it complied, once and for good.")
    button = gettext("Settle the result of %(year)s for good") % {"year": known.year}
    return Act("settle", title, State.DUE, sentence, button, "", "", deadline)


def _carry_over(known: Facts) -> Act:
    title, deadline = gettext("Carry-over"), known.deadlines.get("carry_over")
    if known.proposed("compliance.carry_over"):
        return _waiting("carry_over", title, deadline)
    if known.state.carried:
        sentence = gettext("Carried over for %(count)s companies.") % {"count": known.state.carried}
        return Act("carry_over", title, State.DONE, sentence, deadline=deadline)
    if not known.state.settled:
        return Act("carry_over", title, State.LATER, gettext("The result of the year comes first."), deadline=deadline)
    if known.is_carry_over_limited:
        sentence = gettext("Companies ask for it, and you decide what they ask for in rounds.")
        page = _page("web:carried", known)
        return Act("carry_over", title, State.DUE, sentence, "", page, gettext("To the requests"), deadline)
    sentence = gettext("What companies still hold goes on into the next year, as far as the rules allow.")
    button = gettext("Propose to carry over what is left of %(year)s") % {"year": known.year}
    return Act("carry_over", title, State.DUE, sentence, button, "", "", deadline)


def _waiting(code: str, title: str, deadline: Deadline | None) -> Act:
    sentence = gettext("Proposed; a second person looks at it and carries it out.")
    return Act(
        code, title, State.WAITING, sentence, "", reverse("web:approvals"), gettext("To the approvals"), deadline
    )


def _page(name: str, known: Facts) -> str:
    return f"{reverse(name)}?year={known.year}"
