"""A footprint as the record companies exchange (PACT data model, version 3), written and read.

Numbers are decimal text. What the data model leaves optional until 2025 is always written. Whether a record keeps the
rules of the data model says `record_rules`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import MappingProxyType

from tonnebook.core import periods
from tonnebook.core.canonical import Json
from tonnebook.core.footprints.record_rules import ACTIVE, DEPRECATED, instant_of, part_of, years_on
from tonnebook.core.footprints.study import DeclaredUnit, Footprint, GwpSet, LifeFactor, Part, Study
from tonnebook.core.methods import Boundary

SPEC_VERSION = "3.0.0"
_FIELD_OF: Mapping[Part, str] = MappingProxyType(
    {
        Part.AIRCRAFT: "aircraftGhgEmissions",
        Part.DLUC: "dLucGhgEmissions",
        Part.LAND_MANAGEMENT: "landManagementGhgEmissions",
        Part.BIOGENIC: "otherBiogenicGhgEmissions",
        Part.WITHDRAWAL: "biogenicCarbonWithdrawal",
    }
)


@dataclass(frozen=True, slots=True)
class Maker:
    """Who made which product, as a record names them; `subdivision` is an ISO 3166-2 code such as "CN-SH"."""

    uscc: str
    name: str
    product: str
    product_name: str
    description: str
    subdivision: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a record says of itself: id, version, the ids it takes the place of, and its status with the reason."""

    id: str
    version: int
    preceding: tuple[str, ...]
    created_at: datetime
    updated_at: datetime | None
    is_active: bool
    comment: str


def record(study: Study, found: Footprint, maker: Maker, told: Told) -> dict[str, Json]:
    """Write a footprint as a PACT record.

    Args:
        study: what it was computed from.
        found: what was computed.
        maker: company and product.
        told: what the record says of itself.

    Returns:
        JSON values that hold no number but the version; every mandatory field and all that are since 2025.

    Source: S96, ProductFootprint and CarbonFootprint; fossilGhgEmissions holds the aircraft part as well.
    """
    made: dict[str, Json] = {
        "id": told.id,
        "specVersion": SPEC_VERSION,
        "version": told.version,
        "created": _instant(told.created_at),
        "status": ACTIVE if told.is_active else DEPRECATED,
        "companyName": maker.name,
        "companyIds": [f"urn:pact:company:customcode:supplier-id:{maker.uscc}"],
        "productDescription": maker.description,
        "productIds": [f"urn:pact:product:customcode:vendor-assigned:{maker.product}"],
        "productNameCompany": maker.product_name,
        "pcf": _pcf(study, found, maker.subdivision),
    }
    if told.preceding:
        made["precedingPfIds"] = list(told.preceding)
    if told.updated_at:
        made["updated"] = _instant(told.updated_at)
    if told.comment:
        made["statusComment"] = told.comment
    return made


def factor_of(read: Mapping[str, Json], digest: str) -> LifeFactor:
    """Turn a supplier's record, which breaks no rule, into the factor of an input.

    Args:
        read: the record.
        digest: SHA-256 (hex) over the file it came in.

    Returns:
        kgCO2e per declared unit; aircraft emissions are taken out of the fossil ones, which hold them.

    Source: S96, CarbonFootprint.
    """
    pcf = part_of(read, "pcf")
    parts = {part: Decimal(str(pcf[field])) for part, field in _FIELD_OF.items() if field in pcf}
    parts[Part.FOSSIL] = Decimal(str(pcf["fossilGhgEmissions"])) - parts.get(Part.AIRCRAFT, Decimal(0))
    unit = _UNITS[DeclaredUnit(str(pcf["declaredUnit"]))]
    source = f"{read['companyName']}: {read['productNameCompany']}"
    return LifeFactor(
        f"pact.{read['id']}", unit, parts, Boundary.LIFE_CYCLE, source, f"{read['version']}, SHA-256 {digest}"
    )


def is_valid_on(read: Mapping[str, Json], on: date) -> bool:
    """Say whether a record that breaks no rule is valid on a day: by its own period, or three years long.

    Source: S96, validityPeriodStart.
    """
    end = instant_of(part_of(read, "pcf").get("referencePeriodEnd"))
    assert end is not None
    begins = instant_of(read.get("validityPeriodStart")) or end
    ends = instant_of(read.get("validityPeriodEnd")) or years_on(end)
    return begins <= datetime(on.year, on.month, on.day, 12, tzinfo=periods.ZONE) < ends


def _pcf(study: Study, found: Footprint, subdivision: str) -> dict[str, Json]:
    parts: dict[str, Json] = {field: _text(found.parts[part].value) for part, field in _FIELD_OF.items()}
    fossil = found.parts[Part.FOSSIL].value + found.parts[Part.AIRCRAFT].value
    secondary = {(one.factor.source, one.factor.version) for one in study.inputs if not one.is_primary}
    made: dict[str, Json] = {
        "declaredUnit": study.declared_unit.value,
        "unitaryProductAmount": _text(study.unitary_amount),
        "pCfExcludingBiogenic": _text(found.excluding.value),
        "pCfIncludingBiogenic": _text(found.including.value),
        "fossilGhgEmissions": _text(fossil),
        "fossilCarbonContent": _text(study.fossil_carbon_kg),
        "biogenicCarbonContent": _text(study.biogenic_carbon_kg),
        **parts,
        "ipccCharacterizationFactorsSources": [one.value for one in GwpSet if one in study.gwp_sets],
        "crossSectoralStandards": ["ISO14067", "PACT-3.0"],
        "biogenicAccountingMethodology": "ISO",
        "boundaryProcessesDescription": f"{study.boundary.value}: {', '.join(stage.value for stage in found.stages)}",
        "referencePeriodStart": _instant(periods.instant(study.from_on, time.min)),
        "referencePeriodEnd": _instant(periods.instant(study.to_on, time.min)),
        "exemptedEmissionsPercent": _text(study.exempted_percent),
        "exemptedEmissionsDescription": study.exempted_reason,
        "packagingEmissionsIncluded": study.includes_packaging,
        "primaryDataShare": _text(found.primary_percent.value),
        "dqi": {
            "coveragePercent": _text(found.coverage_percent.value),
            **{rating.value: _text(number.value) for rating, number in found.ratings.items()},
        },
    }
    if study.mass_kg is not None:
        made["productMassPerDeclaredUnit"] = _text(study.mass_kg)
    if subdivision:
        made["geographyCountrySubdivision"] = subdivision
    if secondary:
        made["secondaryEmissionFactorSources"] = [{"name": name, "version": own} for name, own in sorted(secondary)]
    return made


_UNITS: Mapping[DeclaredUnit, str] = MappingProxyType(
    {
        **{unit: unit.value for unit in DeclaredUnit},
        DeclaredUnit.KILOGRAM: "kg",
        DeclaredUnit.KILOWATT_HOUR: "kWh",
        DeclaredUnit.MEGAJOULE: "MJ",
        DeclaredUnit.TON_KILOMETER: "t-km",
    }
)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(value: Decimal) -> str:
    return format(value, "f")
