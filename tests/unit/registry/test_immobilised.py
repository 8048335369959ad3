"""Units kept from use for a pledgee or for another registry: on papers, and released by two people on a notice."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from pytest_django.fixtures import Settings
from tests.unit.faces import files
from tests.unit.registry.desk import CHEN, NORTH, NOW, RED, STRANGER, ZHOU, Desk
from tests.unit.registry.test_courts import paper
from tests.unit.web import town as towns
from tests.unit.web.town import NORTH_POWER, RED_RIVER, Town

from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.ledger import AccountType, HoldReason, LedgerRefusal
from tonnebook.core.roles import AccessRefusal, Actor, MemberRefusal
from tonnebook.core.uploads import DocumentRefusal
from tonnebook.journal.services import Answer
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry import services as registry

KEEPERS = {HoldReason.PLEDGE: RED, HoldReason.BRIDGE: "CAD Trust"}


def immobilise(
    desk: Desk,
    ground: HoldReason,
    quantity_t: int = 40,
    *,
    actor: Actor = ZHOU,
    keeper: str = "",
    papers: tuple[str, ...],
    asset: str = "SHEA-2026",
) -> Answer:
    keeper = keeper or KEEPERS.get(ground, "")
    return registry.immobilise(
        actor,
        account=desk.north,
        asset=asset,
        quantity_t=quantity_t,
        ground=ground,
        keeper=keeper,
        contract="K-1",
        documents=papers,
        key=f"{ground}-{quantity_t}-{actor.person}-{actor.region}-{keeper}-{papers}-{asset}",
        now=NOW,
    )


@pytest.fixture
def papers(desk: Desk) -> tuple[str, ...]:
    desk.allocate(desk.north, 100)
    desk.allocate(desk.north, 10, "SHEA-2026-OWN")
    return (paper(NORTH),)


def approved(payload: dict[str, object]) -> str:
    kind = "registry.release_immobilised"
    proposed = members.propose(ZHOU, kind=kind, payload=payload, key=f"p{payload}", now=NOW)
    approval, digest = str(proposed["approval"]), str(proposed["digest"])
    members.approve(CHEN, approval=approval, digest=digest, key=f"a{payload}", now=NOW)
    return approval


@pytest.mark.parametrize("ground", sorted(KEEPERS))
def test_immobilised_units_are_used_by_nobody_and_are_not_retired(
    desk: Desk, papers: tuple[str, ...], ground: HoldReason
) -> None:
    answer = immobilise(desk, ground, papers=papers)
    assert (answer["immobilised_t"], answer["waiting_t"]) == (40, 0)
    row = queries.hold(str(answer["hold"]))
    assert (row.reason, row.owner, row.subject, row.documents) == (ground, KEEPERS[ground], "K-1", papers)
    totals = queries.totals("shanghai")
    assert (totals.immobilised_t, totals.held_t, totals.retired_t) == (40, 70, 0)
    with pytest.raises(Refused, match="INSUFFICIENT_FREE"):
        desk.trade(61)
    with pytest.raises(Refused, match="INSUFFICIENT_FREE"):
        desk.surrender(desk.north, 61)


@pytest.mark.parametrize("ground", sorted(KEEPERS))
def test_two_people_release_exactly_what_they_saw(desk: Desk, papers: tuple[str, ...], ground: HoldReason) -> None:
    hold = str(immobilise(desk, ground, papers=papers)["hold"])
    other = str(immobilise(desk, ground, 20, papers=papers)["hold"])
    approval = approved({"hold": hold, "notice": "N-1"})
    for wrong in ({"hold": other, "notice": "N-1"}, {"hold": hold, "notice": "N-2"}):
        with pytest.raises(Refused):
            registry.release_immobilised(ZHOU, **wrong, approval=approval, key=str(wrong), now=NOW)
    answer = registry.release_immobilised(ZHOU, hold=hold, notice="N-1", approval=approval, key="r", now=NOW)
    assert answer["released_t"] == 40
    assert [row.number for row in queries.standing_holds(desk.north)] == [other]


def test_what_is_set_aside_for_something_else_is_not_released_so(desk: Desk, papers: tuple[str, ...]) -> None:
    del papers
    hold = desk.hold(desk.north, 10, HoldReason.COURT)
    approval = approved({"hold": hold, "notice": "x"})
    with pytest.raises(Refused) as refused:
        registry.release_immobilised(ZHOU, hold=hold, notice="x", approval=approval, key="r", now=NOW)
    assert refused.value.code is LedgerRefusal.HOLD_OF_ANOTHER


def test_immobilising_takes_a_registrar_papers_of_the_holder_and_a_known_pledgee(
    desk: Desk, papers: tuple[str, ...]
) -> None:
    elsewhere, of_others = replace(ZHOU, region="tianjin"), (paper(RED),)
    pledge = HoldReason.PLEDGE
    attempts: list[tuple[Refusal, Callable[[], Answer]]] = [
        (AccessRefusal.NOT_PERMITTED, lambda: immobilise(desk, pledge, actor=STRANGER, papers=papers)),
        (LedgerRefusal.ACCOUNT_UNKNOWN, lambda: immobilise(desk, pledge, actor=elsewhere, papers=papers)),
        (DocumentRefusal.DOCUMENTS_MISSING, lambda: immobilise(desk, pledge, papers=())),
        (DocumentRefusal.NO_SUCH_DOCUMENT, lambda: immobilise(desk, pledge, papers=of_others)),
        (MemberRefusal.NO_SUCH_ORGANISATION, lambda: immobilise(desk, pledge, keeper="nobody", papers=papers)),
        (LedgerRefusal.HOLD_NOT_ALLOWED, lambda: immobilise(desk, HoldReason.ORDER, papers=papers)),
        (LedgerRefusal.RESTRICTED_USE, lambda: immobilise(desk, pledge, 1, asset="SHEA-2026-OWN", papers=papers)),
        (LedgerRefusal.INSUFFICIENT_FREE, lambda: immobilise(desk, pledge, 101, papers=papers)),
    ]
    for code, attempt in attempts:
        with pytest.raises(Refused) as refused, transaction.atomic():
            attempt()
        assert refused.value.code is code
    assert queries.standing_holds(desk.north) == ()


@pytest.fixture
def town(db: None, settings: Settings) -> Town:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    opened = towns.open_town()
    opened.stage.first_batch()
    return opened


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_registrar_immobilises_and_proposes_to_release_on_pages(town: Town, language: str) -> None:
    number = queries.account_of(RED_RIVER, AccountType.HOLDING)
    keeper, address = town.browser("keeper", language), f"/registry/accounts/{number}"
    assert f"{address}/immobilise" in keeper.get(f"{address}/holds").content.decode()
    told = {"asset": "SHEA-2026", "quantity_t": "12", "ground": "PLEDGE", "keeper": NORTH_POWER, "contract": "K-7"}
    assert keeper.get(f"{address}/immobilise").status_code == 200
    unknown = {**told, "keeper": "nobody", "paper": SimpleUploadedFile("contract.pdf", files.pdf())}
    assert keeper.post(f"{address}/immobilise", unknown).status_code == 404
    signed = {**told, "paper": SimpleUploadedFile("contract.pdf", files.pdf())}
    assert keeper.post(f"{address}/immobilise", signed).status_code == 302
    (row,) = queries.standing_holds(number)
    assert (row.remaining, row.reason) == (12, HoldReason.PLEDGE)
    lift = f"{address}/holds/{row.number}/lift"
    assert lift in keeper.get(f"{address}/holds").content.decode()
    assert keeper.post(lift, {"notice": "8"}).status_code == 302
    assert row.number in keeper.get("/approvals").content.decode()
    own = town.browser("red", language).get(f"{address}/holds").content.decode()
    assert row.number in own
    assert lift not in own
    assert town.browser("red", language).get(f"{address}/immobilise").status_code == 403


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_pledgee_finds_what_is_pledged_to_it_and_nobody_elses(town: Town, language: str) -> None:
    number = queries.account_of(RED_RIVER, AccountType.HOLDING)
    keeper, address = town.browser("keeper", language), f"/registry/accounts/{number}/immobilise"
    for pledgee, contract in ((towns.BANK, "K-BANK"), (NORTH_POWER, "K-NORTH")):
        told = {"asset": "SHEA-2026", "quantity_t": "12", "ground": "PLEDGE", "keeper": pledgee, "contract": contract}
        signed = {**told, "paper": SimpleUploadedFile("contract.pdf", files.pdf())}
        assert keeper.post(address, signed).status_code == 302
    for username, own, other in (("bank", "K-BANK", "K-NORTH"), ("north", "K-NORTH", "K-BANK")):
        page = town.browser(username, language).get("/registry/pledges").content.decode()
        assert own in page
        assert RED_RIVER in page
        assert other not in page
    assert "K-" not in town.browser("lotus", language).get("/registry/pledges").content.decode()
    assert "/registry/pledges" in town.browser("north", language).get("/registry/").content.decode()
    assert "/registry/pledges" not in town.browser("lotus", language).get("/registry/").content.decode()
    assert "/registry/pledges" in town.browser("bank", language).get("/").content.decode()
