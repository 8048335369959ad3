"""What could be taken by force from an entity that has not surrendered enough."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from tonnebook.compliance.models import RiskMark
from tonnebook.compliance.queries import standing
from tonnebook.core import enforcement, periods, surrender
from tonnebook.core.enforcement import Reach, RiskGround, Taking
from tonnebook.core.ledger import TERMS, AccountType, Claim
from tonnebook.registry import queries as registry
from tonnebook.registry.queries import HoldRow


@dataclass(frozen=True, slots=True)
class ForcedRow:
    """What an entity has not surrendered nor submitted, and what can be taken towards it; tonnes."""

    entity: str
    year: int
    missing_t: int
    takings: tuple[Taking, ...]
    accounts: dict[AccountType, str]

    @property
    def total_t(self) -> int:
        """All that can be taken."""
        return sum(one.quantity_t for one in self.takings)


def forced_takings(entity: str, *, region: str, year: int, approved_t: int | None = None, now: datetime) -> ForcedRow:
    """Work out what can be taken by force, and refuse where nothing may be.

    Args:
        entity: unified social credit code.
        region: region code.
        year: compliance year.
        approved_t: tonnes that two people approved; None when it is only proposed.
        now: the clock.

    Raises:
        Refused: as `core.enforcement.check`.
    """
    today = periods.day_of(now)
    rules = standing.rules(region, year, today)
    duty = standing.duties([entity], year).get(entity)
    missing_t = max(0, surrender.obligation(duty).whole - duty.surrendered_t) if duty else 0
    accounts = {
        type_: number
        for type_ in (AccountType.HOLDING, AccountType.TRADING)
        if (number := registry.accounts_of([entity], type_).get(entity))
    }
    within = [one for type_, number in accounts.items() for one in _reach(type_, number)]
    found = enforcement.takings(missing_t, within, rules)
    is_over = today > rules.day("deadline.surrender_on")
    enforcement.check(entity, missing_t=missing_t, found=found, approved_t=approved_t, is_over=is_over, rules=rules)
    return ForcedRow(entity, year, missing_t, found, accounts)


# Orders and transfers that wait give way to the authority, but what they set free goes first to whoever waits longer.
def _reach(type_: AccountType, account: str) -> list[Reach]:
    resting: dict[str, int] = defaultdict(int)
    kept: dict[str, int] = defaultdict(int)
    for hold in registry.standing_holds(account):
        claim = TERMS[hold.reason].claim
        resting[hold.asset] += (hold.remaining if claim is Claim.SALE else 0) - hold.waiting
        kept[hold.asset] += hold.remaining if claim is Claim.RECALL else 0
    return [
        Reach(type_, one.asset, one.free, max(0, resting[one.asset.code]), kept[one.asset.code])
        for one in registry.holdings(account)
    ]


@dataclass(frozen=True, slots=True)
class RiskRow:
    """An entity at risk: on what ground, by which paper, since and until when, and tonnes kept back now."""

    mark: str
    entity: str
    name_zh: str
    name_en: str
    ground: RiskGround
    document: str
    marked_at: datetime
    ended_at: datetime | None
    kept_t: int


def entities_at_risk(region: str) -> tuple[RiskRow, ...]:
    """List the entities of a region that are or were held to be at risk, the latest first."""
    rows = list(RiskMark.objects.filter(region=region).select_related("entity").order_by("-id"))
    kept: Counter[str] = Counter()
    for hold in registry.holds_for([row.number for row in rows]):
        kept[hold.subject] += hold.remaining
    return tuple(
        RiskRow(
            row.number,
            row.entity_id,
            row.entity.name_zh,
            row.entity.name_en,
            RiskGround(row.ground),
            row.document,
            row.marked_at,
            row.ended_at,
            kept[row.number],
        )
        for row in rows
    )


def is_at_risk(entity: str) -> bool:
    """Say whether an entity is held to be at risk now."""
    return bool(risk_marks([entity]))


def risk_marks(entities: Collection[str]) -> dict[str, str]:
    """Give the numbers under which entities are held to be at risk now, by entity; the others are left out."""
    rows = RiskMark.objects.filter(entity__uscc__in=entities, ended_at=None).order_by("entity_id")
    return dict(rows.values_list("entity__uscc", "number"))


def kept_back(entities: Collection[str], asset: str) -> dict[str, list[HoldRow]]:
    """List the holds by which the authority keeps an asset back from entities at risk now, oldest first, by entity."""
    entity_of = {mark: entity for entity, mark in risk_marks(entities).items()}
    found: dict[str, list[HoldRow]] = defaultdict(list)
    for hold in registry.holds_for(sorted(entity_of)):
        if hold.asset == asset:
            found[entity_of[hold.subject]].append(hold)
    return found
