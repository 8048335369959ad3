"""What people type is shown as typed and never run: not by a page, a template, a spreadsheet or the database."""

import csv
import io
import random
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction
from django.test import Client
from tests.campaigns import SEED, times
from tests.unit.web import test_trail
from tests.unit.web.test_trail import ROLLS, SIGHTS
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


# --- The campaign: every text that people type × every page and export of the rolls and sights ---

BATCH = 20
# The stage that the sights are of.
numbers = test_trail.numbers
# What a machine writes although it is long: codes, keys, digests, files, and what is signed or hashed.
MACHINE = {
    "body", "certificate", "code", "command", "error", "file", "frontier", "issuer", "key", "kind", "line", "lines",
    "message", "number", "overlay", "paper", "payload", "public_key", "reference", "refusal", "sealed", "secret",
    "signature", "sink", "topic", "url", "username", "witness",
}  # fmt: skip
_HOLLOW = ("{}", '">{}', "'>{}", "</textarea>{}", "</script>{}", "--></style>{}", "\u202e{}", "\u200b{}", "\u2066{}")
_LIVE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<p>x'>",
    "<a href=javascript:alert(1)>x</a>",
    "<b style=position:fixed>x</b>",
    "＜script＞alert(1)＜/script＞",
    "{{ 7331|add:44 }}{% load i18n %}{% now 'Y' %}",
    "'; DROP TABLE members_organisation; --",
    "${7331+44}#{7331+44}<%= 7331+44 %>",
)
_FORMULAS = ("=1+1", "+1", "-1", "@SUM(1)", "＝1+1", "＋1", "－1", "＠A", "\t=1", "\r=1", "=cmd|' /C calc'!A0", " =1")
RUN = "7375"  # what comes out where a template or an expression was run


def typed() -> list[str]:
    """One text for each round, that starts like a formula and holds many other payloads."""
    chance = random.Random(SEED)  # noqa: S311  repeatable tests
    rounds = times(2, 50)
    return [
        chance.choice(_FORMULAS) + " ".join(chance.choice(_HOLLOW).format(chance.choice(_LIVE)) for _ in range(BATCH))
        for _ in range(rounds)
    ]


def free_texts() -> list[Any]:
    """Every column of every model that keeps what people type."""
    texts = (
        column
        for model in apps.get_models()
        if model.__module__.startswith("tonnebook") and model._meta.app_label != "journal"
        for column in model._meta.fields
        if isinstance(column, models.CharField | models.TextField) and not column.choices
    )
    return [
        one
        for one in texts
        if one.name not in MACHINE and (isinstance(one, models.TextField) or (one.max_length or 0) not in range(60))
        if one.max_length not in (64, 128)
    ]


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Have every such column read as one text, whatever it holds."""
    held = {"text": ""}
    chosen = set(free_texts())

    def read(column: Any, value: str | None, *_: object) -> str | None:
        return held["text"] if column in chosen and value and held["text"] else value

    for kind in (models.CharField, models.TextField):
        monkeypatch.setattr(kind, "from_db_value", read, raising=False)
    return lambda text: held.update(text=text)


def alive(answer: Any) -> list[str]:
    """What of a payload has come to life in an answer: elements and handlers that no page of ours has, formulas."""
    text = answer.content.decode("utf-8-sig", "replace")
    kind = answer.headers.get("Content-Type", "")
    if kind.startswith("text/html"):
        found = [
            f"{tag} {name}" for tag, names in Elements(text).found for name in names if name in ("style", "srcdoc")
        ]
        found += [f"{tag} {name}" for tag, names in Elements(text).found for name in names if name.startswith("on")]
        found += [tag for tag, names in Elements(text).found if tag == "script" and "src" not in names]
        return found + [RUN] * (RUN in text) + ["javascript:"] * ('href="javascript' in text)
    if kind.startswith("text/csv"):
        signs = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        return [cell for cell in cells if cell.strip().startswith(signs) and not is_number(cell)]
    return []


def is_number(cell: str) -> bool:
    """Whether a cell is a figure, which may be below zero."""
    return re.fullmatch(r"-?\d+(\.\d+)?", cell) is not None


def views(town: Town, numbers: dict[str, str]) -> Iterator[tuple[Client, str]]:
    """Every roll and sight and both files of names, with the browser of who looks."""
    town.stage.first_batch()
    browsers = {one.person: town.browser(one.person) for one in (*SIGHTS, *ROLLS)}
    for one in (*SIGHTS, *ROLLS):
        yield browsers[one.person], one.path.format(**numbers)
    yield browsers["zhou"], f"/coverage?year={YEAR}&form=csv"
    yield town.browser(), f"/public/tables/{YEAR}/coverage.csv"


def test_no_text_of_any_column_comes_to_life_on_any_page_or_export(
    town: Town, numbers: dict[str, str], poison: Callable[[str], None]
) -> None:
    assert len(free_texts()) > 60
    shown = 0
    seen = list(views(town, numbers))
    for text in typed():
        poison(text)
        for browser, path in seen:
            answer = browser.get(path)
            assert answer.status_code == 200, path
            assert alive(answer) == [], path
            shown += "alert(1)" in answer.content.decode("utf-8", "replace")
    assert shown > 20, "the pages show nothing of it and the test shows nothing either"


def test_control_without_escaping_pages_and_exports_come_to_life(
    town: Town, numbers: dict[str, str], poison: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.template.base.conditional_escape", str)
    monkeypatch.setattr(exports, "cell", str)
    poison(f"=1{''.join(_LIVE)}")
    found = {path: alive(browser.get(path)) for browser, path in views(town, numbers) if f"{YEAR}" in path}
    assert found[f"/coverage?year={YEAR}&form=csv"]
    assert found[f"/entity/{RED_RIVER}/standing?year={YEAR}"]


class Forms(HTMLParser):
    """The forms of a page: where each is sent, and its fields with what they hold; None where text is typed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, or a field of the last one."""
        told = dict(attrs)
        if tag == "form":
            self.found.append((told.get("action") or "", {}))
        elif tag in ("input", "textarea", "select") and self.found and told.get("name"):
            is_typed = tag == "textarea" or (tag == "input" and told.get("type", "text") in ("text", "search", "email"))
            self.found[-1][1][str(told["name"])] = None if is_typed else told.get("value") or ""


def test_no_text_of_any_form_comes_to_life_in_its_answer(town: Town, numbers: dict[str, str]) -> None:
    (text, *_rest), sent = typed(), set()
    for browser, path in views(town, numbers):
        for action, held in Forms(browser.get(path).content.decode("utf-8", "replace")).found:
            address = action or path
            if None not in held.values() or (address, *held) in sent or "switch" in address:
                continue
            sent.add((address, *held))
            with transaction.atomic():
                answer = browser.post(address, {name: text if value is None else value for name, value in held.items()})
                transaction.set_rollback(True)
            assert answer.status_code < 500, address
            assert alive(answer) == [], address
    assert len(sent) > 15
