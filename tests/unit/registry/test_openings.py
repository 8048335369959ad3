"""A registrar opens the books of a region: once, with the accounts of its members, all or none."""

import pytest
from tests.unit.registry import desk as desks
from tests.unit.registry.desk import NOW, Desk

from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType
from tonnebook.core.roles import Actor, OrganisationKind, Role
from tonnebook.registry import queries
from tonnebook.registry import services as registry
from tonnebook.registry.services import AccountDraft

LI = Actor("P-LI", desks.EXCHANGE, OrganisationKind.REGISTRY_BODY, frozenset({Role.REGISTRAR}), "shanghai")
OPENED = (AccountDraft(AccountType.PROJECT, "shanghai", desks.BUREAU),)


def test_open_books_opens_what_the_region_lacks_and_what_its_members_ask_for(desk: Desk) -> None:
    before = desk.system
    answer = registry.open_books(LI, region="shanghai", drafts=OPENED, key="books-0001", now=NOW)
    number = queries.account_of(desks.BUREAU, AccountType.PROJECT)
    assert answer == {"accounts": [number]}
    assert queries.system_account("shanghai", AccountType.ISSUANCE) == before[AccountType.ISSUANCE]
    again = registry.open_books(LI, region="shanghai", drafts=OPENED, key="books-0001", now=NOW)
    assert again == answer


def test_open_books_opens_all_accounts_or_none(desk: Desk) -> None:
    twice = AccountDraft(AccountType.HOLDING, "shanghai", desks.RED)
    with pytest.raises(Refused, match="ACCOUNT_EXISTS"):
        registry.open_books(LI, region="shanghai", drafts=[*OPENED, twice], key="books-0002", now=NOW)
    assert queries.accounts(desks.BUREAU) == ()


def test_open_books_is_for_the_registrars_of_the_region(desk: Desk) -> None:
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        registry.open_books(desks.WANG, region="shanghai", drafts=(), key="books-0003", now=NOW)
    with pytest.raises(Refused, match="NOT_YOUR_REGION"):
        registry.open_books(LI, region="tianjin", drafts=(), key="books-0004", now=NOW)
    elsewhere = AccountDraft(AccountType.HOLDING, "tianjin", desks.BUREAU)
    with pytest.raises(Refused, match="NOT_YOUR_REGION"):
        registry.open_books(LI, region="shanghai", drafts=[elsewhere], key="books-0005", now=NOW)
