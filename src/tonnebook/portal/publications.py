"""The public tables of a compliance year, cut to what the region's disclosure rules allow.

A column with figures of single entities names the disclosure field it needs; without MUST or MAY in the rule book the
column does not exist, on the page as in the open data.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.http import Http404
from django.utils.translation import get_language, gettext

from tonnebook.compliance import queries as compliance
from tonnebook.core import periods
from tonnebook.core.coverage import COVERED
from tonnebook.core.objections import ObjectionState
from tonnebook.core.rules import RulesAt
from tonnebook.core.surrender import COMPLIANT_CODES
from tonnebook.faces import formats, labels
from tonnebook.faces.templatetags import tonnebook as tags
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why

Row = Mapping[str, object]

# How far back the picker of years goes.
YEARS_BACK = 4
_OPEN = frozenset({"MUST", "MAY"})
_NUMBERS = frozenset({"t", "share", "count", "value"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key in the open data, its title, what kind of value it holds, and what it discloses.

    `kind` is text, t, share, count, day, status, value (written with the unit of its row) or data (in the open data
    only); `discloses` is the field of the disclosure matrix, empty for none.
    """

    code: str
    title: str
    kind: str = "text"
    discloses: str = ""

    @property
    def is_number(self) -> bool:
        """Whether it is aligned to the right."""
        return self.kind in _NUMBERS


@dataclass(frozen=True, slots=True)
class Table:
    """One public table with the columns and rows that may be shown."""

    code: str
    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def shown_columns(self) -> tuple[Column, ...]:
        """The columns of the page; a unit stands beside its value there."""
        return tuple(column for column in self.columns if column.kind != "data")

    @property
    def plain_rows(self) -> list[dict[str, object]]:
        """The rows as open data: only published columns, whole numbers and text."""
        return [{column.code: _plain(row.get(column.code)) for column in self.columns} for row in self.rows]


def may_show(rules: RulesAt, field: str) -> bool:
    """Say whether a field of the disclosure matrix may be published; what the rules do not name may not."""
    path = f"disclosure.{field}"
    return not field or (rules.has(path) and rules.text(path) in _OPEN)


@tenancy.everywhere(Why.DISCLOSURE)
def index(region: str, year: int) -> tuple[Table, ...]:
    """List the public tables of a region and year, those only whose publication the rules allow."""
    rules = _rules(region, year)
    return tuple(_table(code, region, year, rules) for code, (field, _) in _TABLES.items() if may_show(rules, field))


@tenancy.everywhere(Why.DISCLOSURE)
def table(code: str, region: str, year: int) -> Table:
    """Give one public table.

    Raises:
        Http404: when there is no such table or year, or the region does not publish it; all look the same.
    """
    if not date.min.year <= year <= date.max.year:
        raise Http404
    rules = _rules(region, year)
    if code not in _TABLES or not may_show(rules, _TABLES[code][0]):
        raise Http404
    return _table(code, region, year, rules)


def found(shown: Table, asked: str) -> tuple[Row, ...]:
    """Keep the rows in which all words of a filter occur."""
    words = asked.lower().split()
    texts = ((row, " ".join(str(row.get(column.code)) for column in shown.columns).lower()) for row in shown.rows)
    return tuple(row for row, text in texts if all(word in text for word in words))


def years(today: date) -> tuple[int, ...]:
    """List the years of the picker, the running one first."""
    return tuple(range(today.year, today.year - YEARS_BACK, -1))


@tenancy.everywhere(Why.DISCLOSURE)
def year_asked(text: str, *, region: str, today: date) -> int:
    """Give the year an address asks for; without one, the latest year with a coverage list."""
    if text.isascii() and text.isdigit() and int(text) in years(today):
        return int(text)
    listed = (year for year in years(today) if compliance.covered_codes(region, year))
    return next(listed, today.year)


def _table(code: str, region: str, year: int, rules: RulesAt) -> Table:
    full = _TABLES[code][1](region, year)
    columns = tuple(column for column in full.columns if may_show(rules, column.discloses))
    return Table(full.code, full.title, full.note, columns, full.rows)


def _rules(region: str, year: int) -> RulesAt:
    # A year is published by the rules of its own last day.
    return compliance.rules(region, year, date(year, 12, 31))


def _covered(region: str, year: int) -> Table:
    rows = [row for row in compliance.covered(region, year) if row.stage in COVERED]
    return Table(
        "coverage",
        gettext("Coverage list"),
        " ".join([gettext("Who is in the market this year."), *_published(region, year)]),
        (
            Column("uscc", gettext("Unified social credit code")),
            Column("name", gettext("Name")),
            Column("sector", gettext("Sector")),
            Column("stage", gettext("Stage")),
            Column("reason", gettext("Reason"), discloses="entity_emissions"),
        ),
        tuple(
            {
                "uscc": row.entity,
                "name": tags.name(row),
                "sector": tags.sector_word(row.sector, region),
                "stage": labels.label(row.stage),
                "reason": tags.told(row, "reason"),
            }
            for row in rows
        ),
    )


def _published(region: str, year: int) -> list[str]:
    versions = compliance.list_versions(region, year)
    if not versions:
        return []
    told = {
        "version": versions[0].version,
        "day": periods.day_of(versions[0].published_at),
        "lines": sum(one.lines for one in versions[:-1]),
    }
    return [
        gettext("Version %(version)s, published on %(day)s; lines corrected since the first one: %(lines)s.") % told,
        _objected(region, year),
    ]


# How many objected, and what became of it, names nobody.
def _objected(region: str, year: int) -> str:
    found = compliance.objections_to_list(region, year)
    told = {"day": found.until, "days": found.working_days, "all": sum(found.counts.values())}
    told |= {state.value.lower(): found.counts.get(state, 0) for state in ObjectionState}
    sentence = gettext(
        "Objections until %(day)s (%(days)s working days; for a line corrected later, from its own day on): "
        "%(all)s made, %(filed)s not decided yet, %(upheld)s upheld, %(rejected)s rejected."
    )
    return sentence % told


def _corrections(region: str, year: int) -> Table:
    versions = compliance.list_versions(region, year)
    return Table(
        "coverage_corrections",
        gettext("Corrections of the coverage list"),
        gettext("Lines that a later version of the list set anew; the version before stays readable here."),
        (
            Column("version", gettext("Version"), "count"),
            Column("published_on", gettext("Published on"), "day"),
            Column("uscc", gettext("Unified social credit code")),
            Column("name", gettext("Name")),
            Column("stage_before", gettext("Stage before")),
            Column("stage", gettext("Stage")),
            Column("ground", gettext("Ground")),
        ),
        tuple(
            {
                "version": version.version,
                "published_on": periods.day_of(version.published_at),
                "uscc": change.entity,
                "name": tags.name(change),
                "stage_before": labels.label(change.before) if change.before else gettext("not on the list"),
                "stage": labels.label(change.stage),
                "ground": labels.label(version.ground),
            }
            for version in versions
            for change in version.changes
        ),
    )


def _plan(region: str, year: int) -> Table:
    adopted = compliance.plan_of(region, year)
    rules = _rules(region, year)
    paths = [path for path in sorted(rules.leaves) if path.startswith("allocation.") and rules.has(path)]
    zh = formats.is_chinese(get_language())
    return Table(
        "plan",
        gettext("Allocation plan"),
        gettext("The parameters by which allowances are allocated, each with its ground and how sure it is."),
        (
            Column("parameter", gettext("Parameter")),
            Column("path", gettext("Path")),
            Column("value", gettext("Value"), "value"),
            Column("unit", gettext("Unit"), "data"),
            Column("ground", gettext("Ground")),
            Column("status", gettext("Status"), "status"),
        ),
        tuple(_parameter(rules, path, zh=zh) for path in paths) if adopted else (),
    )


def _parameter(rules: RulesAt, path: str, *, zh: bool) -> Row:
    leaf, origin = rules.leaves[path], rules.origin(path)
    return {
        "parameter": leaf.zh if zh else leaf.en,
        "path": path,
        "value": rules.text(path),
        "unit": leaf.unit,
        "ground": f"{origin.article} · {origin.source}",
        "status": origin.status,
    }


def _result(region: str, year: int) -> Table:
    rows = compliance.compliance_table(region, year)
    return Table(
        "compliance",
        gettext("Compliance result"),
        gettext("How the year ended for each company; figures of single companies only where the rules allow them."),
        (
            Column("uscc", gettext("Unified social credit code")),
            Column("name", gettext("Name")),
            Column("sector", gettext("Sector")),
            Column("result", gettext("Result")),
            Column("determined_t", gettext("Determined emission"), "t", "entity_emissions"),
            Column("surrendered_t", gettext("Surrendered"), "t", "entity_surrender"),
            Column("credits_t", gettext("of it credits"), "t", "entity_surrender"),
            Column("shortfall_t", gettext("Shortfall"), "t", "entity_surrender"),
        ),
        tuple(
            {
                "uscc": row.entity,
                "name": tags.name(row),
                "sector": tags.sector_word(row.sector, region),
                "result": labels.label(row.code, "StatusCode"),
                "determined_t": row.determined_t,
                "surrendered_t": row.surrendered_t,
                "credits_t": row.credits_t,
                "shortfall_t": row.shortfall_t,
            }
            for row in rows
        ),
    )


def _sums(region: str, year: int) -> Table:
    rows = compliance.compliance_table(region, year)
    sums = (
        (gettext("Companies settled"), "count", len(rows)),
        (gettext("Compliant companies"), "count", sum(row.code in COMPLIANT_CODES for row in rows)),
        (gettext("Determined emission"), "t", sum(row.determined_t or 0 for row in rows)),
        (gettext("Obligation"), "t", sum(row.obligation_t for row in rows)),
        (gettext("Surrendered"), "t", sum(row.surrendered_t for row in rows)),
        (gettext("of it credits"), "t", sum(row.credits_t for row in rows)),
        (gettext("Shortfall"), "t", sum(row.shortfall_t for row in rows)),
    )
    columns = (
        Column("figure", gettext("Figure")),
        Column("unit", gettext("Unit"), "data"),
        Column("quantity", gettext("Quantity"), "value"),
    )
    return Table(
        "totals",
        gettext("Totals of the year"),
        gettext("Sums over all companies; no single company can be read from them."),
        columns,
        tuple({"figure": name, "unit": unit, "quantity": value} for name, unit, value in sums) if rows else (),
    )


# Each table with the field of the disclosure matrix that opens it.
_TABLES: Mapping[str, tuple[str, Callable[[str, int], Table]]] = {
    "plan": ("plan", _plan),
    "coverage": ("covered_list", _covered),
    "coverage_corrections": ("covered_list", _corrections),
    "totals": ("totals", _sums),
    "compliance": ("compliance_result", _result),
}


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    return value if value is None or isinstance(value, int | str) else str(value)
