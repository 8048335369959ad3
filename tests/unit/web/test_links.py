"""Whatever link a page shows somebody, the page behind it opens: each role walks from its home through every link."""

import re

import pytest
from django.test import Client
from django.urls import resolve
from tests.unit.web.town import PEOPLE, Town

_LINK = re.compile(r'<a\b[^>]*\bhref="(/[^"#]*)"')
# Somebody of each role; those left out stand in for nobody new.
WALKERS = [*sorted(PEOPLE.keys() - {"chen", "north"}), ""]


def broken(browser: Client, person: str) -> list[tuple[str, str, int]]:
    """Walk from home through every link, one page of each kind; give page, link and status of those that are closed."""
    found, seen, ahead = [], {"web:home"}, [("", "/")]
    while ahead:
        page, link = ahead.pop()
        answer = browser.get(link.replace("&amp;", "&"), follow=True)
        if answer.status_code >= 400:
            found.append((page, link, answer.status_code))
        if "html" not in answer.headers["Content-Type"]:
            continue
        for further in dict.fromkeys(_LINK.findall(answer.content.decode())):
            name = resolve(further.partition("?")[0]).view_name
            if name not in seen:
                seen.add(name)
                ahead.append((link, further))
    assert len(seen) > 5, person
    return found


@pytest.fixture
def busy(town: Town) -> Town:
    """A town in which something lies on the pages of most."""
    town.stage.first_batch()
    town.reported()
    return town


def test_every_link_somebody_is_shown_opens(busy: Town) -> None:
    assert {person: found for person in WALKERS if (found := broken(busy.browser(person), person))} == {}
