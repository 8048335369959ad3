"""The papers of an auction: the authority's announcement, the exchange's notice and, once it is cleared, the result.

Each is written from the auction as it stands in the books, drafted and signed by two people of its own body, numbered
among that body's papers and published.
"""

from collections.abc import Iterator
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext

from tonnebook import rulebook
from tonnebook.core import auction as core
from tonnebook.core import papers, periods, roles, sealed_bids, trace
from tonnebook.core.auction import AuctionRefusal, AuctionTerms, Unsold
from tonnebook.core.awards import Pricing
from tonnebook.core.errors import Refused
from tonnebook.core.papers import Draft, Figure, PaperKind
from tonnebook.core.roles import Act, Actor
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced
from tonnebook.faces import formats
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.market import queries
from tonnebook.market.models import AuctionPaper
from tonnebook.market.queries import AuctionRow
from tonnebook.market.services import envelopes, locks
from tonnebook.members import services as members

_KIND = "market.issue_auction_paper"


@journal.command(_KIND)
def issue_auction_paper(
    actor: Actor,
    *,
    auction: str,
    paper_kind: PaperKind,
    language: str,
    site: str,
    approval: str,
    key: str,
    now: datetime,
) -> Answer:
    """Issue one of the papers of an auction, written from its data, and publish it.

    Args:
        actor: officer for the announcement, exchange staff for notice and result; of the auction's region.
        auction: number.
        paper_kind: ANNOUNCEMENT, AUCTION_NOTICE or AUCTION_RESULT, each once.
        language: of its text, "zh-hans" or "en".
        site: address of these pages, for the code to be scanned.
        approval: number of the approval by two people of the body, for exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        `auction`, `paper` (its number), `digest` and `leaf`.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; NO_SUCH_AUCTION; NOT_ITS_BODY, NOT_CLEARED_YET, AUCTION_CANCELLED;
            PAPER_ISSUED; what `members.use_approval` refuses; SIGNERS_OF_TWO_BODIES.

    Source: S24: an announcement by the authority and a notice by the exchange for every auction; their text is a design
        choice (feature U12).
    """
    del key
    members.require(actor, Act.ANNOUNCE_AUCTION)
    row, paper_kind = locks.lock_auction(auction), PaperKind(paper_kind)
    roles.check(actor, Act.ANNOUNCE_AUCTION, region=row.region)
    core.check_paper(envelopes.round_of(row), paper_kind, body=actor.kind)
    if AuctionPaper.objects.filter(auction=row, kind=paper_kind).exists():
        raise Refused(AuctionRefusal.PAPER_ISSUED, auction=auction, kind=paper_kind)
    payload = {"auction": auction, "paper_kind": paper_kind, "language": language, "site": site}
    signers = members.use_approval(approval, kind=_KIND, payload=payload, now=now)
    draft = written(queries.auction(auction, now=now), paper_kind, envelopes.rules_of(row), language=language)
    told = members.publish_paper(draft, issuer=actor.organisation, signers=signers, site=site, now=now)
    AuctionPaper.objects.create(auction=row, kind=paper_kind, paper=str(told["paper"]), at=now)
    return {"auction": auction, "paper": told["paper"], "digest": told["digest"], "leaf": told["leaf"]}


def written(row: AuctionRow, kind: PaperKind, rules: RulesAt, *, language: str) -> Draft:
    """Write a paper of an auction.

    Args:
        row: the auction.
        kind: which of its papers.
        rules: of the auction.
        language: of the text, "zh-hans" or "en".
    """
    with translation.override(language):
        subjects = {
            PaperKind.ANNOUNCEMENT: gettext("Announcement of the paid auction %(auction)s"),
            PaperKind.AUCTION_NOTICE: gettext("Notice on taking part in the auction %(auction)s"),
            PaperKind.AUCTION_RESULT: gettext("Result of the auction %(auction)s"),
        }
        subject = subjects[kind] % {"auction": row.number}
        terms = core.terms(rules, row.kind)
        if kind is PaperKind.ANNOUNCEMENT:
            return Draft(kind, language, subject, _offer_told(row), tuple(_offer(row, terms, rules, language)))
        if kind is PaperKind.AUCTION_NOTICE:
            return Draft(kind, language, subject, _holding_told(), tuple(_holding(row, rules)))
        return Draft(kind, language, subject, _result_told(row), tuple(_result(row, language)))


def _offer_told(row: AuctionRow) -> tuple[str, ...]:
    told = gettext(
        "Allowances of the compliance year %(year)s are offered against payment, by sealed bids in one round."
    )
    return (
        told % {"year": row.year},
        gettext("Who may bid, for how much and from which price, and what becomes of what nobody buys, is as below."),
        gettext("What is paid goes into the treasury as government revenue."),
    )


def _offer(row: AuctionRow, terms: AuctionTerms, rules: RulesAt, language: str) -> Iterator[Figure]:
    path, book = f"auction.{row.kind.lower()}", gettext("this announcement")
    yield Figure(gettext("Quantity"), _tonnes(row.quantity_t), book)
    yield Figure(gettext("Allowances"), row.asset, book)
    yield _traced(gettext("Floor price"), row.floor_price, language)
    who = rulebook.word(rules.region, "covered_entity", "zh" if language == "zh-hans" else "en")
    if terms.admits_investors:
        who = gettext("%(covered)s and investor") % {"covered": who}
    yield _ruled(rules, f"{path}.investors", gettext("Who may bid"), who)
    limits = (
        ("entity_limit_t", gettext("Limit of a company"), terms.entity_limit_t),
        ("investor_limit_t", gettext("Limit of an investor"), terms.investor_limit_t),
        ("group_limit_t", gettext("Limit of companies under one controller"), terms.group_limit_t),
    )
    for leaf, name, limit_t in limits:
        if limit_t is not None:
            yield _ruled(rules, f"{path}.{leaf}", name, _tonnes(limit_t))
    own = terms.own_surrender_only
    use = gettext("own surrender only, not tradable") if own else gettext("tradable")
    yield _ruled(rules, f"{path}.own_surrender_only", gettext("What is bought"), use)
    yield _ruled(rules, f"{path}.unsold", gettext("What nobody buys"), _UNSOLD[row.unsold_rule]())


def _holding_told() -> tuple[str, ...]:
    return (
        gettext("Bids are taken in this system only, sealed by the bidder's browser to the key below."),
        gettext("A deposit is set aside for every bid; what is left of it is free again when the auction is cleared."),
        gettext("After the close any %(needed)s of %(officers)s officers open all bids, and the result is published.")
        % {"needed": sealed_bids.OFFICERS_NEEDED, "officers": sealed_bids.OFFICERS},
    )


def _holding(row: AuctionRow, rules: RulesAt) -> Iterator[Figure]:
    book = gettext("this notice")
    yield Figure(gettext("Opens"), periods.wall_clock(row.opens_at), book)
    yield Figure(gettext("Closes"), periods.wall_clock(row.closes_at), book)
    paid = {
        Pricing.UNIFORM_LOWEST_ACCEPTED: gettext("all the lowest price that is filled"),
        Pricing.PAY_AS_BID: gettext("each the price of its own bid"),
    }[row.pricing]
    yield _ruled(rules, "auction.pricing", gettext("What winners pay"), paid)
    yield Figure(gettext("Fee for bidding"), gettext("none"), gettext("design choice, no rule was found"))
    yield Figure(gettext("Opening key"), row.opening_key, gettext("public log"))


def _result_told(row: AuctionRow) -> tuple[str, ...]:
    sold = row.result is not None and row.result.sold_t > 0
    told = gettext("The auction is cleared as below.") if sold else gettext("The auction is over; nothing was sold.")
    return (
        told,
        gettext("Anybody computes it again from the published file: %(file)s") % {"file": f"{row.number}.json"},
    )


def _result(row: AuctionRow, language: str) -> Iterator[Figure]:
    assert row.result is not None
    book, result = gettext("public log"), row.result
    if result.price is not None:
        yield _traced(gettext("Clearing price"), result.price, language)
    sums = (
        (gettext("Sold"), _tonnes(result.sold_t)),
        (gettext("Unsold"), _tonnes(result.unsold_t)),
        (gettext("Asked for by valid bids"), _tonnes(result.demand_t)),
        (gettext("Bidders"), formats.grouped(result.bidders)),
        (gettext("Cover ratio"), str(result.cover_ratio)),
        (gettext("Proceeds"), formats.yuan(result.proceeds_fen, language).text),
    )
    for name, text in sums:
        yield Figure(name, text, book)


_UNSOLD = {
    Unsold.RETURN: lambda: gettext("returns to the authority"),
    Unsold.RESERVE: lambda: gettext("goes into the reserve"),
    Unsold.NEXT_AUCTION: lambda: gettext("is offered again at the next auction"),
}


def _ruled(rules: RulesAt, path: str, name: str, text: str) -> Figure:
    origin = rules.origin(path)
    return Figure(name, text, f"{origin.source} {origin.article}", origin.status)


def _traced(name: str, value: Traced, language: str) -> Figure:
    origins = trace.origins(value)
    sources = dict.fromkeys(f"{one.source} {one.article}" for one in origins)
    figure = formats.measure(value.value, value.unit, language)
    where = gettext("; ").join(sources) or gettext("public log")
    return Figure(name, figure.exact or figure.text, where, papers.least_sure(one.status for one in origins))


def _tonnes(quantity_t: int) -> str:
    return gettext("%(quantity)s t") % {"quantity": formats.grouped(quantity_t)}
