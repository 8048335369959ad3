"""Moves between own accounts are at once; other holders receive without a trade only on papers and by two people."""

import hashlib
from dataclasses import replace

import pytest
from tests.unit.registry import desk as desks
from tests.unit.registry.desk import CHEN, NOW, STRANGER, WANG, ZHOU, Desk

from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, TransferType
from tonnebook.core.moves import NON_TRADE
from tonnebook.core.roles import Actor
from tonnebook.core.uploads import DocumentPurpose, UploadKind
from tonnebook.faces.uploads import Upload
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry import services as registry


@pytest.fixture
def trading(desk: Desk) -> str:
    desk.allocate(desk.red, 100)
    return registry.open_accounts([registry.AccountDraft(AccountType.TRADING, "shanghai", desks.RED)], now=NOW)[0]


def free(account: str) -> dict[str, int]:
    return {held.asset.code: held.free for held in queries.holdings(account)}


def to_trading(debit: str, credit: str, quantity_t: int, *, asset: str = "SHEA-2026", actor: Actor = WANG) -> None:
    registry.move_to_trading(
        actor, debit=debit, credit=credit, asset=asset, quantity_t=quantity_t, key=f"{asset}{quantity_t}", now=NOW
    )


def test_units_move_between_own_accounts_at_once_and_back(desk: Desk, trading: str) -> None:
    to_trading(desk.red, trading, 60)
    assert (free(desk.red), free(trading)) == ({"SHEA-2026": 40}, {"SHEA-2026": 60})
    registry.move_from_trading(
        WANG, debit=trading, credit=desk.red, asset="SHEA-2026", quantity_t=25, key="back", now=NOW
    )
    assert (free(desk.red), free(trading)) == ({"SHEA-2026": 65}, {"SHEA-2026": 35})


def test_a_move_never_reaches_the_account_of_somebody_else(desk: Desk, trading: str) -> None:
    theirs = registry.open_accounts([registry.AccountDraft(AccountType.TRADING, "shanghai", desks.NORTH)], now=NOW)[0]
    with pytest.raises(Refused, match="NOT_OWN_ACCOUNTS"):
        to_trading(desk.red, theirs, 1)
    with pytest.raises(Refused, match="ACCOUNT_UNKNOWN"):
        to_trading(desk.red, trading, 2, actor=STRANGER)
    assert free(theirs) == {}


def test_units_for_own_surrender_do_not_go_to_the_trading_account(desk: Desk, trading: str) -> None:
    desk.allocate(desk.red, 5, "SHEA-2026-OWN")
    with pytest.raises(Refused, match="RESTRICTED_USE"):
        to_trading(desk.red, trading, 5, asset="SHEA-2026-OWN")


def test_what_lies_in_the_trading_account_is_not_surrendered(desk: Desk, trading: str) -> None:
    to_trading(desk.red, trading, 60)
    with pytest.raises(Refused, match="TRANSFER_NOT_ALLOWED"):
        desk.surrender(trading, 1)


def paper(organisation: str = desks.RED) -> str:
    upload = Upload("judgment.pdf", UploadKind.PDF, hashlib.sha256(b"%PDF").hexdigest(), 4, b"%PDF")
    told = members.keep_document(
        ZHOU,
        organisation=organisation,
        upload=upload,
        purpose=DocumentPurpose.JUDGMENT,
        key=f"doc{organisation}",
        now=NOW,
    )
    return str(told["document"])


def payload(desk: Desk, documents: list[str], type_: TransferType = TransferType.COURT_TRANSFER) -> dict[str, object]:
    return {
        "region": "shanghai",
        "type": type_,
        "debit": desk.red,
        "credit": desk.north,
        "asset": "SHEA-2026",
        "quantity": 30,
        "documents": documents,
    }


def approved(told: dict[str, object], key: str = "p") -> str:
    proposed = members.propose(ZHOU, kind="registry.transfer_non_trade", payload=told, key=key, now=NOW)
    number = str(proposed["approval"])
    members.approve(CHEN, approval=number, digest=str(proposed["digest"]), key=f"{key}a", now=NOW)
    return number


def hand_on(told: dict[str, object], approval: str, *, key: str = "x", actor: Actor = ZHOU) -> str:
    answer = registry.transfer_non_trade(actor, **told, approval=approval, key=key, now=NOW)  # type: ignore[arg-type]
    return str(answer["transfer"])


@pytest.mark.parametrize("type_", NON_TRADE)
def test_papers_and_two_people_hand_units_on_in_china_too(desk: Desk, type_: TransferType) -> None:
    desk.allocate(desk.red, 100)
    told = payload(desk, [paper()], type_)
    hand_on(told, approved(told))
    assert (free(desk.red), free(desk.north)) == ({"SHEA-2026": 70}, {"SHEA-2026": 30})


def test_without_papers_of_the_giver_nothing_is_handed_on(desk: Desk) -> None:
    desk.allocate(desk.red, 100)
    told = payload(desk, [])
    with pytest.raises(Refused, match="DOCUMENTS_MISSING"):
        hand_on(told, approved(told))
    told = payload(desk, [paper(desks.NORTH)])
    with pytest.raises(Refused, match="NO_SUCH_DOCUMENT"):
        hand_on(told, approved(told, "q"), key="y")
    assert free(desk.north) == {}


def test_what_two_people_approved_is_what_is_handed_on(desk: Desk) -> None:
    desk.allocate(desk.red, 100)
    told = payload(desk, [paper()])
    number = approved(told)
    with pytest.raises(Refused, match="DIGEST_DIFFERS"):
        hand_on({**told, "quantity": 31}, number)
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        hand_on(told, number, key="w", actor=WANG)
    hand_on(told, number, key="z")
    with pytest.raises(Refused, match="NOT_APPROVED"):
        hand_on(told, number, key="twice")


def test_a_transfer_without_a_trade_has_a_reason_another_holder_and_one_region(desk: Desk, trading: str) -> None:
    told = payload(desk, [paper()], TransferType.DELIVER_TRADE)
    with pytest.raises(Refused, match="NOT_NON_TRADE"):
        hand_on(told, approved(told))
    told = {**payload(desk, [paper()]), "credit": trading}
    with pytest.raises(Refused, match="SAME_HOLDER"):
        hand_on(told, approved(told, "q"), key="y")
    told = {**payload(desk, [paper()]), "credit": queries.system_account("shanghai", AccountType.RESERVE)}
    with pytest.raises(Refused, match="TRANSFER_NOT_ALLOWED"):
        hand_on(told, approved(told, "r"), key="v")


def test_two_people_of_one_region_hand_nothing_on_in_another(desk: Desk) -> None:
    desk.allocate(desk.red, 100)
    first, second = (replace(one, region="tianjin") for one in (ZHOU, CHEN))
    told = {**payload(desk, [paper()]), "region": "tianjin"}
    proposed = members.propose(first, kind="registry.transfer_non_trade", payload=told, key="tj", now=NOW)
    number = str(proposed["approval"])
    members.approve(second, approval=number, digest=str(proposed["digest"]), key="tja", now=NOW)
    with pytest.raises(Refused, match="ACCOUNT_UNKNOWN"):
        hand_on(told, number, actor=first)
    assert free(desk.north) == {}
