"""Leaving Tianjin: what is left of allowances received free is cancelled, what was bought stays."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from django.db import transaction
from tests.unit.compliance import stage as stages

from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.core.canonical import Json
from tonnebook.core.ledger import (
    AccountType,
    AssetKey,
    AssetKind,
    HoldOwner,
    HoldReason,
    Leg,
    Title,
    TransferType,
)
from tonnebook.core.roles import SYSTEM, Actor, OrganisationKind, Role
from tonnebook.members import services as members
from tonnebook.registry import queries as books
from tonnebook.registry import services as registry

REGION = "tianjin"
STEEL, CHEMICAL, BUREAU = (stages.uscc(count) for count in range(51, 54))
BEFORE, NOW = datetime(2025, 6, 1, 1, tzinfo=UTC), datetime(2026, 3, 2, 1, tzinfo=UTC)
ZHOU, CHEN = (
    Actor(person, BUREAU, OrganisationKind.AUTHORITY, frozenset({Role.OFFICER}), REGION) for person in ("P-5", "P-6")
)
UNITS = AssetKey("TJEA-2024", AssetKind.ALLOWANCE, "TJEA", 2024, "FREE")


@dataclass
class Port:
    """Two movers of Tianjin with allowances received free and bought, in two accounts each."""

    accounts: dict[tuple[str, AccountType], str]
    count: int = 0

    def key(self) -> str:
        """A new idempotency key."""
        self.count += 1
        return f"port-{self.count:08d}"

    def approved(self, kind: str, payload: dict[str, Json], *, now: datetime) -> str:
        """Propose by Zhou, approve by Chen."""
        proposed = members.propose(ZHOU, kind=kind, payload=payload, key=self.key(), now=now)
        number, digest = str(proposed["approval"]), str(proposed["digest"])
        members.approve(CHEN, approval=number, digest=digest, key=self.key(), now=now)
        return number

    def post(self, type_: TransferType, debit: str, credit: str, quantity_t: int) -> None:
        """Post one leg."""
        with transaction.atomic():
            draft = registry.TransferDraft(
                type_, (Leg(debit, credit, UNITS.code, quantity_t),), ZHOU.person, CHEN.person
            )
            registry.post([draft], now=BEFORE)

    def held(self, entity: str) -> int:
        """Tonnes in both accounts."""
        numbers = [number for (owner, _), number in self.accounts.items() if owner == entity]
        return sum(one.total for number in numbers for one in books.holdings(number))

    def run(self, on: date) -> dict[str, Json]:
        """Do what is due by a day."""
        now = datetime(on.year, on.month, on.day, 4, tzinfo=UTC)
        approval = self.approved("compliance.run_transition", {"region": REGION, "on": on.isoformat()}, now=now)
        return compliance.run_transition(ZHOU, region=REGION, on=on, approval=approval, key=self.key(), now=now)


@pytest.fixture
def port(db: None) -> Port:
    kind = OrganisationKind.ENTITY
    drafts = [
        members.OrganisationDraft(STEEL, "钢铁", "Steel", kind, REGION, sector="steel"),
        members.OrganisationDraft(CHEMICAL, "化工", "Chemical", kind, REGION, sector="chemical"),
        members.OrganisationDraft(BUREAU, "生态环境局", "Bureau", OrganisationKind.AUTHORITY, REGION),
    ]
    members.register_organisations(SYSTEM, drafts=drafts, key="port-organisations", now=BEFORE)
    places = [(entity, type_) for entity in (STEEL, CHEMICAL) for type_ in (AccountType.HOLDING, AccountType.TRADING)]
    with transaction.atomic():
        registry.open_region(REGION, now=BEFORE)
        registry.ensure_assets([UNITS], now=BEFORE)
        numbers = registry.open_accounts(
            [registry.AccountDraft(type_, REGION, entity) for entity, type_ in places], now=BEFORE
        )
    found = Port(dict(zip(places, numbers, strict=True)))
    issuance = books.system_account(REGION, AccountType.ISSUANCE)
    holding, trading = AccountType.HOLDING, AccountType.TRADING
    found.post(TransferType.ALLOCATE, issuance, found.accounts[STEEL, holding], 100)
    found.post(TransferType.ALLOCATE, issuance, found.accounts[CHEMICAL, holding], 70)
    # Steel moves a part to its trading account, sells a little of it and buys from Chemical.
    found.post(TransferType.MOVE_TO_TRADING, found.accounts[STEEL, holding], found.accounts[STEEL, trading], 40)
    found.post(TransferType.DELIVER_TRADE, found.accounts[STEEL, trading], found.accounts[CHEMICAL, trading], 15)
    found.post(TransferType.DELIVER_TRADE, found.accounts[CHEMICAL, holding], found.accounts[STEEL, trading], 30)
    compliance.record_departures(
        ZHOU, region=REGION, national={STEEL: 2025, CHEMICAL: 2026}, closed={}, key=found.key(), now=BEFORE
    )
    for entity in (STEEL, CHEMICAL):
        approval = found.approved("compliance.hand_over", {"region": REGION, "entity": entity}, now=NOW)
        compliance.hand_over(ZHOU, region=REGION, entity=entity, approval=approval, key=found.key(), now=NOW)
    return found


def test_each_cancels_on_its_day_what_it_received_free_itself_and_keeps_what_it_bought(port: Port) -> None:
    assert (port.held(STEEL), port.held(CHEMICAL)) == (115, 55)
    assert port.run(date(2027, 10, 30))["steps"] == 0
    assert port.run(date(2027, 10, 31)) == {"steps": 1, "converted_t": 0, "cancelled_t": 85}
    assert port.held(STEEL) == 30
    assert port.run(date(2028, 12, 30))["steps"] == 0
    assert port.run(date(2028, 12, 31)) == {"steps": 1, "converted_t": 0, "cancelled_t": 40}
    assert port.held(CHEMICAL) == 15
    assert port.run(date(2028, 12, 31)) == {"steps": 0, "converted_t": 0, "cancelled_t": 0}
    lots = [row.lot for number in port.accounts.values() for row in books.lots(number, on=date(2029, 1, 1))]
    assert {lot.title for lot in lots} == {Title.MARKET}


def _set_aside(port: Port, quantity_t: int, reason: HoldReason) -> str:
    account = port.accounts[STEEL, AccountType.HOLDING]
    draft = registry.HoldDraft(account, UNITS.code, quantity_t, reason, "OF-STEEL", owner="BANK")
    with transaction.atomic():
        return registry.place_holds([draft], now=NOW)[0]


def test_an_order_saves_nothing_from_being_cancelled(port: Port) -> None:
    _set_aside(port, 60, HoldReason.ORDER)
    assert port.run(date(2027, 10, 31))["cancelled_t"] == 85
    assert (port.held(STEEL), books.standing_holds(port.accounts[STEEL, AccountType.HOLDING])) == (30, ())


def test_what_is_pledged_on_the_day_is_cancelled_when_it_is_released(port: Port) -> None:
    pledge = _set_aside(port, 50, HoldReason.PLEDGE)
    assert port.run(date(2027, 10, 31))["cancelled_t"] == 35
    assert port.run(date(2027, 11, 1)) == {"steps": 0, "converted_t": 0, "cancelled_t": 0}
    assert {row.entity: row.claimed_t for row in queries.leaving(REGION)} == {STEEL: 50, CHEMICAL: 0}
    with transaction.atomic():
        registry.release_holds([pledge], by=HoldOwner.PLEDGEE, now=NOW)
    holding = port.accounts[STEEL, AccountType.HOLDING]
    assert books.free_of([holding])[holding, UNITS.code] == 0
    assert port.run(date(2027, 11, 2)) == {"steps": 1, "converted_t": 0, "cancelled_t": 50}
    assert port.run(date(2027, 11, 2))["steps"] == 0
    assert (port.held(STEEL), books.standing_holds(holding)) == (30, ())


def test_a_claim_ends_when_the_pledged_units_are_gone(port: Port) -> None:
    pledge = _set_aside(port, 60, HoldReason.PLEDGE)
    port.run(date(2027, 10, 31))
    holding, other = port.accounts[STEEL, AccountType.HOLDING], port.accounts[CHEMICAL, AccountType.HOLDING]
    with transaction.atomic():
        leg = Leg(holding, other, UNITS.code, 60, pledge)
        registry.post([registry.TransferDraft(TransferType.ENFORCE_PLEDGE, (leg,), ZHOU.person, CHEN.person)], now=NOW)
    port.post(TransferType.DELIVER_TRADE, other, holding, 10)
    assert port.run(date(2027, 11, 1))["cancelled_t"] == 0
    assert books.free_of([holding])[holding, UNITS.code] == 10
