"""What the checks of a report look at: the report, its facilities, lines, products and energy use, each with its facts.

Everything here is derived from what somebody handed in and from what is known besides; a fact that is not known is left
out, and then the checks that need it say nothing.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, localcontext

from tonnebook.core import mrv, periods, units
from tonnebook.core.checks.catalogue import Scope, Subject
from tonnebook.core.checks.kinds import Value
from tonnebook.core.errors import Refused
from tonnebook.core.mrv import EmissionResult, LineKind, OutputRow, SourceLine
from tonnebook.core.rules import RulesAt

_MONTHS = range(1, 13)
# What a filed parameter may be so that it can be held against a line; a line by a method has more than one value.
_SOURCES = frozenset(LineKind) - {LineKind.METHOD}
_DEFAULTS = ("ncv", "carbon_content", "oxidation")


@dataclass(frozen=True, slots=True)
class Line:
    """A source line at a facility; `stream` is the number of its registered source stream, where it names one."""

    facility: str
    source: SourceLine
    stream: str = ""

    @property
    def key(self) -> tuple[str, LineKind, str]:
        """What makes it the same source in another year or month."""
        return self.facility, self.source.kind, self.source.name


@dataclass(frozen=True, slots=True)
class Month:
    """What was filed of a source in one month of a facility."""

    facility: str
    month: int
    kind: str
    name: str
    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Place:
    """A facility as registered, with what was filed for it; `until_on` is None while it is in use."""

    number: str
    sector: str
    from_on: date
    until_on: date | None = None
    months_filed: tuple[int, ...] = ()
    months_late: tuple[int, ...] = ()
    streams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Yearly:
    """One report: lines and outputs, with the result of computing them; `result` is None when that was refused."""

    lines: Sequence[Line]
    outputs: Sequence[OutputRow]
    result: EmissionResult | None


@dataclass(frozen=True, slots=True)
class Book:
    """Everything the checks of a report may look at.

    Attributes:
        year: compliance year.
        this: the report or its draft.
        last: the latest report of the year before, if there is one.
        before: total of the version before, t, if there is one.
        versions: how many there are, this one included.
        places: facilities of the entity.
        months: everything filed for the year.
        rules: of the year.
        submitted_on: day in the region's zone.
        has_approved_plan: whether the plan of the year is approved.
        is_prepared_by_other: whether somebody else wrote it.
        energy: what the energy-use report says of each source (its code), in the unit of the line; empty when none.
        certificates: of green power, by their numbers, as used in this report; None where they are not asked for.
        certificates_elsewhere: of these, those that another report uses.
        attachments: digests; None where attachments are not asked for yet.
        peers: median emission per unit of a product, by product.
    """

    year: int
    this: Yearly
    last: Yearly | None
    rules: RulesAt
    submitted_on: date
    before: int | None = None
    versions: int = 1
    places: Sequence[Place] = ()
    months: Sequence[Month] = ()
    has_approved_plan: bool = True
    is_prepared_by_other: bool = False
    energy: Mapping[str, Decimal] = field(default_factory=dict)
    certificates: tuple[str, ...] | None = None
    certificates_elsewhere: tuple[str, ...] | None = None
    attachments: tuple[str, ...] | None = None
    peers: Mapping[str, Decimal] = field(default_factory=dict)


def of_report(book: Book) -> tuple[Subject, ...]:
    """List what the checks of a report look at: the report, its facilities, lines, products, and its energy use.

    Args:
        book: what was reported and what is known.

    Returns:
        Subjects in the order a reader would look at them.

    Source: design choice, no legal source.
    """
    with localcontext(units.EXACT):
        return (_report(book), *_facilities(book), *_lines(book), *_products(book), *_energy(book))


def subject(scope: Scope, place: str, facts: Mapping[str, Value | None]) -> Subject:
    """Make a subject of the facts that are known."""
    return Subject(scope, place, {name: value for name, value in facts.items() if value is not None})


def _report(book: Book) -> Subject:
    this, last, result = book.this, book.last, book.this.result
    by_name = _energy_sources(this.lines)
    registered = tuple(one.number for one in book.places if _was_active(one, book.year))
    facts: dict[str, Value | None] = {
        "sources": tuple(one.source.name for one in this.lines),
        "products": tuple(one.product for one in this.outputs),
        "last_products": tuple(dict.fromkeys(one.product for one in last.outputs)) if last else None,
        "facilities": tuple(dict.fromkeys(one.facility for one in this.lines)),
        "registered": registered,
        "nothing": (),
        "certificates": book.certificates,
        "certificates_elsewhere": book.certificates_elsewhere,
        "attachments": book.attachments,
        "previous_version_t": None if book.before is None else Decimal(book.before),
        "versions": tuple(str(one) for one in range(1, book.versions + 1)),
        "has_approved_plan": book.has_approved_plan,
        "is_prepared_by_other": book.is_prepared_by_other,
        # No such report is taken in yet, so nobody is told that it is missing.
        "has_energy_use": bool(book.energy) or None,
        "submitted_on": book.submitted_on,
        "year_ended_on": periods.compliance_year(book.year).to_on - timedelta(days=1),
        "due_on": book.rules.day("deadline.report_on") if book.rules.has("deadline.report_on") else None,
        "energy_items": tuple(book.energy) or None,
        "energy_sources": tuple(by_name) if book.energy else None,
        **_totals(result, ""),
        **(_totals(last.result, "last_") if last else {}),
    }
    if result:
        facts |= {"total_exact_t": sum(_tonnes(book.this).values(), Decimal(0))}
        facts |= {"facility_tonnes": tuple(_tonnes(book.this).values())}
        facts |= {"line_tonnes": tuple(one.value for one in result.lines)}
    filed = _filed_total(book)
    return subject(Scope.REPORT, "", {**facts, "filed_t": filed})


def _totals(result: EmissionResult | None, prefix: str) -> dict[str, Value | None]:
    if result is None:
        return {}
    return {
        f"{prefix}total_t": Decimal(result.total.whole),
        f"{prefix}direct_t": Decimal(result.direct.whole),
        f"{prefix}purchased_mwh": result.purchased_mwh.value,
        f"{prefix}green_mwh": result.green_mwh.value,
        f"{prefix}non_fossil_mwh": result.non_fossil_mwh.value,
    }


# Emission of each facility, unrounded; the sum of them is the unrounded total.
def _tonnes(report: Yearly) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    if report.result:
        for line, traced in zip(report.lines, report.result.lines, strict=True):
            found[line.facility] += traced.value
    return found


def _filed_total(book: Book) -> Decimal | None:
    filed = _filed(book)
    whole = all(set(_due(one, book.year)) <= set(one.months_filed) for one in book.places)
    if not filed or not whole:
        return None
    if any(one.kind not in _SOURCES for one in book.months):
        return None
    lines = [SourceLine(LineKind(kind), name, value, unit) for (_, kind, name, unit), value in filed.items()]
    try:
        return Decimal(mrv.emissions(lines, book.rules).total.whole)
    except Refused:
        return None


# What was filed in the year, by facility, kind, name and unit.
def _filed(book: Book) -> dict[tuple[str, str, str, str], Decimal]:
    found: dict[tuple[str, str, str, str], Decimal] = defaultdict(Decimal)
    for one in book.months:
        found[one.facility, one.kind, one.name, one.unit] += one.value
    return found


def _due(place: Place, year: int) -> Iterator[int]:
    for month in _MONTHS:
        period = periods.month(year, month)
        if place.from_on < period.to_on and (place.until_on is None or place.until_on >= period.from_on):
            yield month


def _was_active(place: Place, year: int) -> bool:
    return any(True for _ in _due(place, year))


def _facilities(book: Book) -> Iterator[Subject]:
    tonnes, last = _tonnes(book.this), _tonnes(book.last) if book.last else {}
    reported, filed, before = _names(book.this.lines), _filed_names(book), _names(book.last.lines if book.last else ())
    for place in book.places:
        number = place.number
        facts: dict[str, Value | None] = {
            "sector": place.sector,
            "tonnes": tonnes.get(number),
            "last_tonnes": last.get(number),
            "from_on": place.from_on,
            "until_on": place.until_on,
            "was_active": _was_active(place, book.year) if number in reported else True,
            "months_due": tuple(str(one) for one in _due(place, book.year)),
            "months_filed": tuple(str(one) for one in place.months_filed),
            "months_late": tuple(str(one) for one in place.months_late),
            "reported_sources": reported.get(number, ()) if _was_active(place, book.year) else None,
            "filed_sources": filed.get(number),
            "last_sources": before.get(number),
            "streams": place.streams or None,
            **_power(book.this.lines, number),
        }
        yield subject(Scope.FACILITY, number, facts)


def _names(lines: Sequence[Line]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for line in lines:
        found[line.facility][line.source.name] = None
    return {facility: tuple(names) for facility, names in found.items()}


def _filed_names(book: Book) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for one in book.months:
        if one.kind in _SOURCES:
            found[one.facility][one.name] = None
    return {facility: tuple(names) for facility, names in found.items()}


def _power(lines: Sequence[Line], facility: str) -> dict[str, Value | None]:
    found: dict[str, Value | None] = {}
    for kind, name in ((LineKind.ELECTRICITY, "purchased_mwh"), (LineKind.GREEN_POWER, "green_mwh")):
        of_kind = [one.source for one in lines if one.facility == facility and one.source.kind is kind]
        quantities = [_in(one, "MWh") for one in of_kind]
        if of_kind and None not in quantities:
            found[name] = sum((one for one in quantities if one is not None), Decimal(0))
    return found


def _in(source: SourceLine, unit: str) -> Decimal | None:
    times = mrv.CONVERSIONS[unit].get(source.unit)
    return None if times is None else source.quantity * times


def _lines(book: Book) -> Iterator[Subject]:
    filed, last = _filed(book), {one.key: one.source for one in (book.last.lines if book.last else ())}
    complete = {one.number for one in book.places if set(_due(one, book.year)) <= set(one.months_filed)}
    twins: dict[tuple[str, LineKind, str], int] = defaultdict(int)
    for line in book.this.lines:
        twins[line.key] += 1
    total = Decimal(book.this.result.total.whole) if book.this.result else None
    for place, line in enumerate(book.this.lines):
        source, before = line.source, last.get(line.key)
        is_same_unit = before is not None and before.unit == source.unit
        facts: dict[str, Value | None] = {
            "facility": line.facility,
            "kind": source.kind.value,
            "name": source.name,
            "unit": source.unit,
            "quantity": source.quantity,
            "quantity_t": _in(source, "t"),
            "stream": line.stream,
            "ncv": source.ncv,
            "carbon_content": source.carbon_content,
            "oxidation": source.oxidation,
            **_fuel(source, book.rules),
            "tonnes": book.this.result.lines[place].value if book.this.result else None,
            "total_t": total,
            "twins": Decimal(twins[line.key]),
            "last_quantity": before.quantity if before and is_same_unit else None,
            "is_new_stream": before is None if book.last else None,
            "filed_quantity": filed.get((line.facility, source.kind.value, source.name, source.unit)),
            "has_all_months": line.facility in complete and twins[line.key] == 1,
            "certificates": book.certificates if source.kind is LineKind.GREEN_POWER else None,
        }
        yield subject(Scope.LINE, f"{place + 1} · {line.facility} · {source.name}", facts)


# Defaults of the rule book for a fuel, and what enters its formula.
def _fuel(source: SourceLine, rules: RulesAt) -> dict[str, Value | None]:
    if source.kind is not LineKind.COMBUSTION:
        return {}
    found: dict[str, Value | None] = {}
    for name in _DEFAULTS:
        path, measured = f"mrv.fuel.{source.name}.{name}", getattr(source, name)
        default = rules.number(path).value if rules.has(path) else None
        found |= {f"{name}_default": default, f"{name}_used": default if measured is None else measured}
    return found


def _products(book: Book) -> Iterator[Subject]:
    last = {one.product: one for one in (book.last.outputs if book.last else ())}
    total = Decimal(book.this.result.total.whole) if book.this.result else None
    before = Decimal(book.last.result.total.whole) if book.last and book.last.result else None
    # Emission per unit is told only where there is one product: nothing says how to share it among several.
    is_only = len(book.this.outputs) == 1
    for output in book.this.outputs:
        earlier = last.get(output.product)
        is_same_unit = earlier is not None and earlier.unit == output.unit
        facts: dict[str, Value | None] = {
            "product": output.product,
            "unit": output.unit,
            "quantity": output.quantity,
            "last_unit": earlier.unit if earlier else None,
            "last_quantity": earlier.quantity if earlier and is_same_unit else None,
            "tonnes": total if is_only else None,
            "intensity": _over(total, output) if is_only else None,
            "last_intensity": _over(before, earlier) if is_only and len(last) == 1 and is_same_unit else None,
            "peer_intensity": book.peers.get(output.product) if is_only else None,
        }
        yield subject(Scope.PRODUCT, output.product, facts)


def _over(tonnes: Decimal | None, output: OutputRow | None) -> Decimal | None:
    if tonnes is None or output is None or output.quantity <= 0:
        return None
    return units.half_up(tonnes / output.quantity, 6)


# Fuels, power and heat by code, as an energy-use report has them too.
def _energy_sources(lines: Sequence[Line]) -> dict[str, Decimal]:
    names = {LineKind.ELECTRICITY: "electricity", LineKind.HEAT: "heat"}
    found: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.source.kind in names or line.source.kind is LineKind.COMBUSTION:
            found[names.get(line.source.kind, line.source.name)] += line.source.quantity
    return found


def _energy(book: Book) -> Iterator[Subject]:
    reported = _energy_sources(book.this.lines)
    for item, used in book.energy.items():
        if item in reported:
            yield subject(Scope.ENERGY, item, {"item": item, "used": used, "reported": reported[item]})
