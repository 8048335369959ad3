"""Private fields about a person are found, chosen and erased by two officers, from a page."""

import pytest
from tests.unit.web.town import NOW, Town

from tonnebook.journal import queries as journal_queries
from tonnebook.journal.models import JournalSecret
from tonnebook.members import queries as members
from tonnebook.members.models import Approval
from tonnebook.members.services import bars


@pytest.fixture
def barred(town: Town) -> str:
    """The number of a company's person, whose bar from trading seals its ground."""
    person = town.actor("red").person
    bars.bar_from_trading(town.actor("zhou"), subject=person, ground="kin of the exchange", key="bar", now=NOW)
    return person


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_is_about_a_person_is_erased_by_two_officers(town: Town, barred: str, language: str) -> None:
    zhou, chen = (town.browser(name, language) for name in ("zhou", "chen"))
    address = f"/members/erasure?person={barred}"
    found = members.private_leaves(barred, region="shanghai")
    page = zhou.get(address)
    assert all(one.leaf in page.content.decode() for one in found)
    chosen = page.context["chosen"]
    assert {one.kind for one in found if one.leaf in chosen} == {"members.bar.placed", "members.person.registered"}
    assert zhou.post(address, {"leaves": chosen}).status_code == 422
    assert zhou.post(address, {"leaves": chosen, "reason": "asked for it"}).status_code == 302
    approval = Approval.objects.get(kind="members.erase_secrets")
    assert approval.payload["leaves"] == sorted(chosen)
    assert journal_queries.receipt(chosen[0], with_sealed=True)["sealed"] is not None
    decided = {"decision": "approve", "digest": approval.digest}
    assert chen.post(f"/approvals/{approval.number}", decided).status_code in (200, 302)
    assert not JournalSecret.objects.filter(leaf__leaf_hash__in=[bytes.fromhex(one) for one in chosen]).exists()


def test_what_was_not_offered_is_not_proposed(town: Town, barred: str) -> None:
    other = JournalSecret.objects.exclude(sealed__contains=barred).exclude(leaf__payload__contains=barred)
    leaf = bytes(other.select_related("leaf")[0].leaf.leaf_hash).hex()
    answer = town.browser("zhou").post(f"/members/erasure?person={barred}", {"leaves": [leaf], "reason": "x"})
    assert answer.status_code == 422
    assert not Approval.objects.filter(kind="members.erase_secrets").exists()


def test_nobody_of_another_region_is_found(barred: str) -> None:
    assert members.private_leaves(barred, region="tianjin") == ()
    assert members.private_leaves("P-", region="shanghai") == ()
