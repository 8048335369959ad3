"""Independence of a verification body and its people from a company, decided over a graph of relations.

Whoever verifies is admitted and accredited for the sector, is of another house than the company and than everybody who
wrote or advised, has not verified the same company too many years in a row, and sends nobody who declared a conflict.
The same question is asked twice, when a body is assigned and when the opinion is signed: what changed in between
counts. Control is followed over any number of steps. The module does *not* know how relations came to be known.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.rules import RulesAt


class IndependenceRefusal(Refusal):
    """Why a body or one of its people cannot verify a company, in order of precedence."""

    BODY_NOT_ADMITTED = Sentence(
        zh="核查机构 {body} 未列入名录或已被移出名录，请另行指定。",
        en="Verification body {body} is not on the register, or was removed from it; choose another.",
        article="S65",
    )
    BODY_SUSPENDED = Sentence(
        zh="核查机构 {body} 暂停业务至 {until_on}，请另行指定。",
        en="Verification body {body} is suspended until {until_on}; choose another.",
        article="S65",
    )
    ACCREDITATION_OVER = Sentence(
        zh="核查机构 {body} 的资质有效期为 {from_on} 至 {until_on}，不含今日；请先更新资质。",
        en="The accreditation of {body} runs from {from_on} to {until_on}, which today is not in; renew it first.",
        article="S65",
    )
    SECTOR_NOT_QUALIFIED = Sentence(
        zh="核查机构 {body} 不具备行业“{sector}”的核查资质。",
        en="Verification body {body} is not qualified for the sector {sector}.",
        article="S65",
    )
    SAME_HOUSE = Sentence(
        zh="核查机构 {body} 与 {entity} 为同一单位或受同一控制人控制，不独立，请另行指定。",
        en="Verification body {body} and {entity} are one organisation or controlled by one; choose another.",
        article="S65",
    )
    ADVISED_LATELY = Sentence(
        zh="{adviser}（与核查机构 {body} 同一控制）曾在{last_year}年度为 {entity} 提供咨询或编制报告，"
        "{years} 年内不得核查。",
        en="{adviser}, of the house of {body}, advised {entity} or wrote for it in {last_year}; no verification within "
        "{years} years.",
        article="S65",
    )
    ROTATION_DUE = Sentence(
        zh="核查机构 {body} 已连续 {years} 年核查 {entity}，须轮换。",
        en="Verification body {body} has verified {entity} {years} years in a row; another takes its turn.",
        article="design choice",
    )
    STAFF_CONFLICT = Sentence(
        zh="人员 {person} 已申报与 {entity} 的利益冲突，不得参与核查。",
        en="Person {person} declared a conflict of interest with {entity} and cannot take part.",
        article="S65",
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """How long advice excludes, and how many years in a row one body may verify one company."""

    advised_years: int
    rotation_years: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a body stands on the register.

    Attributes:
        is_admitted: it is on the register and was not removed.
        suspended_until_on: last day of a suspension, None when there is none.
        from_on: first day of its accreditation.
        until_on: last day of its accreditation.
        sectors: codes it is qualified for.
    """

    is_admitted: bool
    suspended_until_on: date | None
    from_on: date
    until_on: date
    sectors: frozenset[str]


@dataclass(frozen=True, slots=True)
class Relations:
    """What ties bodies, people and one company.

    Attributes:
        controllers: controller by controlled organisation, one step each; chains are followed.
        advised: last year in which somebody advised the company or wrote for it, by credit code.
        verified_years: years for which the body in question verified the company.
        conflicts: numbers of the people who declared a conflict of interest with the company.
    """

    controllers: Mapping[str, str]
    advised: Mapping[str, int]
    verified_years: frozenset[int]
    conflicts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Task:
    """A body about to be assigned or to sign.

    Attributes:
        entity: the company (unified social credit code).
        year: compliance year.
        sector: of the company, empty when it has none.
        body: the verification body.
        people: numbers of the people who take part; empty before a team is named.
        today: day in the region's zone.
    """

    entity: str
    year: int
    sector: str
    body: str
    people: frozenset[str]
    today: date


def limits_of(rules: RulesAt) -> Limits:
    """Read the limits off the rules of a region and year.

    Source: rule book `verification.advised_years` and `verification.rotation_years`.
    """
    return Limits(rules.integer("verification.advised_years"), rules.integer("verification.rotation_years"))


def house_of(organisation: str, controllers: Mapping[str, str]) -> str:
    """Name the house of an organisation: whoever stands at the end of the chain of control.

    Args:
        organisation: unified social credit code.
        controllers: controller by controlled organisation, one step each.

    Returns:
        The last controller; in a ring of control, its first by code.

    Source: S65 (independence); that control is followed to its end is a design choice.

    Example:
        >>> house_of("MILL", {"MILL": "HOLDING", "HOLDING": "GROUP"})
        'GROUP'
    """
    path = [organisation]
    while (above := controllers.get(path[-1])) is not None:
        if above in path:
            return min(path[path.index(above) :])
        path.append(above)
    return path[-1]


def check(task: Task, standing: Standing | None, relations: Relations, limits: Limits) -> None:
    """Refuse a body or its people where one of them is not fit or not independent.

    Args:
        task: who would verify whom.
        standing: of the body on the register, None when it is not there.
        relations: what ties them.
        limits: as `limits_of` reads them.

    Raises:
        Refused: the first of `IndependenceRefusal` that applies.

    Source: S65; invariant C4.
    """
    found = next(_reasons(task, standing, relations, limits), None)
    if found is not None:
        raise found


def is_free(task: Task, standing: Standing | None, relations: Relations, limits: Limits) -> bool:
    """Say whether `check` would let a body verify, for a draw among those who may.

    Source: S65; invariant C4.
    """
    return next(_reasons(task, standing, relations, limits), None) is None


def is_fit(task: Task, standing: Standing | None) -> bool:
    """Say whether a firm stands on the register so that it may work: admitted, not suspended, accredited, qualified.

    Source: S65.
    """
    return next(_unfit(task, standing), None) is None


def years_in_row(year: int, verified_years: Iterable[int]) -> int:
    """Count the years before a year that a body verified a company without a break.

    Source: design choice, no legal source.

    Example:
        >>> years_in_row(2026, {2025, 2024, 2022})
        2
    """
    done, count = frozenset(verified_years), 0
    while year - 1 - count in done:
        count += 1
    return count


def _reasons(task: Task, standing: Standing | None, relations: Relations, limits: Limits) -> Iterator[Refused]:
    yield from _unfit(task, standing)
    facts = {"body": task.body, "entity": task.entity}
    house = house_of(task.body, relations.controllers)
    if house == house_of(task.entity, relations.controllers):
        yield Refused(IndependenceRefusal.SAME_HOUSE, **facts)
    for adviser, last_year in sorted(relations.advised.items()):
        is_recent = task.year - last_year < limits.advised_years
        if is_recent and house == house_of(adviser, relations.controllers):
            told = {"adviser": adviser, "last_year": last_year, "years": limits.advised_years}
            yield Refused(IndependenceRefusal.ADVISED_LATELY, **facts, **told)
    years = years_in_row(task.year, relations.verified_years)
    if years >= limits.rotation_years:
        yield Refused(IndependenceRefusal.ROTATION_DUE, **facts, years=years)
    for person in sorted(task.people & relations.conflicts):
        yield Refused(IndependenceRefusal.STAFF_CONFLICT, person=person, entity=task.entity)


def _unfit(task: Task, standing: Standing | None) -> Iterator[Refused]:
    if standing is None or not standing.is_admitted:
        yield Refused(IndependenceRefusal.BODY_NOT_ADMITTED, body=task.body)
        return
    if standing.suspended_until_on is not None and task.today <= standing.suspended_until_on:
        until_on = standing.suspended_until_on
        yield Refused(IndependenceRefusal.BODY_SUSPENDED, body=task.body, until_on=until_on)
    if not standing.from_on <= task.today <= standing.until_on:
        days = {"from_on": standing.from_on, "until_on": standing.until_on}
        yield Refused(IndependenceRefusal.ACCREDITATION_OVER, body=task.body, **days)
    if task.sector and task.sector not in standing.sectors:
        yield Refused(IndependenceRefusal.SECTOR_NOT_QUALIFIED, body=task.body, sector=task.sector)
