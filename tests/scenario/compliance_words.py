"""The words in which stories of compliance years are told, and what two tellings of one story must agree on.

A story is data: a region, a cast, and steps of one word each. `take` reads a step to a telling; `MemoryYear` does it
with core alone, `ServiceYear` with the services on PostgreSQL.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import pytest

from tonnebook.core.allocation.annual import Batch
from tonnebook.core.coverage import Stage
from tonnebook.core.enforcement import RiskGround
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, AssetKey, AssetKind, Lot, Title
from tonnebook.core.year_status import YearStanding

YEAR = 2026
# Figures of these years are known when a story begins.
HISTORY = (2023, 2024, 2025)
OPENED_ON = date(2026, 4, 1)
# Why a figure is replaced, in every story.
REASON, EVIDENCE = "补充报告", "ER-补充"
# What a mark of risk rests on, in every story.
GROUND, DOCUMENT = RiskGround.BANKRUPTCY, "法院公告"


@dataclass(frozen=True)
class Member:
    """An entity of the cast: its sector, and what it emitted (tonnes) and made in each year of the history."""

    sector: str
    emission_t: int
    goods: int


@dataclass(frozen=True)
class State:
    """All that two tellings must agree on after a step.

    Attributes:
        balances: total and held by account ("name/TYPE", those of the region "/TYPE") and asset, where there is any.
        lots: how the units of an account and asset were acquired.
        stages: how far inside each entity and year is.
        years: where each year with a duty stands: letter, code, marks, obligation, what is missing.
        due_t: what is still to be submitted, tonnes, by entity and year.
        allocated: free, paid and issued tonnes by entity, year and batch.
    """

    balances: dict[tuple[str, str], tuple[int, int]]
    lots: dict[tuple[str, str], tuple[Lot, ...]]
    stages: dict[tuple[str, int], Stage]
    years: dict[tuple[str, int], YearStanding]
    due_t: dict[tuple[str, int], int]
    allocated: dict[tuple[str, int, Batch], tuple[int, int, int]]


class Year(Protocol):
    """What a story asks of either telling; quantities are tonnes."""

    def at(self, day: date) -> None:
        """Go on to a day."""

    def adopt(self, year: int) -> None:
        """Adopt the plan that ships for a year."""

    def cover(self, year: int) -> None:
        """Decide who is inside in a year."""

    def put_on_list(self, name: str, year: int) -> None:
        """Put an entity on the list of a year."""

    def ground(self, name: str, year: int, ground: str) -> None:
        """Note a ground for an incentive."""

    def allocate(self, year: int, batch: Batch) -> None:
        """Compute and issue a batch."""

    def issue(self, name: str, asset: str, quantity_t: int) -> None:
        """Give somebody units that came from elsewhere."""

    def transfer(self, debit: str, credit: str, asset: str, quantity_t: int) -> None:
        """Hand units on to another holder."""

    def determine(self, name: str, year: int, quantity_t: int, goods: int) -> None:
        """Fix the emission and the output of a year."""

    def redetermine(self, name: str, year: int, quantity_t: int) -> None:
        """Replace a determined emission after a supplementary report."""

    def submit(self, name: str, year: int, lines: Mapping[str, int], *, shown_t: int) -> None:
        """Submit a surrender."""

    def withdraw(self) -> None:
        """Take back what was submitted last."""

    def confirm(self) -> None:
        """Confirm everything that waits."""

    def settle(self, year: int) -> None:
        """Settle how a year ended."""

    def carry_over(self, year: int) -> None:
        """Carry over what is left after a year."""

    def leave(self, name: str, from_year: int, *, is_national: bool) -> None:
        """Note that an entity moves to the national market, or closes."""

    def hand_over(self, name: str) -> None:
        """Hand an entity over to the national market."""

    def run_transition(self) -> None:
        """Do the dated steps of leaving that are due."""

    def exit(self, name: str) -> None:
        """Settle an entity that closed."""

    def mark_at_risk(self, name: str) -> None:
        """Hold an entity to be at risk of not surrendering."""

    def end_risk(self, name: str) -> None:
        """Hold it to be at risk no longer."""

    def force(self, name: str, year: int, quantity_t: int) -> None:
        """Take by force what was not surrendered."""

    def state(self) -> State:
        """Give what both tellings must agree on."""


def asset_of(code: str) -> AssetKey:
    """Read the asset out of a code such as "SHEA-2026"."""
    scheme, year = code.split("-")
    if scheme in ("SHCER", "TJCER"):
        return AssetKey(code, AssetKind.CREDIT, scheme, int(year))
    return AssetKey(code, AssetKind.ALLOWANCE, scheme, int(year), "FREE")


def cast_of(story: Mapping[str, Any]) -> dict[str, Member]:
    """Read the cast of a story."""
    return {
        name: Member(given["sector"], int(given["emission_t"]), int(given.get("goods", "1000")))
        for name, given in story["cast"].items()
    }


def take(telling: Year, step: Mapping[str, Any]) -> None:
    """Do one step of a story."""
    ((word, given),) = step.items()
    year = int(given["year"]) if isinstance(given, Mapping) and "year" in given else YEAR
    match word:
        case "at":
            telling.at(date.fromisoformat(given))
        case "adopt":
            telling.adopt(year)
        case "cover":
            telling.cover(year)
        case "list":
            telling.put_on_list(given["of"], year)
        case "ground":
            telling.ground(given["of"], year, given["ground"])
        case "allocate":
            telling.allocate(year, Batch(given["batch"]))
        case "determine":
            telling.determine(given["of"], year, int(given["t"]), int(given.get("goods", "1000")))
        case "redetermine":
            telling.redetermine(given["of"], year, int(given["t"]))
        case _:
            _take_late(telling, word, given, year)


# What happens to units, and the end of a year.
def _take_late(telling: Year, word: str, given: Mapping[str, Any], year: int) -> None:
    match word:
        case "issue":
            telling.issue(given["to"], given["asset"], int(given["t"]))
        case "transfer":
            telling.transfer(given["from"], given["to"], given["asset"], int(given["t"]))
        case "submit":
            lines = {asset: int(quantity_t) for asset, quantity_t in given["lines"].items()}
            telling.submit(given["by"], year, lines, shown_t=int(given.get("shown_t", sum(lines.values()))))
        case "withdraw":
            telling.withdraw()
        case "confirm":
            telling.confirm()
        case "settle":
            telling.settle(year)
        case "carry_over":
            telling.carry_over(year)
        case _:
            _take_leave(telling, word, given, year)


def _take_leave(telling: Year, word: str, given: Mapping[str, Any], year: int) -> None:
    match word:
        case "leave":
            telling.leave(given["of"], int(given["from_year"]), is_national=given["to"] == "national")
        case "hand_over":
            telling.hand_over(given["of"])
        case "run_transition":
            telling.run_transition()
        case "exit":
            telling.exit(given["of"])
        case "mark_at_risk":
            telling.mark_at_risk(given["of"])
        case "end_risk":
            telling.end_risk(given["of"])
        case "force":
            telling.force(given["of"], year, int(given["t"]))
        case _:
            _expect(telling, word, given, year)


def _expect(telling: Year, word: str, given: Mapping[str, Any], year: int) -> None:
    match word:
        case "expect_refused":
            with pytest.raises(Refused) as caught:
                take(telling, {key: value for key, value in given.items() if key != "code"})
            assert caught.value.code.name == given["code"]
        case "expect_holding":
            found = telling.state().balances.get((f"{given['of']}/{AccountType.HOLDING}", given["asset"]), (0, 0))
            assert found == (int(given["t"]), int(given.get("held_t", "0"))), found
        case "expect_region":
            found = telling.state().balances.get((f"/{given['account']}", given["asset"]), (0, 0))
            assert found == (int(given["t"]), 0), found
        case "expect_title":
            lots = telling.state().lots.get((f"{given['of']}/{AccountType.HOLDING}", given["asset"]), ())
            assert sum(lot.quantity_t for lot in lots if lot.title is Title(given["title"])) == int(given["t"]), lots
        case "expect_allocated":
            allocated = telling.state().allocated[given["of"], year, Batch(given["batch"])]
            assert allocated == tuple(int(given[name]) for name in ("free_t", "paid_t", "issue_t")), allocated
        case "expect_year":
            standing = telling.state().years[given["of"], year]
            found_words = (standing.letter, standing.code, " ".join(sorted(standing.marks)), standing.missing_t)
            assert found_words == (given["letter"], given["code"], given["marks"], int(given["missing_t"])), found_words
        case _:
            raise ValueError(f"the vocabulary of stories has no {word}")
