"""The pages of paid auctions, for everybody, bidders and officers."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tonnebook import rulebook
from tonnebook.core import auction as auction_rules
from tonnebook.core import icalendar, periods, sealed_bids
from tonnebook.core.auction import AuctionState
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.icalendar import Event
from tonnebook.core.papers import PaperKind
from tonnebook.core.roles import MAY, Act, Actor, Role
from tonnebook.faces import documents, doors, labels, pagination, requests
from tonnebook.faces.requests import Request
from tonnebook.market import queries, services
from tonnebook.market.forms import AnnouncementForm, CancellationForm, SealedBidForm, ShareForm
from tonnebook.market.queries import AuctionRow, PlannedAuction
from tonnebook.market.views import traders
from tonnebook.members import queries as people
from tonnebook.members import services as members


@require_GET
def auctions(request: Request) -> HttpResponse:
    rows = queries.auctions(request.region, now=request.now)
    return render(request, "market/auctions.html", {"auctions": rows, "may_announce": _may_announce(request)})


@require_GET
def calendar(request: Request) -> HttpResponse:
    """Show the auctions of a region by month: announced, held, and those the rule book sees ahead."""
    announced, planned = _calendar(request)
    rows: list[tuple[date, AuctionRow | PlannedAuction]] = [(periods.day_of(row.opens_at), row) for row in announced]
    rows += [(row.on, row) for row in planned]
    months: dict[str, list[tuple[date, AuctionRow | PlannedAuction]]] = {}
    for on, row in sorted(rows, key=lambda one: one[0], reverse=True):
        months.setdefault(f"{on:%Y-%m}", []).append((on, row))
    return render(request, "market/auction_calendar.html", {"months": months, "today": requests.today(request)})


@require_GET
def calendar_file(request: Request) -> HttpResponse:
    """Hand out the same calendar as a file that calendar programs read, or subscribe to."""
    announced, planned = _calendar(request)
    events = [
        Event(
            f"{row.number}@tonnebook",
            f"{row.number} {labels.label(row.kind)} {row.quantity_t:,} t",
            row.opens_at,
            row.closes_at,
            request.build_absolute_uri(reverse("market:auction", args=[row.number])),
            "CANCELLED" if row.cancelled_at else "CONFIRMED",
        )
        for row in announced
    ]
    page = request.build_absolute_uri(reverse("market:auction_calendar"))
    events += [
        Event(
            f"{request.region}-{row.kind}-{row.year}@tonnebook",
            gettext("%(kind)s of %(year)s (planned)") % {"kind": labels.label(row.kind), "year": row.year},
            row.on,
            None,
            page,
            "TENTATIVE",
        )
        for row in planned
    ]
    text = icalendar.written(gettext("Auctions"), events, at=request.now)
    return documents.attachment(text.encode(), f"auctions-{request.region}.ics", mime="text/calendar; charset=utf-8")


@require_GET
def auction_paper(request: Request, number: str, kind: str, form: str) -> HttpResponse:
    """Hand out one of the published papers of an auction."""
    row = _auction_here(request, number)
    paper = next((one.paper for one in queries.auction_papers(row.number) if one.kind.lower() == kind), "")
    told = people.published_paper_file(paper, form)
    return documents.attachment(told.content, told.name, mime=told.mime)


@require_POST
@doors.open_to(Role.OFFICER, Role.EXCHANGE_STAFF)
def propose_paper(request: Request, number: str) -> HttpResponse:
    """Propose a paper of an auction to the second person of the body that issues it."""
    row, actor = _auction_here(request, number), doors.actor_of(request)
    kind = next((one for one in _papers_open(row, actor) if one == request.POST.get("kind")), None)
    if kind is None:
        raise Http404
    payload: dict[str, Json] = {"auction": row.number, "paper_kind": kind, "language": get_language() or "zh-hans"}
    proposed = members.propose(
        actor,
        kind="market.issue_auction_paper",
        payload={**payload, "site": request.build_absolute_uri("/")},
        key=requests.key_of(request),
        now=request.now,
    )
    messages.success(
        request,
        gettext("Proposed as %(number)s. A second person approves it; then the paper is published.")
        % {"number": proposed["approval"]},
    )
    return redirect("market:auction", number=row.number)


@require_GET
def check_auction(request: Request) -> HttpResponse:
    """Show the page on which a browser computes the result of an auction again."""
    return render(request, "market/check_auction.html")


@require_GET
def auction(request: Request, number: str) -> HttpResponse:
    return _auction_page(request, _auction_here(request, number))


@require_GET
def auction_state(request: Request, number: str) -> HttpResponse:
    row = _auction_here(request, number)
    return render(request, "market/_auction_state.html", {"auction": row, "now": request.now})


@require_POST
@doors.open_to(Role.TRADER)
def place_bid(request: Request, number: str) -> HttpResponse:
    row, actor = _auction_here(request, number), doors.actor_of(request)
    form = SealedBidForm(request.POST)
    if not form.is_valid():
        return _auction_page(request, row, form, status=422)
    try:
        answer = services.place_bid(
            actor,
            auction=number,
            envelope=form.cleaned_data["envelope"],
            mark=form.cleaned_data["mark"],
            deposit_fen=form.deposit_fen(),
            key=requests.key_of(request),
            now=request.now,
        )
    except Refused as error:
        return _auction_page(request, row, form, status=form.refuse(error))
    return render(request, "market/bid_placed.html", {"auction": row, "form": form, "answer": answer})


@require_POST
@doors.open_to(*auction_rules.KEEPERS)
def hand_in_share(request: Request, number: str) -> HttpResponse:
    row, actor = _auction_here(request, number), doors.actor_of(request)
    form = ShareForm(request.POST)
    if not form.is_valid():
        return _auction_page(request, row, share=form, status=422)
    try:
        answer = services.hand_in_share(
            actor, auction=number, words=form.cleaned_data["words"], key=requests.key_of(request), now=request.now
        )
    except Refused as error:
        return _auction_page(request, row, share=form, status=form.refuse(error))
    messages.success(
        request,
        gettext("Your share is taken. Shares given: %(given)s of %(needed)s.")
        % {"given": answer["shares"], "needed": sealed_bids.OFFICERS_NEEDED},
    )
    return redirect("market:auction", number=row.number)


@require_GET
def auction_file(request: Request, number: str) -> HttpResponse:
    row = _auction_here(request, number)
    response = JsonResponse(queries.auction_file(row.number, now=request.now), json_dumps_params={"indent": 1})
    response["Content-Disposition"] = f'attachment; filename="{row.number}.json"'
    return response


@require_POST
@doors.open_to(Role.TRADER)
def withdraw_bid(request: Request, number: str) -> HttpResponse:
    actor, row = doors.actor_of(request), _auction_here(request, request.POST.get("auction", ""))
    services.withdraw_bid(actor, bid=number, key=requests.key_of(request), now=request.now)
    messages.success(request, gettext("Your bid is withdrawn; its money is free again."))
    return redirect("market:auction", number=row.number)


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.OFFICER, Role.EXCHANGE_STAFF)
def announce(request: Request) -> HttpResponse:
    form = AnnouncementForm(request.POST or None, initial={"year": requests.today(request).year})
    if request.method == "GET" or not form.is_valid():
        return render(request, "market/announce.html", {"form": form}, status=422 if form.errors else 200)
    opens_at, closes_at = form.window()
    told = form.cleaned_data
    try:
        auction_rules.check_announcement(opens_at=opens_at, closes_at=closes_at, now=request.now)
        proposed = members.propose(
            doors.actor_of(request),
            kind="market.announce_auction",
            payload={
                "region": request.region,
                "kind": told["kind"],
                "year": told["year"],
                "quantity_t": told["quantity_t"],
                "opens_at": periods.iso(opens_at),
                "closes_at": periods.iso(closes_at),
                "opening_key": sealed_bids.check_key(told["opening_key"]),
            },
            key=requests.key_of(request),
            now=request.now,
        )
    except Refused as error:
        return render(request, "market/announce.html", {"form": form}, status=form.refuse(error))
    messages.success(
        request,
        gettext("Proposed as %(number)s. A second person approves it; then the auction is announced.")
        % {"number": proposed["approval"]},
    )
    return redirect("market:auctions")


@require_POST
@doors.open_to(Role.OFFICER, Role.EXCHANGE_STAFF)
def cancel_auction(request: Request, number: str) -> HttpResponse:
    row, form = _auction_here(request, number), CancellationForm(request.POST)
    if not form.is_valid():
        return _auction_page(request, row, cancellation=form, status=422)
    proposed = members.propose(
        doors.actor_of(request),
        kind="market.cancel_auction",
        payload={"auction": row.number, "reason": form.cleaned_data["reason"]},
        key=requests.key_of(request),
        now=request.now,
    )
    messages.success(
        request,
        gettext("Proposed as %(number)s. A second person approves it; then the auction is cancelled.")
        % {"number": proposed["approval"]},
    )
    return redirect("market:auction", number=row.number)


def _auction_page(
    request: Request,
    row: AuctionRow,
    form: SealedBidForm | None = None,
    *,
    share: ShareForm | None = None,
    cancellation: CancellationForm | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = requests.acting_here(request)
    organisation, roles = (actor.organisation, actor.roles) if actor else ("", frozenset())
    bids = queries.bids(row.number, organisation=organisation)
    rules = rulebook.at(row.region, on=periods.day_of(row.opens_at), year=row.year)
    may_bid = traders.trader(request) is not None and row.state is AuctionState.OPEN
    has_ended = row.state in {AuctionState.CLEARED, AuctionState.CANCELLED}
    is_closed, has_shares = row.state is AuctionState.CLOSED, row.shares >= sealed_bids.OFFICERS_NEEDED
    context = {
        "auction": row,
        "now": request.now,
        "terms": auction_rules.terms(rules, row.kind),
        "own_bids": [bid for bid in bids if organisation and bid.organisation == organisation],
        "notice": queries.notice_of(row.number, organisation=organisation) if organisation else None,
        "page": pagination.page_of(bids if row.result else (), request),
        "form": (form or SealedBidForm()) if may_bid or form else None,
        "share": (share or ShareForm()) if is_closed and roles & auction_rules.KEEPERS else None,
        "cancellation": (cancellation or CancellationForm()) if _may_announce(request) and not has_ended else None,
        "shares_needed": sealed_bids.OFFICERS_NEEDED,
        "may_clear": is_closed and has_shares and Role.EXCHANGE_STAFF in roles,
        "papers": queries.auction_papers(row.number),
        "papers_open": _papers_open(row, actor) if actor else (),
        "may_withdraw": row.state is AuctionState.OPEN,
        **traders.own(request, traders.trader(request)),
    }
    return render(request, "market/auction.html", context, status=status)


def _calendar(request: Request) -> tuple[tuple[AuctionRow, ...], tuple[PlannedAuction, ...]]:
    planned = queries.planned_auctions(request.region, today=requests.today(request))
    return queries.auctions(request.region, now=request.now), planned


# The papers of an auction that somebody may propose now.
def _papers_open(row: AuctionRow, actor: Actor) -> list[PaperKind]:
    if not actor.roles & MAY[Act.ANNOUNCE_AUCTION]:
        return []
    there = {one.kind for one in queries.auction_papers(row.number)}
    return [kind for kind in auction_rules.papers_of(actor.kind, row.state) if kind not in there]


def _may_announce(request: Request) -> bool:
    actor = requests.acting_here(request)
    return actor is not None and bool(actor.roles & {Role.OFFICER, Role.EXCHANGE_STAFF})


def _auction_here(request: Request, number: str) -> AuctionRow:
    row = queries.auction(number, now=request.now)
    if row.region != request.region:
        raise Http404
    return row
