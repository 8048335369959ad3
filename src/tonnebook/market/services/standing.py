"""How organisations stand with the market of a region, in a number of queries that does not depend on how many."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from tonnebook import rulebook
from tonnebook.core import admission, barred, periods, standing
from tonnebook.core.admission import Admission, AdmissionState, May, ParticipantClass, TradingWay
from tonnebook.core.barred import BarRefusal
from tonnebook.core.book import Side
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AssetKind
from tonnebook.core.roles import OrganisationKind
from tonnebook.core.rules import RulesAt
from tonnebook.core.standing import Columns, HoldingLimits, Position, Standing, Use
from tonnebook.core.supervision import SupervisionRefusal
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Admission as AdmissionRow
from tonnebook.market.models import Exemption, Stop
from tonnebook.members import queries as members
from tonnebook.registry import queries as registry

_REPORT_SHARE = "trading.large_trader_report_share"


@tenancy.everywhere(Why.MARKET)
def standings(region: str, organisations: Iterable[str], *, now: datetime) -> dict[str, Standing]:
    """Tell how organisations stand with the market of a region.

    Args:
        region: region code.
        organisations: unified social credit codes.
        now: when; the rules of its day apply.

    Returns:
        By code, in the order given; `Standing.refusal` is the first of BARRED_KIND, BARRED_BY_NAME, TRADING_STOPPED,
        ADMISSION_SUSPENDED and NOT_ADMITTED that applies.

    Source: S05 Art. 7; S63, exchange rules of the region, by `trading.holding_limit_t.*`.
    """
    asked = list(dict.fromkeys(organisations))
    rules = rulebook.at(region, on=periods.day_of(now))
    limits = standing.read(rules)
    group_of = groups(asked)
    kinds = {uscc: row.kind for uscc, row in members.organisations_named(list(group_of)).items()}
    uses = _uses(limits, rules, group_of, kinds) if limits else {}
    admitted = _admissions(region, asked)
    refusals = _refusals(rules, asked, kinds, admitted)
    return {
        uscc: Standing(
            group_of[uscc],
            refusals.get(uscc),
            uses.get(group_of[uscc]),
            _may(rules, kinds.get(uscc), admitted.get(uscc)),
        )
        for uscc in asked
    }


@dataclass(frozen=True, slots=True)
class LargeHolder:
    """An ownership group that has used the reporting share of its largest holding, or more."""

    organisations: tuple[str, ...]
    use: Use


@tenancy.everywhere(Why.MARKET)
def large_holders(region: str, *, now: datetime) -> tuple[LargeHolder, ...]:
    """List the ownership groups of a region that large-holder reports (大户报告) are due from, the fullest first.

    Args:
        region: region code.
        now: when; the rules of its day apply.

    Source: S63, exchange rules of the region, by `trading.large_trader_report_share`.
    """
    found: dict[int, list[str]] = {}
    told = standings(region, [row.uscc for row in members.organisations(region)], now=now)
    uses = _large(region, told, now)
    for uscc, one in told.items():
        if one.group in uses:
            found.setdefault(one.group, []).append(uscc)
    holders = [LargeHolder(tuple(usccs), uses[group]) for group, usccs in found.items()]
    return tuple(sorted(holders, key=lambda holder: (-holder.use.used_t, holder.organisations)))


def report_due(region: str, organisation: str, *, now: datetime) -> Use | None:
    """Give what a large-holder report (大户报告) of an organisation would be about; None when none is due from it.

    Args:
        region: region code.
        organisation: unified social credit code.
        now: when; the rules of its day apply.

    Source: S63, exchange rules of the region, by `trading.large_trader_report_share`.
    """
    told = standings(region, [organisation], now=now)
    return _large(region, told, now).get(told[organisation].group)


def columns(region: str, organisations: Iterable[str], *, now: datetime) -> Columns:
    """Tell the same as `standings` by place, for matching in batches; arguments as there."""
    return standing.columns(standings(region, organisations, now=now))


@tenancy.everywhere(Why.MARKET)
def groups(organisations: Sequence[str]) -> dict[str, int]:
    """Number the ownership groups of organisations, as `core.standing.groups`, by the controllers entered."""
    return standing.groups(organisations, members.ties(organisations))


def require_may_trade(
    region: str, organisation: str, way: TradingWay, side: Side, kind: AssetKind, *, now: datetime
) -> None:
    """Refuse what an organisation asks of the market when its orders, or those of this kind, are refused.

    Args:
        region: region code.
        organisation: unified social credit code.
        way: of trading.
        side: buy or sell.
        kind: of the units.
        now: when.

    Raises:
        Refused: as `Standing.check` of `standings`.
    """
    standings(region, [organisation], now=now)[organisation].check(way, side, kind)


def are_one(organisation: str, other: str) -> bool:
    """Say whether two organisations are the same or belong to one ownership group."""
    found = groups([organisation, other])
    return found[organisation] == found[other]


# Of the groups that organisations belong to, those that have used the reporting share, with what they have used.
def _large(region: str, told: Mapping[str, Standing], now: datetime) -> dict[int, Use]:
    rules = rulebook.at(region, on=periods.day_of(now))
    if not rules.has(_REPORT_SHARE):
        return {}
    share = rules.decimal(_REPORT_SHARE)
    return {one.group: one.use for one in told.values() if one.use and one.use.used_t >= share * one.use.limit_t}


# Written from the last to the first: what takes precedence overwrites.
def _refusals(
    rules: RulesAt,
    asked: Sequence[str],
    kinds: Mapping[str, OrganisationKind],
    admitted: Mapping[str, Admission],
) -> dict[str, Refused]:
    is_required = admission.is_required(rules)
    without = {
        uscc: admission.refusal(uscc, admitted.get(uscc), is_required=is_required, today=rules.on) for uscc in asked
    }
    found = {uscc: refused for uscc, refused in without.items() if refused is not None}
    stops = Stop.objects.filter(region=rules.region, organisation__in=asked, allowed_at=None)
    for uscc, since in stops.values_list("organisation", "stopped_at"):
        since_text = periods.wall_clock(since)
        found[uscc] = Refused(SupervisionRefusal.TRADING_STOPPED, organisation=uscc, since=since_text)
    for uscc, ground in members.grounds_of_bars(asked).items():
        found[uscc] = Refused(BarRefusal.BARRED_BY_NAME, subject=uscc, ground=ground)
    for uscc in asked:
        if (kind := kinds.get(uscc)) in barred.BARRED_KINDS:
            found[uscc] = Refused(BarRefusal.BARRED_KIND, kind=kind.value)
    return found


# The last admission that was not refused says the class, and whether it stands.
def _admissions(region: str, asked: Sequence[str]) -> dict[str, Admission]:
    rows = AdmissionRow.objects.filter(region=region, organisation__in=asked).exclude(state=AdmissionState.REFUSED)
    return {
        row.organisation: Admission(
            row.organisation,
            ParticipantClass(row.participant_class),
            AdmissionState(row.state),
            row.until_on,
            row.reason,
        )
        for row in rows.order_by("id")
    }


def _may(rules: RulesAt, kind: OrganisationKind | None, admitted: Admission | None) -> May | None:
    participant_class = None if kind is None else admission.class_of(kind, admitted)
    return None if participant_class is None else admission.may(rules, participant_class)


def _uses(
    limits: HoldingLimits, rules: RulesAt, group_of: dict[str, int], kinds: dict[str, OrganisationKind]
) -> dict[int, Use]:
    usccs, scheme = list(group_of), rules.text("region.scheme")
    exempt = Exemption.objects.filter(
        region=rules.region, organisation__in=usccs, ended_at=None, until_on__gte=rules.on
    )
    exempt_t = dict(exempt.values_list("organisation", "limit_t"))
    held = registry.vintages_held(usccs, scheme)
    initial = registry.initial_allowances(usccs, scheme)
    buying = _buying(usccs, scheme)
    positions: dict[int, list[Position]] = {}
    for uscc, group in group_of.items():
        is_covered = kinds.get(uscc) is OrganisationKind.ENTITY
        position = Position(
            is_covered, initial.get(uscc, 0), held.get(uscc, {}), buying.get(uscc, 0), exempt_t.get(uscc, 0)
        )
        positions.setdefault(group, []).append(position)
    return {group: standing.use(limits, some) for group, some in positions.items()}


def _buying(usccs: Sequence[str], scheme: str) -> Counter[str]:
    buying: Counter[str] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(_BUYING, [scheme, list(usccs), list(usccs)])
        for uscc, left_t in cursor.fetchall():
            buying[uscc] += left_t
    return buying


# By hand, for every step of the engine asks: to put a query of the ORM into words costs more than to answer it.
_BUYING = """
WITH instrument AS (SELECT id FROM market_instrument WHERE scheme = %s AND kind = 'ALLOWANCE')
SELECT organisation, sum(quantity_t - filled_t)::bigint FROM market_order
WHERE instrument_id IN (SELECT id FROM instrument) AND side = 'BUY' AND state = 'OPEN' AND organisation = ANY(%s)
GROUP BY organisation
UNION ALL
SELECT organisation, sum(quantity_t)::bigint FROM market_deal
WHERE instrument_id IN (SELECT id FROM instrument) AND side = 'BUY' AND state = 'PROPOSED' AND organisation = ANY(%s)
GROUP BY organisation
"""
