"""The demo shows a footprint, published factors and an inventory of the city, so that no page of them is empty."""

from datetime import UTC, datetime

import pytest

from tonnebook.demo.steps import founding, products
from tonnebook.demo.world import World
from tonnebook.emissions import queries as emissions
from tonnebook.journal import services as journal

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 10, 15, 2, tzinfo=UTC)


@pytest.mark.parametrize("region", ["shanghai", "tianjin"])
def test_the_demo_has_a_footprint_and_an_inventory_of_two_years_once(region: str) -> None:
    journal.mark_demo()
    world = World(region, 2026, 1)
    founding.found(world, NOW)
    for _ in range(2):
        products.show_products(world, NOW)
    (row,) = emissions.footprints_of(world.companies[0].uscc)
    assert row.found.excluding.value > 0
    assert len(emissions.product_factors(region)) == 3
    inventory = emissions.require_inventory(region, world.year - 1)
    assert (inventory.version, inventory.change is None) == (1, False)


def test_the_first_year_of_the_demo_has_the_inventory_of_the_one_before_it() -> None:
    journal.mark_demo()
    world = World("shanghai", 2025, 1)
    founding.found(world, NOW)
    products.show_products(world, NOW)
    assert emissions.require_inventory("shanghai", 2024).version == 1
    assert emissions.inventory_of("shanghai", 2023) is None
