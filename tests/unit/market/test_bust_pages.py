"""The exchange proposes to take a trade back on its page; everybody reads which trades were taken back."""

import json
from dataclasses import replace

import pytest
from tests.unit.market.test_paper_pages import DAY, text, town
from tests.unit.web.town import REGION, Town

from tonnebook import commands
from tonnebook.journal import services as journal
from tonnebook.market import queries
from tonnebook.members import services as members
from tonnebook.members.models import Approval

__all__ = ["town"]

PAGE = "/market/supervision/trades"
SENT = {"ground": "OBVIOUS_ERROR", "reason": "报价多打一位", "price": "", "quantity_t": ""}


def carry_out(town: Town) -> None:
    """Have a second person approve what was proposed, and do it."""
    row, staff = Approval.objects.get(state="OPEN"), town.actor("bell")
    now = journal.now()
    second = replace(staff, person="P-999999-99")
    members.approve(second, approval=row.number, digest=row.digest, key=f"approve-{row.number}", now=now)
    commands.execute(staff, approval=row.number, key=f"execute-{row.number}", now=now)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_exchange_takes_a_trade_back_and_everybody_reads_it(town: Town, language: str) -> None:
    browser, (trade,) = town.browser("bell", language), queries.trades("SHEA")
    assert f"?trade={trade.number}" in text(browser, PAGE)
    assert f'value="{trade.number}"' in text(browser, f"{PAGE}?trade={trade.number}")
    assert browser.post(PAGE, {**SENT, "trade": trade.number}).status_code == 302
    carry_out(town)
    (bust,) = queries.busts_on(REGION, day=DAY)
    assert bust.number in text(browser, PAGE)
    assert f"?trade={trade.number}" not in text(browser, PAGE)
    again = browser.post(PAGE, {**SENT, "trade": trade.number})
    assert again.status_code == 409
    assert "ALREADY_BUSTED" in again.content.decode()
    assert bust.number in text(town.browser("", language), f"/market/bulletin?day={DAY}")
    word = {"en": "taken back", "zh-hans": "已撤回"}[language]
    for username, address in (("lotus", "/market/slips"), ("", "/market/"), ("lotus", "/market/")):
        assert word in text(town.browser(username, language), address)


def test_what_could_not_be_done_is_not_proposed(town: Town) -> None:
    browser, (trade,) = town.browser("bell"), queries.trades("SHEA")
    for sent, status, code in (
        ({"trade": "SHEA-T-000009-99"}, 404, "NO_SUCH_TRADE"),
        ({"trade": trade.number, "price": "74.99", "quantity_t": "40"}, 422, "CORRECTION_UNFIT"),
        ({"trade": trade.number, "price": "75", "quantity_t": ""}, 422, "both the right price"),
        ({"trade": trade.number, "ground": "WEATHER"}, 422, "WEATHER"),
    ):
        answer = browser.post(PAGE, {**SENT, **sent})
        assert answer.status_code == status
        assert code in answer.content.decode()
    assert not Approval.objects.filter(kind__startswith="market.").exists()


def test_the_api_tells_of_a_correction(town: Town) -> None:
    (trade,) = queries.trades("SHEA")
    sent = {**SENT, "trade": trade.number, "price": "75", "quantity_t": "30"}
    assert town.browser("bell").post(PAGE, sent).status_code == 302
    carry_out(town)
    told = json.loads(town.browser().get(f"/api/v1/instruments/SHEA/busts?day={DAY}").content)
    (row,) = told
    assert (row["trade"], row["right_quantity_t"], row["ground"]) == (trade.number, 30, "OBVIOUS_ERROR")
    right, wrong = json.loads(town.browser().get("/api/v1/instruments/SHEA/trades").content)
    assert (wrong["bust"], right["number"], right["bust"]) == (row["number"], row["replacement"], "")
