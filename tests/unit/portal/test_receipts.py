"""Receipts are shown, handed out and checked; the life of a unit is private until nobody can use it again."""

import json

import pytest
from django.db import transaction
from tests.unit.web.town import NOW, RED_RIVER, REGION, Town

from tonnebook.core.ledger import AccountType, TransferType
from tonnebook.journal import queries as journal_queries
from tonnebook.journal import services as journal
from tonnebook.registry import queries as registry
from tonnebook.registry import services


def a_leaf(town: Town) -> str:
    """The leaf of the first transfer, integrated and under a checkpoint."""
    town.stage.first_batch()
    journal.integrate(now=NOW)
    journal.publish_checkpoint(now=NOW)
    return registry.life_of_unit(town_serial(town))[0].leaf


def town_serial(town: Town) -> int:
    """A serial number that Red River holds."""
    return registry.blocks_of(town.stage.accounts[RED_RIVER], "SHEA-2026")[0].serial_from


def test_a_receipt_is_good_and_a_changed_one_is_not(town: Town) -> None:
    leaf = a_leaf(town)
    browser = town.browser()
    text = browser.get(f"/public/leaf/{leaf}.json").content.decode()
    page = browser.get(f"/public/leaf/{leaf}")
    assert page.status_code == 200
    assert "[&#x27;" not in page.content.decode()
    good = browser.post("/public/receipt", {"receipt": text})
    assert good.context["is_good"]
    assert "The receipt is good" in good.content.decode()
    changed = json.loads(text)
    changed["leaf"]["at"] = "2020-01-01T00:00:00Z"
    bad = browser.post("/public/receipt", {"receipt": json.dumps(changed)})
    assert not bad.context["is_good"]
    assert "does not stand in the log" in bad.content.decode()


def test_what_is_no_receipt_is_told_in_one_step(town: Town) -> None:
    answer = town.browser().post("/public/receipt", {"receipt": "hello"})
    assert [step.is_good for step in answer.context["steps"]] == [False]


def test_no_receipt_for_the_public_opens_private_fields(town: Town) -> None:
    leaf = a_leaf(town)
    assert town.browser().get(f"/public/leaf/{leaf}.json").json()["sealed"] is None
    assert journal_queries.receipt(leaf)["sealed"] is None


def test_an_unknown_leaf_is_refused(town: Town) -> None:
    assert town.browser().get("/public/leaf/" + "0" * 64).status_code == 404


def test_a_unit_in_use_looks_to_the_public_like_one_that_does_not_exist(town: Town) -> None:
    town.stage.first_batch()
    serial = town_serial(town)
    public = town.browser().get("/public/unit", {"serial": serial})
    unknown = town.browser().get("/public/unit", {"serial": 10**30})
    assert public.status_code == unknown.status_code == 404
    assert public.context["life"] == unknown.context["life"] == ()
    seen = town.browser("keeper").get("/public/unit", {"serial": serial})
    assert seen.status_code == 200
    assert len(seen.context["life"]) == 1


@pytest.mark.parametrize(("type_", "target"), [("SURRENDER", "SURRENDER"), ("CANCEL", "CANCELLATION")])
def test_a_unit_that_can_never_be_used_again_is_public_without_its_holder(town: Town, type_: str, target: str) -> None:
    town.stage.first_batch()
    serial, account = town_serial(town), registry.account_of(RED_RIVER, AccountType.HOLDING)
    final = registry.system_account(REGION, AccountType(target))
    leg = services.Leg(account, final, "SHEA-2026", 1)
    with transaction.atomic():
        services.post([services.TransferDraft(TransferType(type_), (leg,), "P-1", "P-2")], now=NOW)
    public = town.browser().get("/public/unit", {"serial": serial})
    assert public.status_code == 200
    assert len(public.context["life"]) == 2
    assert account not in public.content.decode()
