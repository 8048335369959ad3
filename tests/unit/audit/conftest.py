"""A played year that the tests of the auditor and of the database's own guards alter and put back."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tonnebook import scratch
from tonnebook.demo import year as demo
from tonnebook.demo.population import Company, Population
from tonnebook.demo.world import World
from tonnebook.journal import queries as journal


@dataclass(frozen=True)
class Village(Population):
    """Every fortieth company of a region."""

    @cached_property
    def covered(self) -> tuple[Company, ...]:
        """Every fortieth of them."""
        return super().covered[::40]


class SmallWorld(World):
    """A world with a dozen companies."""

    @cached_property
    def population(self) -> Population:
        """The few."""
        return Village(self.region, self.seed)


@pytest.fixture(scope="package")
def year(django_db_setup: None, django_db_blocker: DjangoDbBlocker, worker_label: str) -> Iterator[str]:
    """A year of Shanghai from the list to the carry-over; gives the log's key."""
    with django_db_blocker.unblock(), scratch.scratch_database(f"audited_{worker_label}"):
        demo.play(SmallWorld("shanghai", 2026, 7))
        yield journal.signer().verifier_key
