"""What auctions bring in: notices to winners, receipts by the finance bureau, use within what was received."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from tests.market_stage import MONDAY, REGION, Stage

from tonnebook.core import auction
from tonnebook.core.auction import AuctionKind, Unsold
from tonnebook.core.awards import Pricing
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.ledger import AccountType
from tonnebook.core.proceeds import ProceedsRefusal
from tonnebook.core.roles import AccessRefusal, Actor, OrganisationKind, Role
from tonnebook.journal.services import Answer
from tonnebook.market import models, queries
from tonnebook.market import services as market
from tonnebook_audit import auction_file

PAID = "SHEA-2026-PAID"
FINANCE = Actor("P-000099-00", "", OrganisationKind.FINANCE_BUREAU, frozenset({Role.FINANCE_OFFICER}), REGION)


@pytest.fixture
def bidders(stage: Stage) -> Stage:
    """Three organisations with CNY 1 million each, at nine o'clock."""
    for name in ("Red River Steel", "North Power", "Lotus Capital"):
        stage.fund(name, 100_000_000)
    stage.at(time(9))
    return stage


@pytest.fixture
def rule(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the rule book say something else of auctions."""

    def use(*, unsold: Unsold = Unsold.RETURN, pricing: Pricing = Pricing.UNIFORM_LOWEST_ACCEPTED) -> None:
        terms = auction.terms

        def changed(*args: object) -> auction.AuctionTerms:
            found = terms(*args)  # type: ignore[arg-type]
            return replace(found, unsold=unsold, clearing=replace(found.clearing, pricing=pricing))

        monkeypatch.setattr(auction, "terms", changed)

    return use


def held(stage: Stage, *bids: tuple[str, int, int], quantity_t: int = 1_000, day: date = MONDAY) -> str:
    """Hold an auction with these bids and clear it."""
    stage.at(time(9), day)
    number = str(stage.announce(AuctionKind.EARLY, quantity_t, day=day)["auction"])
    stage.at(time(10), day)
    for name, price_fen_per_t, wanted_t in bids:
        stage.bid(name, number, price_fen_per_t, wanted_t)
    stage.at(time(11, 30), day)
    stage.close_auction(number)
    return number


def receive(stage: Stage, number: str, *, first: str = "00098", by: Actor = FINANCE, on: date = MONDAY) -> Answer:
    return market.record_receipts(by, auction=number, first=first, received_on=on, key=stage.key(), now=stage.now)


def use(stage: Stage, amount_fen: int) -> Answer:
    return market.state_use(
        FINANCE, year=2026, purpose="节能改造", amount_fen=amount_fen, key=stage.key(), now=stage.now
    )


def refused(code: Refusal, act: Callable[[], object]) -> None:
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.code is code


BIDS = (("Red River Steel", 7600, 300), ("Red River Steel", 7500, 200), ("North Power", 7500, 400))


def test_every_winner_gets_one_notice_and_the_finance_bureau_one_receipt_for_each(bidders: Stage) -> None:
    number = held(bidders, *BIDS)
    notices = list(models.PaymentNotice.objects.order_by("id").values_list("organisation", "quantity_t", "amount_fen"))
    owners = [bidders.cast[name].organisation for name in ("Red River Steel", "North Power")]
    assert notices == [(owners[0], 500, 500 * 7500), (owners[1], 400, 400 * 7500)]
    answer = receive(bidders, number)
    assert (answer["receipts"], answer["amount_fen"], answer["last"]) == (2, 900 * 7500, "00099")
    (year,) = queries.proceeds_by_year(REGION)
    assert (year.year, year.noticed_fen, year.received_fen, year.used_fen) == (2026, 6_750_000, 6_750_000, 0)
    refused(ProceedsRefusal.NOTHING_TO_RECEIVE, lambda: receive(bidders, number))
    refused(AccessRefusal.NOT_PERMITTED, lambda: receive(bidders, number, by=bidders.cast["Exchange"]))
    far = replace(FINANCE, region="tianjin")
    refused(AccessRefusal.NOT_YOUR_REGION, lambda: receive(bidders, number, by=far))


def test_a_receipt_bears_its_own_number_and_a_day_between_notice_and_today(bidders: Stage) -> None:
    receive(bidders, held(bidders, *BIDS), first="00098")
    second = held(bidders, BIDS[0], day=MONDAY + timedelta(days=1))
    refused(ProceedsRefusal.NOT_A_DAY_OF_RECEIPT, lambda: receive(bidders, second, first="00100"))
    tuesday = MONDAY + timedelta(days=1)
    refused(ProceedsRefusal.RECEIPT_NUMBER_TAKEN, lambda: receive(bidders, second, first="00099", on=tuesday))
    refused(ProceedsRefusal.RECEIPT_NUMBER_WRONG, lambda: receive(bidders, second, first="A", on=tuesday))
    receive(bidders, second, first="00100", on=tuesday)


def test_no_more_is_stated_as_used_than_was_received(bidders: Stage) -> None:
    number = held(bidders, *BIDS)
    refused(ProceedsRefusal.BEYOND_RECEIVED, lambda: use(bidders, 1))
    receive(bidders, number)
    use(bidders, 6_000_000)
    refused(ProceedsRefusal.BEYOND_RECEIVED, lambda: use(bidders, 750_001))
    use(bidders, -1_000_000)
    assert [row.amount_fen for row in queries.uses_of_proceeds(REGION)] == [-1_000_000, 6_000_000]


def test_each_pays_its_own_bid_where_the_rule_says_so(bidders: Stage, rule: Callable[..., None]) -> None:
    rule(pricing=Pricing.PAY_AS_BID)
    number = held(bidders, *BIDS, quantity_t=600)
    assert bidders.cash("Red River Steel") == (100_000_000 - 300 * 7600 - 200 * 7500, 0)
    assert bidders.cash("North Power") == (100_000_000 - 100 * 7500, 0)
    result = queries.auction(number, now=bidders.now).result
    assert result is not None
    assert result.price is not None
    assert (result.price.whole, result.proceeds_fen) == (7500, 300 * 7600 + 300 * 7500)
    document = queries.auction_file(number, now=bidders.now)
    assert auction_file.check(json.dumps(document)) == []
    document["result"] |= {"proceeds_fen": 600 * 7500}  # type: ignore[operator]
    assert [one.en for one in auction_file.check(json.dumps(document))] == [
        "The published result is not what the bids come to."
    ]


def test_what_nobody_bought_is_offered_again_where_the_rule_says_so(bidders: Stage, rule: Callable[..., None]) -> None:
    rule(unsold=Unsold.NEXT_AUCTION)
    held(bidders, *BIDS)
    assert bidders.system(AccountType.AUCTION, PAID) == 100
    second = held(bidders, ("Lotus Capital", 7600, 30), quantity_t=60, day=MONDAY + timedelta(days=1))
    third = held(bidders, ("Lotus Capital", 7600, 500), quantity_t=500, day=MONDAY + timedelta(days=2))
    rows = [queries.auction(number, now=bidders.now) for number in (second, third)]
    assert [row.carried_t for row in rows] == [60, 70]
    assert bidders.system(AccountType.AUCTION, PAID) == 0
    assert bidders.system(AccountType.CANCELLATION, PAID) == bidders.system(AccountType.RESERVE, PAID) == 0
    assert bidders.system(AccountType.ISSUANCE, PAID) == -1_430
