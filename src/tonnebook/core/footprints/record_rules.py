"""The rules of the PACT data model, each under a name, and which fields of a record break one.

A record of ours and a supplier's pass the same rules. Text that has the right form may still be untrue.
"""

import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from tonnebook.core.canonical import Json
from tonnebook.core.footprints.study import RATING_MAX, RATING_MIN, DeclaredUnit, Rating

ACTIVE, DEPRECATED = "Active", "Deprecated"
# How long a record is valid after its reference period, at most and unless it says less (S96, validityPeriodStart).
VALID_YEARS = 3
_SINCE = datetime(2025, 1, 1, tzinfo=UTC)
_VERSION_MAX = 2**31 - 1

_NOT_NEGATIVE = (
    "productMassPerDeclaredUnit",
    "pCfExcludingBiogenic",
    "fossilGhgEmissions",
    "fossilCarbonContent",
    "biogenicCarbonContent",
    "dLucGhgEmissions",
    "otherBiogenicGhgEmissions",
    "iLucGhgEmissions",
    "aircraftGhgEmissions",
    "packagingGhgEmissions",
)
_DECIMALS = (
    *_NOT_NEGATIVE,
    "unitaryProductAmount",
    "pCfIncludingBiogenic",
    "landManagementGhgEmissions",
    "biogenicCarbonWithdrawal",
    "exemptedEmissionsPercent",
    "primaryDataShare",
)
_MANDATORY = ("id", "specVersion", "version", "created", "status", "companyName", "companyIds", "productDescription")
_MANDATORY_HERE = (*_MANDATORY, "productIds", "productNameCompany", "pcf")
_MANDATORY_IN_PCF = (
    "declaredUnit",
    "unitaryProductAmount",
    "pCfExcludingBiogenic",
    "fossilGhgEmissions",
    "fossilCarbonContent",
    "biogenicCarbonContent",
    "ipccCharacterizationFactorsSources",
    "crossSectoralStandards",
    "referencePeriodStart",
    "referencePeriodEnd",
    "exemptedEmissionsPercent",
    "packagingEmissionsIncluded",
)
_MANDATORY_SINCE_2025 = (
    "pCfIncludingBiogenic",
    "dLucGhgEmissions",
    "landManagementGhgEmissions",
    "otherBiogenicGhgEmissions",
    "biogenicCarbonWithdrawal",
    "biogenicAccountingMethodology",
    "primaryDataShare",
    "dqi",
)
_STANDARDS = frozenset(
    {"ISO14067", "ISO14083", "ISO14040-44", "GHGP-Product", "PEF", "PACT-1.0", "PACT-2.0", "PACT-3.0", "PAS2050"}
)
_BIOGENIC_METHODS = frozenset({"PEF", "ISO", "GHGP", "Quantis"})
_GEOGRAPHY = ("geographyRegionOrSubregion", "geographyCountry", "geographyCountrySubdivision")
_REGIONS = frozenset(
    {
        *("Africa", "Americas", "Asia", "Europe", "Oceania", "Australia and New Zealand", "Central Asia", "Melanesia"),
        *("Eastern Asia", "Eastern Europe", "Latin America and the Caribbean", "Micronesia", "Northern Africa"),
        *("Northern America", "Northern Europe", "Polynesia", "South-eastern Asia", "Southern Asia", "Southern Europe"),
        *("Sub-Saharan Africa", "Western Asia", "Western Europe"),
    }
)
_ASSURED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "coverage": frozenset({"corporate level", "product line", "PCF system", "product level"}),
        "level": frozenset({"limited", "reasonable"}),
        "boundary": frozenset({"Gate-to-Gate", "Cradle-to-Gate"}),
    }
)
_COUNTRY = re.compile(r"[A-Z]{2}")
_SUBDIVISION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
_DECIMAL = re.compile(r"[+-]?\d+(\.\d+)?")
_URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{0,31}:\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the data model: its name, what it asks for, and which fields of a record break it."""

    name: str
    zh: str
    en: str
    broken: Callable[[Mapping[str, Json], Mapping[str, Json]], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Breach:
    """A field that breaks a rule."""

    rule: Rule
    field: str


def breaches(read: Mapping[str, Json]) -> tuple[Breach, ...]:
    """List what is wrong with a record, in the order of `RULES`.

    Args:
        read: a record as JSON values.

    Returns:
        Every field that breaks a rule; empty for a record to rely on.

    Source: S96, data model.
    """
    pcf = part_of(read, "pcf")
    return tuple(Breach(rule, field) for rule in RULES for field in rule.broken(read, pcf))


# --- The rules --------------------------------------------------------------------------------------------------------


def _missing(read: Mapping[str, Json], pcf: Mapping[str, Json]) -> Iterator[str]:
    yield from (field for field in _MANDATORY_HERE if read.get(field) in (None, "", [], {}))
    yield from (f"pcf.{field}" for field in _MANDATORY_IN_PCF if pcf.get(field) in (None, "", []))


def _missing_since_2025(read: Mapping[str, Json], pcf: Mapping[str, Json]) -> Iterator[str]:
    del read
    end = instant_of(pcf.get("referencePeriodEnd"))
    if end is None or end <= _SINCE:
        return
    yield from (f"pcf.{field}" for field in _MANDATORY_SINCE_2025 if pcf.get(field) in (None, "", {}))
    dqi = part_of(pcf, "dqi")
    yield from (f"pcf.dqi.{field}" for field in ("coveragePercent", *Rating) if dqi and field not in dqi)


def _no_quality_before(read: Mapping[str, Json], pcf: Mapping[str, Json]) -> Iterator[str]:
    del read
    end = instant_of(pcf.get("referencePeriodEnd"))
    if end is not None and end <= _SINCE and not ({"primaryDataShare", "dqi"} & set(pcf)):
        yield "pcf.primaryDataShare"


def _bad_id(read: Mapping[str, Json], pcf: Mapping[str, Json]) -> Iterator[str]:
    del pcf
    yield from (field for field in ("id",) if field in read and not _is_uuid(read[field]))
    before = read.get("precedingPfIds")
    if before is not None and not (_is_set(before) and all(_is_uuid(one) for one in _items(before))):
        yield "precedingPfIds"


def _bad_version(read: Mapping[str, Json], pcf: Mapping[str, Json]) -> Iterator[str]:
    del pcf
    own, spec = read.get("version"), read.get("specVersion")
    if own is not None and (isinstance(own, bool) or not isinstance(own, int) or not 0 <= own <= _VERSION_MAX):
        yield "version"
    if spec is not None and not re.fullmatch(r"3\.\d+\.\d+(-\S+)?", str(spec)):
        yield "specVersion"


def _bad_instant(read: Mapping[str, Json], pcf: Mapping[str, Json]) -> Iterator[str]:
    own = ("created", "updated", "validityPeriodStart", "validityPeriodEnd")
    yield from (field for field in own if field in read and instant_of(read[field]) is None)
    of_pcf = ("referencePeriodStart", "referencePeriodEnd")
    yield from (f"pcf.{field}" for field in of_pcf if field in pcf and instant_of(pcf[field]) is None)


def _bad_period(read: Mapping[str, Json], pcf: Mapping[str, Json]) -> Iterator[str]:
    del read
    start, end = instant_of(pcf.get("referencePeriodStart")), instant_of(pcf.get("referencePeriodEnd"))
    if start and end and start >= end:
        yield "pcf.referencePeriodEnd"


def _bad_validity(read: Mapping[str, Json], pcf: Mapping[str, Json]) -> Iterator[str]:
    begins, ends = instant_of(read.get("validityPeriodStart")), instant_of(read.get("validityPeriodEnd"))
    reference = instant_of(pcf.get("referencePeriodEnd"))
    if reference is None or (begins is None and ends is None):
        return
    if begins is None or begins < reference:
        yield "validityPeriodStart"
    if ends is None or (begins and ends <= begins) or ends > years_on(reference):
        yield "validityPeriodEnd"


def _bad_status(read: Mapping[str, Json], pcf: Mapping[str, Json]) -> Iterator[str]:
    del pcf
    if read.get("status") not in (None, ACTIVE, DEPRECATED):
        yield "status"


def _bad_urn(read: Mapping[str, Json], pcf: Mapping[str, Json]) -> Iterator[str]:
    del pcf
    for field in ("companyIds", "productIds", "productClassifications"):
        found = read.get(field)
        if found is not None and not (_is_set(found) and all(_URN.fullmatch(str(one)) for one in _items(found))):
            yield field


def _bad_unit(read: Mapping[str, Json], pcf: Mapping[str, Json]) -> Iterator[str]:
    del read
    if pcf.get("declaredUnit") not in (None, *DeclaredUnit):
        yield "pcf.declaredUnit"


def _no_mass(read: Mapping[str, Json], pcf: Mapping[str, Json]) -> Iterator[str]:
    del read
    if pcf.get("declaredUnit") == DeclaredUnit.PIECE and "productMassPerDeclaredUnit" not in pcf:
        yield "pcf.productMassPerDeclaredUnit"


def _bad_decimal(read: Mapping[str, Json], pcf: Mapping[str, Json]) -> Iterator[str]:
    del read
    yield from (f"pcf.{field}" for field in _DECIMALS if field in pcf and _number(pcf[field]) is None)
    dqi = part_of(pcf, "dqi")
    yield from (f"pcf.dqi.{field}" for field, value in dqi.items() if _number(value) is None)


def _bad_amount(read: Mapping[str, Json], pcf: Mapping[str, Json]) -> Iterator[str]:
    del read
    amount = _number(pcf.get("unitaryProductAmount"))
    if amount is not None and amount <= 0:
        yield "pcf.unitaryProductAmount"


def _negative(read: Mapping[str, Json], pcf: Mapping[str, Json]) -> Iterator[str]:
    del read
    yield from (f"pcf.{field}" for field in _NOT_NEGATIVE if (_number(pcf.get(field)) or 0) < 0)


def _bad_withdrawal(read: Mapping[str, Json], pcf: Mapping[str, Json]) -> Iterator[str]:
    del read
    if (_number(pcf.get("biogenicCarbonWithdrawal")) or 0) > 0:
        yield "pcf.biogenicCarbonWithdrawal"


def _bad_percent(read: Mapping[str, Json], pcf: Mapping[str, Json]) -> Iterator[str]:
    del read
    named = {f"pcf.{field}": pcf.get(field) for field in ("exemptedEmissionsPercent", "primaryDataShare")}
    named["pcf.dqi.coveragePercent"] = part_of(pcf, "dqi").get("coveragePercent")
    yield from (field for field, value in named.items() if not 0 <= (_number(value) or 0) <= 100)


def _bad_rating(read: Mapping[str, Json], pcf: Mapping[str, Json]) -> Iterator[str]:
    del read
    for rating in Rating:
        value = _number(part_of(pcf, "dqi").get(rating))
        if value is not None and not RATING_MIN <= value <= RATING_MAX:
            yield f"pcf.dqi.{rating}"


def _bad_warming(read: Mapping[str, Json], pcf: Mapping[str, Json]) -> Iterator[str]:
    del read
    found = pcf.get("ipccCharacterizationFactorsSources")
    if found and not (_is_set(found) and all(re.fullmatch(r"AR\d+", str(one)) for one in _items(found))):
        yield "pcf.ipccCharacterizationFactorsSources"


def _bad_standard(read: Mapping[str, Json], pcf: Mapping[str, Json]) -> Iterator[str]:
    del read
    found = pcf.get("crossSectoralStandards")
    if found and not (_is_set(found) and set(map(str, _items(found))) <= _STANDARDS):
        yield "pcf.crossSectoralStandards"
    if pcf.get("biogenicAccountingMethodology") not in (None, "", *_BIOGENIC_METHODS):
        yield "pcf.biogenicAccountingMethodology"


def _bad_place(read: Mapping[str, Json], pcf: Mapping[str, Json]) -> Iterator[str]:
    del read
    if len(found := [field for field in _GEOGRAPHY if pcf.get(field) is not None]) > 1:
        yield f"pcf.{found[1]}"
    region, *codes = _GEOGRAPHY
    if pcf.get(region) not in (None, *_REGIONS):
        yield f"pcf.{region}"
    for field, form in zip(codes, (_COUNTRY, _SUBDIVISION), strict=True):
        if pcf.get(field) is not None and not form.fullmatch(str(pcf[field])):
            yield f"pcf.{field}"


def _bad_packaging(read: Mapping[str, Json], pcf: Mapping[str, Json]) -> Iterator[str]:
    del read
    flag = pcf.get("packagingEmissionsIncluded")
    if flag is not None and not isinstance(flag, bool):
        yield "pcf.packagingEmissionsIncluded"
    if flag is False and "packagingGhgEmissions" in pcf:
        yield "pcf.packagingGhgEmissions"


def _bad_sources(read: Mapping[str, Json], pcf: Mapping[str, Json]) -> Iterator[str]:
    del read
    found = pcf.get("secondaryEmissionFactorSources")
    named = (isinstance(one, dict) and bool(one.get("name")) and bool(one.get("version")) for one in _items(found))
    if found is not None and not (_items(found) and all(named)):
        yield "pcf.secondaryEmissionFactorSources"


def _bad_assurance(read: Mapping[str, Json], pcf: Mapping[str, Json]) -> Iterator[str]:
    del read
    said = part_of(pcf, "assurance")
    yield from (f"pcf.assurance.{field}" for field, fit in _ASSURED.items() if said.get(field) not in (None, *fit))


RULES: Sequence[Rule] = (
    Rule("MANDATORY", "必填字段须有值。", "A mandatory field has a value.", _missing),
    Rule("ID", "标识须为 UUID，前序标识为不重复的非空集合。", "Ids are UUIDs; preceding ones a set.", _bad_id),
    Rule("VERSION", "版本号为 0 至 2³¹−1 的整数，规范版本为 3.x。", "A whole version; data model 3.", _bad_version),
    Rule("INSTANT", "时刻须为带时区的 ISO 8601 文本。", "Instants are ISO 8601 with a zone.", _bad_instant),
    Rule("PERIOD", "统计期须从早到晚。", "The reference period ends after it starts.", _bad_period),
    Rule(
        "VALIDITY",
        "有效期起止须同时给出，不早于统计期结束，且不超过其后三年。",
        "Both ends of a validity, from the end of the reference period to three years later at most.",
        _bad_validity,
    ),
    Rule("STATUS", "状态为 Active 或 Deprecated。", "The status is Active or Deprecated.", _bad_status),
    Rule("URN", "企业和产品标识为不重复的 URN。", "Ids of companies and products are a set of URNs.", _bad_urn),
    Rule("DECIMAL", "数值须写成十进制文本。", "Numbers are decimal text.", _bad_decimal),
    Rule("DECLARED_UNIT", "声明单位须为规范所列。", "The declared unit is one of the data model.", _bad_unit),
    Rule("PIECE_HAS_MASS", "以件为单位时须给出单件质量。", "A piece names its mass.", _no_mass),
    Rule("AMOUNT", "产品所含声明单位数须大于零。", "The unitary amount is more than zero.", _bad_amount),
    Rule("NOT_NEGATIVE", "该项不得为负。", "This figure is zero or more.", _negative),
    Rule("WITHDRAWAL", "生物碳固定不得为正。", "A withdrawal is zero or less.", _bad_withdrawal),
    Rule("PERCENT", "占比须在 0 至 100 之间。", "A share lies between 0 and 100.", _bad_percent),
    Rule("RATING", "数据质量评分须在 1 至 3 之间。", "A rating lies between 1 and 3.", _bad_rating),
    Rule("WARMING", "增温潜势来源写作 AR 加报告号，不重复。", "Reports of the IPCC as AR5, AR6.", _bad_warming),
    Rule("STANDARD", "所用标准须为规范所列。", "Standards are those of the data model.", _bad_standard),
    Rule("PLACE", "地域最多一项，写法须符合 ISO 3166。", "At most one place, as ISO 3166 writes it.", _bad_place),
    Rule("PACKAGING", "未计入包装时不得填写包装排放。", "No packaging figure where it is left out.", _bad_packaging),
    Rule("SOURCES", "二级因子来源须有名称和版本。", "Sources of factors have name and version.", _bad_sources),
    Rule("ASSURANCE", "保证信息的取值须为规范所列。", "Assurance uses the words of the data model.", _bad_assurance),
    Rule(
        "QUALITY", "须有初级数据占比或数据质量指标。", "Primary data share or quality indicators.", _no_quality_before
    ),
    Rule(
        "SINCE_2025",
        "统计期到 2025 年及以后的记录须填写该字段。",
        "Records of 2025 and later have this field.",
        _missing_since_2025,
    ),
)


def part_of(read: Mapping[str, Json], field: str) -> Mapping[str, Json]:
    """Give an object inside a record; an empty one where there is none."""
    found = read.get(field)
    return found if isinstance(found, dict) else {}


def _items(found: Json) -> list[Json]:
    return found if isinstance(found, list) else []


def _is_set(found: Json) -> bool:
    return bool(_items(found)) and len(set(map(str, _items(found)))) == len(_items(found))


def _is_uuid(text: Json) -> bool:
    try:
        return str(uuid.UUID(str(text))) == str(text).lower()
    except ValueError:
        return False


def _number(text: Json) -> Decimal | None:
    try:
        return Decimal(text) if isinstance(text, str) and _DECIMAL.fullmatch(text) else None
    except InvalidOperation:
        return None


def instant_of(text: Json) -> datetime | None:
    """Read an instant with its zone; None for anything else."""
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def years_on(at: datetime) -> datetime:
    """Give the instant `VALID_YEARS` later."""
    try:
        return at.replace(year=at.year + VALID_YEARS)
    except ValueError:
        # The 29th of February has no fellow three years on.
        return at.replace(year=at.year + VALID_YEARS, day=28)
