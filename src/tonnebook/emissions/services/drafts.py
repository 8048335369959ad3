"""What people hand in: the plain values that the services of this room take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from tonnebook.core.meters import MeterKind
from tonnebook.core.mrv import SourceLine
from tonnebook.core.reporting import FindingKind


@dataclass(frozen=True, slots=True)
class FacilityDraft:
    """A facility to register; `from_on` is the first day it is monitored, `entity` a unified social credit code."""

    number: str
    entity: str
    name_zh: str
    name_en: str
    sector: str
    from_on: date


@dataclass(frozen=True, slots=True)
class MeterDraft:
    """A meter to register: what it sends is in whole `unit`; an export meter measures what leaves the site."""

    number: str
    facility: str
    kind: MeterKind
    unit: str
    accuracy_class: str
    is_export: bool
    installed_on: date


@dataclass(frozen=True, slots=True)
class SentReading:
    """A reading as it was sent: meter, hours since 1970 UTC, the amount of that hour, and its version."""

    meter: str
    hour: int
    value: int
    version: int


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One parameter of a month: its name, how it was found (MEASURED, DEFAULT, CALCULATED), value and unit."""

    name: str
    kind: str
    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class MonthDraft:
    """A month of one facility: its number, what was measured, SHA-256 (hex) over the evidence, why it is late."""

    facility: str
    parameters: Sequence[ParameterRow]
    evidence_digest: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A source line of a report at one facility (its number), with the number of its registered stream, if named."""

    facility: str
    source: SourceLine
    stream: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a verifier found; `reference` names the line or document, `effect_t` by how much the report is wrong."""

    kind: FindingKind
    text: str
    reference: str = ""
    is_material: bool = False
    effect_t: int = 0


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A determined figure of a year before this system: tonnes, and output by product in the product's unit."""

    entity: str
    year: int
    emissions_t: int
    direct_t: int
    outputs: Mapping[str, Decimal] = field(default_factory=dict)
