"""A method as data: its inputs with units, its formula, where its factors stand, and the years it is valid for.

A definition in force is never edited: a later version stands beside it, and which one applies follows from the year
alone. The rule book's loader builds these values; `engine` computes by them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from tonnebook.core import trace
from tonnebook.core.errors import Refused
from tonnebook.core.methods.refusals import MrvRefusal


class LineKind(StrEnum):
    """What kind of source a line reports; METHOD when a method of the rule book says how it is computed."""

    COMBUSTION = "COMBUSTION"
    PROCESS = "PROCESS"
    ELECTRICITY = "ELECTRICITY"
    HEAT = "HEAT"
    GREEN_POWER = "GREEN_POWER"
    NON_FOSSIL_POWER = "NON_FOSSIL_POWER"
    METHOD = "METHOD"


class Boundary(StrEnum):
    """What a factor counts: the flame alone, the energy consumed, or the whole life cycle."""

    COMBUSTION = "COMBUSTION"
    CONSUMPTION = "CONSUMPTION"
    LIFE_CYCLE = "LIFE_CYCLE"


class Need(StrEnum):
    """Where a value comes from: MEASURED, DEFAULT where nothing was measured, FACTOR of the rule book, or CONSTANT."""

    MEASURED = "MEASURED"
    DEFAULT = "DEFAULT"
    FACTOR = "FACTOR"
    CONSTANT = "CONSTANT"


class SetStatus(StrEnum):
    """How sure we are of a guide: read, read in a copy, from memory, or not found at all."""

    ENACTED = "enacted"
    DRAFT = "draft"
    RECALLED = "recalled"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Input:
    """One name of a formula.

    Attributes:
        name: as the formula writes it.
        zh: what it is, in Chinese.
        en: the same in English.
        unit: the unit the formula takes it in.
        need: where its value comes from.
        path: parameter of the rule book, with `{name}` for the name of the line and `{gwp}` for the set of warming
            potentials; for DEFAULT and FACTOR.
        value: of a CONSTANT.
        boundary: what its factor must count; None where the question does not arise.
    """

    name: str
    zh: str
    en: str
    unit: str
    need: Need
    path: str = ""
    value: Decimal | None = None
    boundary: Boundary | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of a method.

    Attributes:
        id: its name, the same for all versions.
        version: what the version is called, such as "2024".
        first_year: first compliance year it applies to.
        last_year: last one, None while it is open.
        zh: title in Chinese.
        en: title in English.
        kind: what a line of it counts as; never METHOD.
        unit: unit of the result, "tCO2" or "tCO2e".
        boundary: what the result counts.
        formula: arithmetic over the names of the inputs.
        inputs: every name of the formula, in the order a form asks for them.
        origin: source, article and status, shown with every result.
        region: region whose folder it stands in.
        names: path of the rule book below which the names of a line stand; empty when a line may have any name.
        gwp: set of warming potentials, such as "ar5"; empty where only carbon dioxide is counted.
        directions: sign by direction, +1 or -1; empty when the result is always added.
        rounding: rounding function of `core.units` and places, or None: the report rounds its total once.
        note_zh: what a reader should know, in Chinese.
        note_en: the same in English.
    """

    id: str
    version: str
    first_year: int
    last_year: int | None
    zh: str
    en: str
    kind: LineKind
    unit: str
    boundary: Boundary
    formula: str
    inputs: tuple[Input, ...]
    origin: trace.Origin
    region: str
    names: str = ""
    gwp: str = ""
    directions: Mapping[str, int] = field(default_factory=dict)
    rounding: tuple[str, int] | None = None
    note_zh: str = ""
    note_en: str = ""

    def covers(self, year: int) -> bool:
        """Say whether it applies to a compliance year."""
        return self.first_year <= year and (self.last_year is None or year <= self.last_year)

    @property
    def activity(self) -> Input:
        """The input that the quantity of a line stands for: the first that is measured."""
        return next(one for one in self.inputs if one.need is Need.MEASURED)

    def path_of(self, one: Input, name: str) -> str:
        """Give the path of the rule book at which a value of a line stands."""
        return one.path.replace("{name}", name).replace("{gwp}", self.gwp)


@dataclass(frozen=True, slots=True)
class MethodSet:
    """Which methods a report of a sector sums.

    Attributes:
        id: its name.
        region: region whose folder it stands in.
        zh: title in Chinese.
        en: title in English.
        sectors: codes of the sectors it is for.
        methods: ids of methods.
        source: document, an id of docs/sources.md.
        status: how sure we are of the guide.
        gaps: what is missing, in Chinese and English.
        track: region by whose set the sector reports although its allowances stay here; empty otherwise.
    """

    id: str
    region: str
    zh: str
    en: str
    sectors: tuple[str, ...]
    methods: tuple[str, ...]
    source: str
    status: SetStatus
    gaps: tuple[tuple[str, str], ...] = ()
    track: str = ""


def version_of(methods: Mapping[str, Sequence[Definition]], method: str, *, year: int, region: str) -> Definition:
    """Choose the version of a method that applies to a year.

    Args:
        methods: all versions by id.
        method: id.
        year: compliance year.
        region: region code, for the sentence.

    Returns:
        The only version of the year.

    Raises:
        Refused: NO_SUCH_METHOD, or METHOD_NOT_OF_YEAR when no version covers the year: none is taken in its place.

    Source: design choice, no legal source: a missing year is an error, never the nearest one.
    """
    versions = methods.get(method)
    if not versions:
        raise Refused(MrvRefusal.NO_SUCH_METHOD, region=region, method=method)
    chosen = next((one for one in versions if one.covers(year)), None)
    if chosen is None:
        known = "、".join(f"{one.first_year}–{one.last_year or ''}" for one in versions)
        raise Refused(MrvRefusal.METHOD_NOT_OF_YEAR, method=method, year=year, versions=known)
    return chosen


def set_of(sets: Sequence[MethodSet], sector: str, *, region: str) -> MethodSet | None:
    """Choose the set by which a sector of a region reports: its own before the national one, unless a track says so.

    Args:
        sets: of the region and of the region it inherits from.
        sector: code of the sector.
        region: region code.

    Returns:
        The set, or None when no guide is known.

    Source: S01 (三); S02 item 23 for sectors that report by national rules before their allowances move.
    """
    fitting = [one for one in sets if sector in one.sectors]
    own = next((one for one in fitting if one.region == region), None)
    if own is None or not own.track:
        return own or next(iter(fitting), None)
    return next((one for one in fitting if one.region == own.track), own)
