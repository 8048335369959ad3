"""Eight at once ask for half of a day's limit each: two get it.

The control test takes the lock of the limits away and shows that the race is real.
"""

import threading
from collections.abc import Iterator

import pytest
from django.db import connections
from tests.unit.registry import union as unions
from tests.unit.registry.union import Union

from tonnebook.core.errors import Busy, Refused
from tonnebook.registry.services import locks

THREADS = 8
HALF_T = 2_000_000

pytestmark = pytest.mark.fault


@pytest.fixture
def union(fresh_database: str) -> Iterator[Union]:
    """A holder with enough for everybody: only the limit of the day stands in the way."""
    yield unions.open_union(quantity_t=THREADS * HALF_T)
    connections.close_all()


def asked_by_all(union: Union) -> list[str]:
    """Have every thread ask once; how each ended."""
    ends: list[str] = []

    def ask(index: int) -> None:
        try:
            union.transfer(HALF_T, key=f"ask-{index:08d}")
            ends.append("asked")
        except Refused as refused:
            ends.append(refused.code.name)
        except Busy:
            ends.append("Busy")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask, args=(index,)) for index in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


def test_a_day_s_limit_is_used_once(union: Union) -> None:
    assert asked_by_all(union) == ["ABOVE_ACCOUNT_LIMIT"] * (THREADS - 2) + ["asked"] * 2


def test_control_without_the_lock_everybody_uses_the_same_limit(union: Union, monkeypatch: pytest.MonkeyPatch) -> None:
    everybody_is_there = threading.Barrier(THREADS, timeout=20)
    monkeypatch.setattr(locks, "lock_limits", lambda region: everybody_is_there.wait())
    assert asked_by_all(union).count("asked") > 2
