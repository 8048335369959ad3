"""The ground every test stands on: a database copied from the migrated template, and what a machine may lack.

Tests connect as `tonnebook_app`, as pages do. `./tonnebook test` starts the server these fixtures use.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared"

# Two cores shared by many processes: a slow moment is no failure.
hypothesis.settings.register_profile("tonnebook", deadline=None)
hypothesis.settings.load_profile("tonnebook")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the campaigns in full: kills, double spends, forgeries")


def pytest_configure(config: pytest.Config) -> None:
    # Before any test is collected, and where the processes of xdist inherit it.
    if config.getoption("--long"):
        os.environ["TONNEBOOK_LONG"] = "1"


def pytest_report_header() -> str:
    from tests import campaigns

    return f"campaigns: {'in full' if campaigns.LONG else 'short'}, seed {campaigns.SEED} (TONNEBOOK_FAULT_SEED)"


def chromium_path() -> str | None:
    """Find a Chromium or Chrome on this machine."""
    names = (os.environ.get("TONNEBOOK_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if name and (found := shutil.which(name))), None)


def missing() -> dict[str, str]:
    """Tell which marked tests cannot run here, and why."""
    reasons = {}
    if chromium_path() is None:
        reasons["browser"] = "no Chromium on this machine: install the package chromium"
    if not SHARED.is_dir():
        reasons["data"] = "the real data sets are not there: expected in ../shared"
    return reasons


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reasons = missing()
    for item in items:
        for marker in reasons.keys() & {mark.name for mark in item.iter_markers()}:
            item.add_marker(pytest.mark.skip(reason=reasons[marker]))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    for marker, reason in missing().items():
        count = sum(reason in longrepr for longrepr in skipped)
        if count:
            terminalreporter.write_line(f"NOT RUN: {count} {marker} tests, {reason}", red=True, bold=True)


@pytest.fixture(scope="session", autouse=True)
def operator() -> None:
    """See everything in what a test does by itself; services and pages act with the reach of who asks."""
    from tonnebook.journal import tenancy

    tenancy.serve_as(tenancy.EVERYWHERE)


@pytest.fixture(autouse=True)
def language() -> None:
    """Begin in Chinese: a page that an earlier test asked for in English leaves that language behind."""
    translation.deactivate()


@pytest.fixture(scope="session")
def worker_label() -> str:
    """A word that no other process of this run uses in the name of a database."""
    return f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker, worker_label: str) -> Iterator[None]:
    """Give this process a database of its own; tests with the `django_db` mark roll back what they did in it."""
    from tonnebook import scratch

    with django_db_blocker.unblock(), scratch.scratch_database(f"test_{worker_label}"):
        django_db_blocker.block()
        yield
        django_db_blocker.restore()


@pytest.fixture
def fresh_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker, worker_label: str) -> Iterator[str]:
    """Give one test a new database, for what must commit: threads, races, deferred constraints, kills."""
    from tonnebook import scratch

    with django_db_blocker.unblock(), scratch.scratch_database(f"fresh_{worker_label}") as name:
        yield name


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser; tests that use it carry the mark `browser`."""
    path = chromium_path()
    assert path, "mark this test with `browser`, so that it is skipped here"
    return path


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data sets; tests that use it carry the mark `data`."""
    return SHARED
