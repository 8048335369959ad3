"""Published tables leave their digests in the log; anyone finds them again from the open data."""

import pytest
from tests.unit.web.town import NOW, Town

from tonnebook.core import canonical
from tonnebook.core.errors import Refused
from tonnebook.core.roles import AccessRefusal
from tonnebook.journal import queries as journal
from tonnebook.portal import queries, services


def _publish(town: Town, username: str, key: str = "publish-2026-1") -> dict[str, object]:
    return dict(services.publish_tables(town.actor(username), region="shanghai", year=2026, key=key, now=NOW))


def test_digest_in_the_log_is_that_of_the_open_data(town: Town) -> None:
    town.stage.cover()
    answer = _publish(town, "zhou")
    told = town.browser(language="zh-hans").get("/public/tables/2026/coverage.json").json()
    assert told["rows"]
    leaf = journal.receipt(str(answer["receipt"]))["leaf"]
    assert leaf["facts"]["tables"]["coverage"] == canonical.digest(told["rows"])  # type: ignore[index,call-overload]


def test_page_shows_when_a_table_was_published(town: Town) -> None:
    assert queries.publication("shanghai", 2026, "coverage") is None
    town.stage.cover()
    _publish(town, "zhou")
    row = queries.publication("shanghai", 2026, "coverage")
    assert row is not None
    page = town.browser(language="en").get("/public/tables/2026/coverage").content.decode()
    assert "Receipt in the public log" in page
    assert row.digest[:16] in page


def test_only_an_officer_of_the_region_publishes(town: Town) -> None:
    for username in ("bell", "red"):
        with pytest.raises(Refused) as refused:
            _publish(town, username)
        assert refused.value.code is AccessRefusal.NOT_PERMITTED


def test_receipt_carries_its_own_address_as_a_code_for_phones(town: Town) -> None:
    town.stage.cover()
    answer = _publish(town, "zhou")
    page = town.browser(language="en").get(f"/public/leaf/{answer['receipt']}").content.decode()
    assert "<svg" in page.split('class="panel receipt"')[1]
    assert "<title>QR code of this page</title>" in page
