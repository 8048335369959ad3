"""What people type is shown as typed and never run: not by a page, a template, a spreadsheet or the database."""

import csv
import io
from html.parser import HTMLParser

import pytest
from django.test import Client
from tests.unit.web.town import RED_RIVER, YEAR, Town

from tonnebook.faces import exports
from tonnebook.members.models import Organisation

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; DROP TABLE members_organisation; --",
    "{{ request.user }}{% load i18n %}",
    "${7*7}#{7*7}",
    "</title><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "=cmd|' /C calc'!A0",
    '@SUM(1+1)*HYPERLINK("http://x.example")',
    "＝1+1",
    "\t=1+1",
    "-2+3",
    "%00%0d%0aSet-Cookie: a=b",
)
PAGES = (
    ("zhou", f"/coverage?year={YEAR}"),
    ("zhou", f"/entity/{RED_RIVER}"),
    ("keeper", f"/registry/?q={RED_RIVER}"),
    ("red", "/"),
    ("red", "/company/allocation"),
    ("", f"/public/tables/{YEAR}/coverage"),
)


class Elements(HTMLParser):
    """Counts the elements and handlers of a page; what was typed must add none."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element with the names of its attributes."""
        self.found.append((tag, tuple(sorted(name for name, _ in attrs))))


def named(name: str) -> None:
    Organisation.objects.filter(uscc=RED_RIVER).update(name_zh=name, name_en=name)


def shown(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


@pytest.mark.parametrize(("username", "address"), PAGES)
def test_a_name_changes_no_element_of_a_page(town: Town, username: str, address: str) -> None:
    town.stage.first_batch()
    browser = town.browser(username)
    named("Plain Name")
    plain = shown(browser, address)
    assert "Plain Name" in plain, "this page shows no name and tests nothing"
    for payload in PAYLOADS:
        named(payload)
        text = shown(browser, address)
        assert Elements(text).found == Elements(plain).found
    assert Organisation.objects.filter(uscc=RED_RIVER).exists()


def test_no_cell_of_an_export_starts_as_a_formula(town: Town) -> None:
    town.stage.first_batch()
    found = 0
    for payload in PAYLOADS:
        named(payload)
        text = town.browser().get(f"/public/tables/{YEAR}/coverage.csv").content.decode("utf-8-sig")
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        found += payload in cells or f"'{payload}" in cells
        assert [cell for cell in cells if cell.strip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))] == []
        assert exports.cell(payload) in cells
    assert found == len(PAYLOADS)
