"""A wrong transfer is taken back by two people with a transfer that names it, while what it moved is still free."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django.fixtures import Settings
from tests.unit.registry import desk as desks
from tests.unit.registry.desk import CHEN, LATER, NOW, WANG, ZHOU, Desk
from tests.unit.web import town as towns
from tests.unit.web.town import RED_RIVER, Town

from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, HoldReason, LedgerRefusal, Leg, TransferType
from tonnebook.core.roles import Actor
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry import services as registry


@pytest.fixture
def trading(desk: Desk) -> str:
    desk.allocate(desk.red, 100)
    return registry.open_accounts([registry.AccountDraft(AccountType.TRADING, "shanghai", desks.RED)], now=NOW)[0]


@pytest.fixture
def moved(desk: Desk, trading: str) -> str:
    """A move of 60 t to the trading account."""
    return desk.post(TransferType.MOVE_TO_TRADING, Leg(desk.red, trading, "SHEA-2026", 60)).number


def reverse(transfer: str, *, key: str = "r", now: datetime = LATER) -> str:
    told = {"transfer": transfer, "reason": "typed wrongly"}
    proposed = members.propose(ZHOU, kind="registry.reverse", payload=told, key=key, now=now)
    approval = str(proposed["approval"])
    members.approve(CHEN, approval=approval, digest=str(proposed["digest"]), key=f"{key}a", now=now)
    answer = registry.reverse(ZHOU, **told, approval=approval, key=f"{key}x", now=now)
    return str(answer["transfer"])


def free(account: str) -> int:
    return sum(held.free for held in queries.holdings(account))


def test_a_correction_moves_everything_back_and_names_what_it_corrects(desk: Desk, trading: str, moved: str) -> None:
    number = reverse(moved)
    assert (free(desk.red), free(trading)) == (100, 0)
    correction = queries.transfer(number)
    assert correction.type is TransferType.CORRECTION
    assert correction.legs == (Leg(trading, desk.red, "SHEA-2026", 60),)
    assert queries.transfer(moved).corrected_by == number
    lines = queries.statement(trading, from_at=NOW, to_at=LATER + timedelta(days=1))
    assert [(line.transfer, line.corrects, line.corrected_by) for line in lines] == [
        (moved, "", number),
        (number, moved, ""),
    ]


def test_the_leaf_of_a_correction_says_what_it_takes_back(moved: str) -> None:
    number = reverse(moved)
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM journal_leaf WHERE payload LIKE %s", [f'%"corrects":"{moved}"%'])
        ((payload,),) = cursor.fetchall()
    assert f'"number":"{number}"' in payload


def test_nothing_is_taken_back_twice_nor_is_a_correction(moved: str) -> None:
    number = reverse(moved)
    with pytest.raises(Refused) as refused:
        reverse(moved, key="again")
    assert refused.value.code is LedgerRefusal.ALREADY_REVERSED
    with pytest.raises(Refused) as refused:
        reverse(number, key="back")
    assert refused.value.code is LedgerRefusal.NOT_REVERSIBLE


def test_a_transfer_that_stands_at_once_or_is_unknown_is_not_taken_back(desk: Desk) -> None:
    desk.allocate(desk.north, 10)
    with pytest.raises(Refused) as refused:
        reverse(desk.trade(10).number)
    assert refused.value.code is LedgerRefusal.NOT_REVERSIBLE
    with pytest.raises(Refused) as refused:
        reverse("T-9", key="unknown")
    assert refused.value.code is LedgerRefusal.TRANSFER_UNKNOWN


def test_five_working_days_later_it_is_too_late(moved: str) -> None:
    with pytest.raises(Refused) as refused:
        reverse(moved, now=NOW + timedelta(days=8))
    assert refused.value.code is LedgerRefusal.REVERSAL_TOO_LATE


def test_what_the_receiver_has_set_aside_is_not_taken_back(desk: Desk, trading: str, moved: str) -> None:
    desk.hold(trading, 1, HoldReason.ORDER)
    with pytest.raises(Refused) as refused:
        reverse(moved)
    assert refused.value.code is LedgerRefusal.INSUFFICIENT_FREE
    assert (free(desk.red), free(trading)) == (40, 59)


def test_what_was_recalled_for_good_stays_out_of_use(desk: Desk) -> None:
    desk.allocate(desk.red, 10)
    leg = Leg(desk.red, desk.system[AccountType.CANCELLATION], "SHEA-2026", 4)
    with pytest.raises(Refused) as refused:
        reverse(desk.post(TransferType.RECALL, leg).number)
    assert refused.value.code is LedgerRefusal.TERMINAL_ACCOUNT


def test_a_payment_booked_by_mistake_goes_back_to_the_bank(desk: Desk) -> None:
    reverse(desk.pay_in(desk.red_cash, 500, "B-1").number)
    assert free(desk.red_cash) == 0


@pytest.mark.parametrize(
    ("actor", "code"), [(WANG, "NOT_PERMITTED"), (replace(ZHOU, region="tianjin"), "TRANSFER_UNKNOWN")]
)
def test_only_officers_and_registrars_of_the_region_correct(moved: str, actor: Actor, code: str) -> None:
    with pytest.raises(Refused, match=code):
        registry.reverse(actor, transfer=moved, reason="x", approval="AP-1", key="x", now=LATER)


def test_two_people_approve_exactly_this_correction(moved: str) -> None:
    told = {"transfer": moved, "reason": "typed wrongly"}
    proposed = members.propose(ZHOU, kind="registry.reverse", payload=told, key="p", now=LATER)
    approval = str(proposed["approval"])
    with pytest.raises(Refused, match="NOT_APPROVED"):
        registry.reverse(ZHOU, **told, approval=approval, key="early", now=LATER)
    members.approve(CHEN, approval=approval, digest=str(proposed["digest"]), key="a", now=LATER)
    with pytest.raises(Refused, match="DIGEST_DIFFERS"):
        registry.reverse(ZHOU, transfer=moved, reason="other", approval=approval, key="other", now=LATER)


def test_only_a_correction_names_a_transfer_and_none_is_named_twice(desk: Desk, trading: str, moved: str) -> None:
    leg = (Leg(trading, desk.red, "SHEA-2026", 1),)
    for type_, corrects in ((TransferType.CORRECTION, ""), (TransferType.MOVE_FROM_TRADING, moved)):
        draft = registry.TransferDraft(type_, leg, "P-ZHOU", "P-CHEN", corrects=corrects)
        with pytest.raises(IntegrityError, match="registry_transfer_correction_names"), transaction.atomic():
            registry.post([draft], now=NOW)
    draft = registry.TransferDraft(TransferType.CORRECTION, leg, "P-ZHOU", "P-CHEN", corrects=moved)
    with pytest.raises(IntegrityError, match="registry_transfer_corrected_once"), transaction.atomic():
        registry.post([draft, draft], now=NOW)


@pytest.fixture
def town(db: None, settings: Settings) -> Town:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return towns.open_town()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_registrar_proposes_on_a_page_and_nobody_else_does(town: Town, language: str) -> None:
    cash = queries.account_of(RED_RIVER, AccountType.CLIENT_CASH)
    bank = queries.system_account("shanghai", AccountType.BANK)
    draft = registry.TransferDraft(TransferType.CASH_IN, (Leg(bank, cash, "CNY", 500),), "P-1", subject="B-7")
    number = registry.post([draft], now=towns.NOW)[0].number
    keeper, address = town.browser("keeper", language), f"/registry/accounts/{cash}"
    page, form = f"{address}/statement", f"{address}/transfers/{number}/reverse"
    assert form in keeper.get(page).content.decode()
    assert form not in town.browser("red", language).get(page).content.decode()
    assert town.browser("red", language).get(form).status_code in (403, 404)
    assert keeper.get(form).status_code == 200
    assert number in keeper.post(form, {"reason": "typed wrongly"}).content.decode()
    assert keeper.post(form, {"reason": "typed wrongly", "shown": "typed wrongly"}).status_code == 302
    assert number in keeper.get("/approvals").content.decode()
    elsewhere = queries.account_of(RED_RIVER, AccountType.HOLDING)
    assert keeper.get(f"/registry/accounts/{elsewhere}/transfers/{number}/reverse").status_code == 404


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_page_says_what_stands_before_anybody_approves(town: Town, language: str) -> None:
    town.stage.first_batch()
    account = queries.account_of(RED_RIVER, AccountType.HOLDING)
    (line,) = queries.statement(account, from_at=towns.NOW - timedelta(days=900), to_at=towns.NOW + timedelta(days=1))
    form = f"/registry/accounts/{account}/transfers/{line.transfer}/reverse"
    answer = town.browser("keeper", language).post(form, {"reason": "x", "shown": "x"})
    assert answer.status_code == 409
    assert "NOT_REVERSIBLE" in answer.content.decode()
