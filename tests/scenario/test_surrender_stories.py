"""Surrender told twice, by core in memory and by the services on PostgreSQL: same refusals, same balances.

Vocabulary: `issue`, `transfer`, `determine`, `submit`, `withdraw`, `confirm`, `expect_refused` (a code and one step),
`expect_holding`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest
from django.db import transaction
from tests.scenario.memory_year import NAMES, MemoryYear, asset_of
from tests.unit.compliance import stage as stages
from tests.unit.compliance.stage import NEXT_SUMMER, REGION, SPRING, STEELWORKER, STRANGER, YEAR, Stage

from tonnebook import golden
from tonnebook.compliance import services as compliance
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, Leg, TransferType
from tonnebook.core.roles import SYSTEM
from tonnebook.registry import queries as accounts
from tonnebook.registry import services as registry

STORIES = golden.entries(Path(__file__).with_name("surrender.yaml"))
ACTORS = {"Red River Steel": STEELWORKER, "North Power": STRANGER}


class Year(Protocol):
    """What a story asks of either telling."""

    def issue(self, name: str, asset: str, quantity_t: int) -> None:
        """Give somebody units out of nothing."""

    def transfer(self, debit: str, credit: str, asset: str, quantity_t: int) -> None:
        """Deliver units from one to another."""

    def determine(self, name: str, quantity_t: int) -> None:
        """Fix the emission of the year."""

    def submit(self, name: str, lines: Mapping[str, int], *, shown_t: int) -> None:
        """Submit a surrender."""

    def withdraw(self) -> None:
        """Take back what was submitted last."""

    def confirm(self) -> None:
        """Confirm everything that waits."""

    def balances(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Total and held by account and asset."""


@dataclass
class ServiceYear:
    """The stage on the database behind the words of a story."""

    stage: Stage = field(default_factory=stages.open_stage)
    waiting: dict[str, str] = field(default_factory=dict)

    def issue(self, name: str, asset: str, quantity_t: int) -> None:
        """Give somebody units out of nothing."""
        self.stage.give(NAMES[name], asset_of(asset), quantity_t)

    def transfer(self, debit: str, credit: str, asset: str, quantity_t: int) -> None:
        """Deliver units from one to another."""
        leg = Leg(self.stage.accounts[NAMES[debit]], self.stage.accounts[NAMES[credit]], asset, quantity_t)
        with transaction.atomic():
            registry.post([registry.TransferDraft(TransferType.DELIVER_TRADE, (leg,), SYSTEM.person)], now=SPRING)

    def determine(self, name: str, quantity_t: int) -> None:
        """Fix the emission of the year."""
        self.stage.history({YEAR: {NAMES[name]: quantity_t}})

    def submit(self, name: str, lines: Mapping[str, int], *, shown_t: int) -> None:
        """Submit a surrender."""
        number = self.stage.submit(dict(lines), entity=NAMES[name], actor=ACTORS[name], shown_t=shown_t)
        self.waiting[number] = name

    def withdraw(self) -> None:
        """Take back what was submitted last."""
        number, name = self.waiting.popitem()
        compliance.withdraw_surrender(ACTORS[name], surrender=number, key=self.stage.key(), now=NEXT_SUMMER)

    def confirm(self) -> None:
        """Confirm everything that waits."""
        self.stage.confirm(*self.waiting)
        self.waiting.clear()

    def balances(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Total and held by account and asset, wherever there is anything."""
        numbers = {name: self.stage.accounts[uscc] for name, uscc in NAMES.items()}
        for type_ in (AccountType.ISSUANCE, AccountType.SURRENDER):
            numbers[f"/{type_}"] = accounts.system_account(REGION, type_)
        return {
            (name, row.asset.code): (row.total, row.held)
            for name, number in numbers.items()
            for row in accounts.holdings(number)
            if row.total or row.held
        }


def take(year: Year, step: Mapping[str, Any]) -> None:
    ((word, given),) = step.items()
    match word:
        case "issue":
            year.issue(given["to"], given["asset"], int(given["t"]))
        case "transfer":
            year.transfer(given["from"], given["to"], given["asset"], int(given["t"]))
        case "determine":
            year.determine(given["of"], int(given["t"]))
        case "submit":
            lines = {asset: int(quantity_t) for asset, quantity_t in given["lines"].items()}
            year.submit(given["by"], lines, shown_t=int(given.get("shown_t", sum(lines.values()))))
        case "withdraw":
            year.withdraw()
        case "confirm":
            year.confirm()
        case _:
            expect(year, word, given)


def expect(year: Year, word: str, given: Mapping[str, Any]) -> None:
    match word:
        case "expect_refused":
            with pytest.raises(Refused) as caught:
                take(year, {key: value for key, value in given.items() if key != "code"})
            assert caught.value.code.name == given["code"]
        case "expect_holding":
            found = year.balances().get((given["of"], given["asset"]), (0, 0))
            assert found == (int(given["t"]), int(given["held_t"]))
        case _:
            raise ValueError(f"the vocabulary of stories has no {word}")


@pytest.mark.django_db
@pytest.mark.parametrize("story", STORIES, ids=lambda story: str(story["id"]).replace(" ", "_"))
def test_core_in_memory_and_services_on_postgresql_surrender_alike(story: Mapping[str, Any]) -> None:
    memory, services = MemoryYear(), ServiceYear()
    services.stage.cover()
    services.stage.adopt()
    for step in story["steps"]:
        take(memory, step)
        take(services, step)
        assert services.balances() == memory.balances(), step


def test_a_word_that_no_surrender_knows_is_an_error() -> None:
    with pytest.raises(ValueError, match="no dance"):
        take(MemoryYear(), {"dance": {}})
