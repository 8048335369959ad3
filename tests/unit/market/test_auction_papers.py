"""The papers of an auction: each by its own body, once, from the auction's data, and open to everybody."""

from collections.abc import Callable
from dataclasses import replace
from datetime import time

import pytest
from tests.market_stage import REGION, Stage

from tonnebook import rulebook
from tonnebook.core.auction import AuctionKind, AuctionRefusal
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.papers import PaperKind, PaperRefusal
from tonnebook.journal.services import Answer
from tonnebook.market import queries
from tonnebook.market import services as market
from tonnebook.market.services import auction_papers
from tonnebook.members import queries as people
from tonnebook.members import services as members
from tonnebook.members.models import Organisation, Person

SITE = "https://registry.example"


@pytest.fixture
def signing(stage: Stage) -> Stage:
    """An authority and an exchange with two people each, at nine o'clock."""
    for name in ("Authority", "Exchange"):
        body = Organisation.objects.get(uscc=stage.cast[name].organisation)
        for number in people_of(stage, name):
            Person.objects.create(number=number, username=number, organisation=body)
    stage.at(time(9))
    return stage


def people_of(stage: Stage, name: str) -> tuple[str, str]:
    first = stage.cast[name].person
    return first, f"{first}-2"


def issue(stage: Stage, number: str, kind: PaperKind, *, by: str) -> Answer:
    actor, (_, second) = stage.cast[by], people_of(stage, by)
    told: dict[str, Json] = {"auction": number, "paper_kind": kind, "language": "zh-hans", "site": SITE}
    proposed = members.propose(actor, kind="market.issue_auction_paper", payload=told, key=stage.key(), now=stage.now)
    approval, digest = str(proposed["approval"]), str(proposed["digest"])
    members.approve(replace(actor, person=second), approval=approval, digest=digest, key=stage.key(), now=stage.now)
    return market.issue_auction_paper(
        actor,
        auction=number,
        paper_kind=kind,
        language="zh-hans",
        site=SITE,
        approval=approval,
        key=stage.key(),
        now=stage.now,
    )


def refused(code: Refusal, act: Callable[[], object]) -> None:
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.code is code


def test_authority_and_exchange_issue_a_paper_each_and_everybody_reads_them(signing: Stage) -> None:
    number = str(signing.announce(AuctionKind.EARLY, 1_000)["auction"])
    refused(AuctionRefusal.NOT_ITS_BODY, lambda: issue(signing, number, PaperKind.AUCTION_NOTICE, by="Authority"))
    refused(AuctionRefusal.NOT_ITS_BODY, lambda: issue(signing, number, PaperKind.ANNOUNCEMENT, by="Exchange"))
    refused(AuctionRefusal.NOT_CLEARED_YET, lambda: issue(signing, number, PaperKind.AUCTION_RESULT, by="Exchange"))
    first = issue(signing, number, PaperKind.ANNOUNCEMENT, by="Authority")
    second = issue(signing, number, PaperKind.AUCTION_NOTICE, by="Exchange")
    refused(AuctionRefusal.PAPER_ISSUED, lambda: issue(signing, number, PaperKind.ANNOUNCEMENT, by="Authority"))
    assert [(one.kind, one.paper) for one in queries.auction_papers(number)] == [
        (PaperKind.ANNOUNCEMENT, first["paper"]),
        (PaperKind.AUCTION_NOTICE, second["paper"]),
    ]
    assert people.published_paper_file(str(first["paper"]), "pdf").content.startswith(b"%PDF")
    refused(PaperRefusal.NO_SUCH_PAPER, lambda: people.published_paper_file(str(first["paper"]), "exe"))
    refused(PaperRefusal.NO_SUCH_PAPER, lambda: people.published_paper_file("X", "pdf"))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_result_says_what_the_books_say(stage: Stage, language: str) -> None:
    stage.fund("Red River Steel", 100_000_000)
    stage.at(time(9))
    number = str(stage.announce(AuctionKind.EARLY, 1_000)["auction"])
    stage.at(time(10))
    stage.bid("Red River Steel", number, 7500, 600)
    stage.at(time(11, 30))
    stage.close_auction(number)
    row, rules = queries.auction(number, now=stage.now), rulebook.at(REGION, on=stage.now.date(), year=2026)
    result = auction_papers.written(row, PaperKind.AUCTION_RESULT, rules, language=language)
    texts = [figure.text for figure in result.figures]
    assert any("75.00" in text for text in texts)
    assert any("45,000.00" in text for text in texts)
    offer = auction_papers.written(row, PaperKind.ANNOUNCEMENT, rules, language=language)
    assert "scenario" in {figure.status for figure in offer.figures}
