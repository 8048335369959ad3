"""Receipts are shown, handed out and checked; the life of a unit is private until nobody can use it again."""

import json

import pytest
from django.db import transaction
from tests.unit.web.town import NOW, RED_RIVER, REGION, Town

from tonnebook.core.ledger import AccountType, TransferType
from tonnebook.emissions import queries as emissions
from tonnebook.journal import queries as journal_queries
from tonnebook.journal import services as journal
from tonnebook.journal.models import AuditEvent, JournalLeaf
from tonnebook.registry import queries as registry
from tonnebook.registry import services
from tonnebook_audit import receipt


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


def last_leaf(kind: str) -> str:
    journal.integrate(now=NOW)
    journal.publish_checkpoint(now=NOW)
    return bytes(JournalLeaf.objects.filter(kind=kind).latest("id").leaf_hash).hex()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_company_keeps_a_receipt_that_proves_its_own_figures_and_nobody_else_gets_one(
    town: Town, language: str
) -> None:
    report = town.reported()
    leaf = last_leaf("emissions.report.submitted")
    address = f"/public/leaf/{leaf}"
    own, total_t = town.browser("red", language), str(emissions.report(report).total_t)
    assert f"<code>{total_t}</code>" in own.get(address).content.decode()
    kept = own.get(f"{address}.json?opened=yes").content.decode()
    assert json.loads(kept)["sealed"]["total_t"] == total_t
    assert receipt.check(kept) == []
    altered = json.loads(kept)
    altered["sealed"]["total_t"] = "1"
    assert receipt.check(json.dumps(altered)) == [receipt.SEAL_BROKEN]
    # What is handed on stays closed unless somebody asked for more.
    assert own.get(f"{address}.json").json()["sealed"] is None
    for name in ("", "north", "zhou", "keeper"):
        other = town.browser(name, language)
        assert other.get(f"{address}.json?opened=yes").json()["sealed"] is None
        assert f"<code>{total_t}</code>" not in other.get(address).content.decode()


def test_a_surrender_s_receipt_opens_for_who_surrendered(town: Town) -> None:
    town.stage.first_batch()
    town.stage.determine()
    town.stage.submit({"SHEA-2026": 1_000}, shown_t=1_000)
    address = f"/api/v1/receipts/{last_leaf('compliance.surrender.submitted')}"
    assert town.browser("red").get(address).json()["sealed"]["entity"] == RED_RIVER
    assert town.browser("north").get(address).json()["sealed"] is None
    assert town.browser().get(address).status_code == 401


def test_a_transfer_s_receipt_with_its_serials_opens_for_keepers_and_leaves_a_row(town: Town) -> None:
    address = f"/public/leaf/{a_leaf(town)}.json?opened=yes"
    assert town.browser("red").get(address).json()["sealed"] is None
    opened = town.browser("keeper").get(address).json()
    assert opened["sealed"]["serials"]
    look = AuditEvent.objects.latest("id")
    assert (look.actor, look.facts["subject"]) == (town.actor("keeper").person, opened["leaf"]["facts"]["number"])


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
