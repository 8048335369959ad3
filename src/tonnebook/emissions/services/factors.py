"""Publish: the authority puts factors into force for years, and corrects them, two people together."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation

from tonnebook.core import factor_desk, periods, roles
from tonnebook.core.errors import Refused
from tonnebook.core.factor_desk import FactorRefusal, FactorRow
from tonnebook.core.methods import Boundary
from tonnebook.core.roles import Act, Actor
from tonnebook.emissions import queries
from tonnebook.emissions.models import FactorValue
from tonnebook.emissions.services.locks import lock_years
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members.services import use_approval

# How far ahead of the year of its publication a factor may reach (design choice).
YEARS_AHEAD = 5
_TEXTS = ("path", "unit", "document", "article", "zh", "en")


@journal.command("emissions.publish_factors")
def publish_factors(
    actor: Actor, *, region: str, rows: Sequence[Mapping[str, str]], approval: str, key: str, now: datetime
) -> Answer:
    """Publish values of factors for years; a value for a year that has one is a correction.

    What is stored is never changed: a later version counts from its publication on, and every report keeps the values
    it was computed with. The reports that rest on a corrected value stand in the log with the correction.

    Args:
        actor: officer of the region.
        region: region code.
        rows: path, first_year, last_year, value, unit, boundary, document, article, zh, en and reason, as text.
        approval: number of the approval over exactly these rows.
        key: idempotency key.
        now: when.

    Returns:
        {"published": number of values, "touched": number of stored reports, "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED or NOT_YOUR_REGION; what `members.use_approval` refuses; NO_FACTORS, FACTOR_WRONG,
            SAME_FACTOR or REASON_MISSING as `core.factor_desk.check_row`.

    Source: S01 item 3 (factors are published and renewed by a rule); two people: design choice.
    """
    del key
    roles.check(actor, Act.PUBLISH, region=region)
    payload = {"region": region, "rows": [dict(row) for row in rows]}
    people = use_approval(approval, kind="emissions.publish_factors", payload=payload, now=now)
    told = [_row(place, row) for place, row in enumerate(rows, 1)]
    if not told:
        raise Refused(FactorRefusal.NO_FACTORS)
    this_year = periods.day_of(now).year
    lock_years(region, range(this_year - 1, this_year + YEARS_AHEAD + 1))
    written: list[dict[str, object]] = []
    touched: set[str] = set()
    for place, row in enumerate(told, 1):
        current = queries.published_value(region, row.path, row.first_year)
        leaf = queries.rules_of(region, row.first_year).leaves.get(row.path)
        factor_desk.check_row(
            place, row, unit=leaf.unit if leaf else None, current=current, years_ahead=YEARS_AHEAD, this_year=this_year
        )
        written.append(_write(region, row, now))
        touched.update(queries.touched(region, row.path, range(row.first_year, row.last_year + 1)))
    facts = {"region": region, "factors": written, "initiator": people.initiator, "approver": people.approver}
    leaf_hash = journal.append(Entry("emissions.factors.published", facts, {"touched": sorted(touched)}), now=now)
    return {"published": len(written), "touched": len(touched), "receipt": leaf_hash}


def _write(region: str, row: FactorRow, now: datetime) -> dict[str, object]:
    version = 1 + FactorValue.objects.filter(region=region, path=row.path).count()
    FactorValue.objects.create(
        region=region,
        path=row.path,
        first_year=row.first_year,
        last_year=row.last_year,
        version=version,
        value=format(row.value, "f"),
        unit=row.unit,
        boundary=row.boundary.value,
        document=row.document,
        article=row.article,
        name_zh=row.zh,
        name_en=row.en,
        reason=row.reason,
        published_at=now,
    )
    years = {"first_year": row.first_year, "last_year": row.last_year}
    return {"path": row.path, **years, "version": version, "value": format(row.value, "f"), "unit": row.unit}


def _row(place: int, told: Mapping[str, str]) -> FactorRow:
    lost = next((name for name in _TEXTS if not told.get(name, "").strip()), None)
    if lost:
        raise _wrong(place, lost, "", "请填写", "fill it in")
    try:
        value = Decimal(told["value"])
        years = int(told["first_year"]), int(told["last_year"])
        boundary = Boundary(told["boundary"])
    except (KeyError, InvalidOperation, ValueError) as error:
        raise _wrong(
            place,
            "value",
            str(told.get("value", "")),
            "数值、年度或边界不合格式",
            "a number, years and a boundary are needed",
        ) from error
    if not value.is_finite():
        raise _wrong(place, "value", told["value"], "须为有限小数", "it must be a decimal number")
    texts = {name: told[name].strip() for name in _TEXTS}
    return FactorRow(
        first_year=years[0],
        last_year=years[1],
        value=value,
        boundary=boundary,
        reason=told.get("reason", "").strip(),
        **texts,
    )


def _wrong(place: int, field: str, value: str, zh: str, en: str) -> Refused:
    return Refused(FactorRefusal.FACTOR_WRONG, row=place, field=field, value=value, remedy_zh=zh, remedy_en=en)
