"""Footprints of products with their numbers, suppliers' records, and the factors of products that are published."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from tonnebook.core import trace
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.footprints import factors, pact
from tonnebook.core.footprints.factors import ProductFactor
from tonnebook.core.footprints.pact import Maker, Told
from tonnebook.core.footprints.refusals import FootprintRefusal
from tonnebook.core.footprints.study import (
    DeclaredUnit,
    Footprint,
    GwpSet,
    Input,
    LifeFactor,
    LifeStage,
    Part,
    Rating,
    Study,
    SystemBoundary,
)
from tonnebook.core.methods import Boundary
from tonnebook.core.trace import Traced
from tonnebook.emissions.models import FootprintVersion, ProductFactorVersion, SupplierRecord


@dataclass(frozen=True, slots=True)
class FootprintRow:
    """A version of a footprint: what it was computed from, what came out, and why it ended if it did."""

    number: str
    entity: str
    region: str
    product: str
    name: str
    description: str
    version: int
    study: Study
    found: Footprint
    digest: str
    submitted_at: datetime
    ended_at: datetime | None
    end_reason: str


@dataclass(frozen=True, slots=True)
class SupplierRow:
    """A supplier's record: the code by which inputs name it, and what it says."""

    code: str
    file: str
    digest: str
    company: str
    product: str
    declared_unit: str
    excluding: Decimal
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class FactorRow:
    """A version of a published factor."""

    factor: ProductFactor
    version: int
    entered_at: datetime
    is_latest: bool


def footprints_of(entity: str) -> tuple[FootprintRow, ...]:
    """List the footprints of a company's products, the newest first."""
    rows = FootprintVersion.objects.filter(entity__uscc=entity).select_related("end").order_by("-id")
    return tuple(_row(row) for row in rows)


def footprint(number: str) -> FootprintRow:
    """Give one version of a footprint.

    Raises:
        Refused: NO_SUCH_FOOTPRINT when there is none, or it is another's.
    """
    row = FootprintVersion.objects.filter(number=number).select_related("end").first()
    if row is None:
        raise Refused(FootprintRefusal.NO_SUCH_FOOTPRINT, footprint=number)
    return _row(row)


def footprint_record(row: FootprintRow, *, company: str, subdivision: str) -> dict[str, Json]:
    """Write a version of a footprint as the PACT record that its company hands to customers.

    Args:
        row: the version.
        company: name of the company.
        subdivision: ISO 3166-2 code of the place it was made.
    """
    older = FootprintVersion.objects.filter(entity__uscc=row.entity, product=row.product, version=row.version - 1)
    told = Told(
        id=row.number,
        version=row.version,
        preceding=tuple(older.values_list("number", flat=True)),
        created_at=row.submitted_at,
        updated_at=row.ended_at,
        is_active=row.ended_at is None,
        comment=row.end_reason,
    )
    maker = Maker(row.entity, company, row.product, row.name, row.description or row.name, subdivision)
    return pact.record(row.study, row.found, maker, told)


def supplier_records(entity: str) -> tuple[SupplierRow, ...]:
    """List the suppliers' records a company has taken in, the newest first."""
    return tuple(_supplier(row) for row in SupplierRecord.objects.filter(entity__uscc=entity).order_by("-id"))


def product_factors(region: str, *, asked: str = "") -> tuple[FactorRow, ...]:
    """List the published factors of products with all versions, by code, the latest version first.

    Args:
        region: region code.
        asked: part of a code or name; empty for all.
    """
    rows = ProductFactorVersion.objects.filter(region=region).order_by("code", "-version")
    latest: dict[str, int] = {}
    found = []
    for row in rows:
        newest = latest.setdefault(row.code, row.version)
        found.append(FactorRow(_factor(row), row.version, row.entered_at, row.version == newest))
    words = asked.strip().lower()
    return tuple(one for one in found if words in _searched(one.factor))


def factor_versions(region: str, code: str) -> list[tuple[ProductFactor, int]]:
    """Give the versions of a published factor with their numbers."""
    rows = ProductFactorVersion.objects.filter(region=region, code=code).order_by("version")
    return [(_factor(row), row.version) for row in rows]


def factor_for(code: str, *, entity: str, region: str, year: int) -> LifeFactor:
    """Give the factor of an input: a published one for a year, or the record of a supplier of the company.

    Raises:
        Refused: NO_SUCH_FACTOR; FACTOR_YEAR_MISSING.
    """
    if code.startswith("pact."):
        row = SupplierRecord.objects.filter(entity__uscc=entity, record=code.removeprefix("pact.")).last()
        if row is not None:
            return pact.factor_of(row.content, row.digest)
    elif versions := factor_versions(region, code):
        factor, version = factors.for_year(versions, code=code, year=year)
        return factor.life_factor(version)
    raise Refused(FootprintRefusal.NO_SUCH_FACTOR, factor=code)


def _searched(factor: ProductFactor) -> str:
    return f"{factor.code} {factor.name_zh} {factor.name_en}".lower()


def _factor(row: ProductFactorVersion) -> ProductFactor:
    half = row.uncertainty_percent
    return ProductFactor(
        code=row.code,
        name_zh=row.name_zh,
        name_en=row.name_en,
        value=_short(row.value),
        unit=row.unit,
        place=row.place,
        from_year=row.from_year,
        to_year=row.to_year,
        published_year=row.published_year,
        publisher=row.publisher,
        note=row.note,
        boundary=Boundary(row.boundary),
        quality=row.quality,
        uncertainty_percent=None if half is None else _short(half),
    )


# A column of twelve decimals gives zeros back that nobody entered.
def _short(value: Decimal) -> Decimal:
    return Decimal(format(value.normalize(), "f"))


def _supplier(row: SupplierRecord) -> SupplierRow:
    content, pcf = row.content, row.content["pcf"]
    return SupplierRow(
        code=f"pact.{row.record}",
        file=row.file,
        digest=row.digest,
        company=content["companyName"],
        product=content["productNameCompany"],
        declared_unit=pcf["declaredUnit"],
        excluding=Decimal(pcf["pCfExcludingBiogenic"]),
        taken_at=row.taken_at,
    )


def _row(row: FootprintVersion) -> FootprintRow:
    end = getattr(row, "end", None)
    return FootprintRow(
        number=row.number,
        entity=row.entity_id,
        region=row.region,
        product=row.product,
        name=row.name,
        description=row.description,
        version=row.version,
        study=_study(row.study),
        found=_found(row.traces),
        digest=row.digest,
        submitted_at=row.submitted_at,
        ended_at=end.ended_at if end else None,
        end_reason=end.reason if end else "",
    )


def _study(stored: Mapping[str, object]) -> Study:
    inputs = stored["inputs"]
    assert isinstance(inputs, list)
    told = {name: str(value) for name, value in stored.items()}
    mass = stored["mass_kg"]
    sets = stored["gwp_sets"]
    assert isinstance(sets, list)
    return Study(
        declared_unit=DeclaredUnit(told["declared_unit"]),
        unitary_amount=Decimal(told["unitary_amount"]),
        made=Decimal(told["made"]),
        boundary=SystemBoundary(told["boundary"]),
        from_on=date.fromisoformat(told["from_on"]),
        to_on=date.fromisoformat(told["to_on"]),
        inputs=tuple(_input(one) for one in inputs),
        fossil_carbon_kg=Decimal(told["fossil_carbon_kg"]),
        biogenic_carbon_kg=Decimal(told["biogenic_carbon_kg"]),
        mass_kg=None if mass is None else Decimal(str(mass)),
        exempted_percent=Decimal(told["exempted_percent"]),
        exempted_reason=told["exempted_reason"],
        gwp_sets=tuple(GwpSet(one) for one in sets),
    )


def _input(stored: Mapping[str, Mapping[str, str]]) -> Input:
    factor = stored["factor"]
    parts: Mapping[str, str] = factor["parts"]  # type: ignore[assignment]
    return Input(
        stage=LifeStage(str(stored["stage"])),
        name=str(stored["name"]),
        quantity=Decimal(str(stored["quantity"])),
        unit=str(stored["unit"]),
        factor=LifeFactor(
            code=factor["code"],
            unit=factor["unit"],
            parts={Part(name): Decimal(text) for name, text in parts.items()},
            boundary=Boundary(factor["boundary"]),
            source=factor["source"],
            version=factor["version"],
        ),
        is_primary=bool(stored["is_primary"]),
        ratings={Rating(name): int(value) for name, value in stored["ratings"].items()},
    )


def _found(stored: Mapping[str, dict[str, object]]) -> Footprint:
    def numbers(name: str) -> dict[str, Traced]:
        return {code: trace.from_json(one) for code, one in stored[name].items()}  # type: ignore[arg-type]

    return Footprint(
        excluding=trace.from_json(stored["excluding"]),
        including=trace.from_json(stored["including"]),
        parts={Part(code): one for code, one in numbers("parts").items()},
        stages={LifeStage(code): one for code, one in numbers("stages").items()},
        primary_percent=trace.from_json(stored["primary_percent"]),
        coverage_percent=trace.from_json(stored["coverage_percent"]),
        ratings={Rating(code): one for code, one in numbers("ratings").items()},
    )
