"""Compliance years told by the services on PostgreSQL, through the commands an officer or a company would give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal

from django.db import transaction
from tests.scenario.compliance_words import (
    DOCUMENT,
    EVIDENCE,
    GROUND,
    HISTORY,
    OPENED_ON,
    REASON,
    Member,
    State,
    asset_of,
)
from tests.unit.compliance.stage import uscc

from tonnebook import commands, rulebook
from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.core import periods
from tonnebook.core.allocation.annual import AllocationState, Batch
from tonnebook.core.canonical import Json
from tonnebook.core.coverage import Stage
from tonnebook.core.ledger import AccountType, Leg, Lot, TransferType
from tonnebook.core.roles import SYSTEM, Actor, OrganisationKind, Role
from tonnebook.emissions import services as emissions
from tonnebook.members import services as members
from tonnebook.registry import queries as accounts
from tonnebook.registry import services as registry

_BUREAU = uscc(90)
_OF_REGION = (
    AccountType.ISSUANCE,
    AccountType.RESERVE,
    AccountType.SURRENDER,
    AccountType.CANCELLATION,
    # Opened by the first hand-over.
    AccountType.HANDOVER,
)


@dataclass
class ServiceYear:
    """The words of a story, done by the services."""

    region: str
    cast: Mapping[str, Member]
    codes: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    waiting: list[tuple[str, str, int]] = field(default_factory=list)
    years: set[int] = field(default_factory=set)
    count: int = 0
    has_handed_over: bool = False

    def __post_init__(self) -> None:
        """Register the cast, open the accounts and take over the history."""
        self.codes = {name: uscc(count) for count, name in enumerate(self.cast, 1)}
        self.zhou, self.chen = (
            Actor(person, _BUREAU, OrganisationKind.AUTHORITY, frozenset({Role.OFFICER}), self.region)
            for person in ("P-5", "P-6")
        )
        self.at(OPENED_ON)
        drafts = [
            members.OrganisationDraft(
                self.codes[name], name, name, OrganisationKind.ENTITY, self.region, sector=member.sector
            )
            for name, member in self.cast.items()
        ]
        drafts.append(members.OrganisationDraft(_BUREAU, "局", "Bureau", OrganisationKind.AUTHORITY, self.region))
        members.register_organisations(SYSTEM, drafts=drafts, key=self._key(), now=self.now)
        with transaction.atomic():
            registry.open_region(self.region, now=self.now)
            wanted = [registry.AccountDraft(AccountType.HOLDING, self.region, self.codes[name]) for name in self.cast]
            self.accounts = dict(zip(self.cast, registry.open_accounts(wanted, now=self.now), strict=True))
        self._history([(name, year, one.emission_t, one.goods) for name, one in self.cast.items() for year in HISTORY])

    def at(self, day: date) -> None:
        """Go on to a day."""
        self.now = datetime.combine(day, time(4), tzinfo=UTC)

    def adopt(self, year: int) -> None:
        """Adopt the plan that ships for a year."""
        overlay = rulebook.overlay(self.region, year)
        self._by_two("compliance.adopt_plan", {"region": self.region, "year": year, "overlay": overlay})

    def cover(self, year: int) -> None:
        """Decide who is inside in a year."""
        self.years.add(year)
        digest = queries.draft_list(self.region, year, self.now.date()).digest
        self._by_two("compliance.cover", {"region": self.region, "year": year, "digest": digest})

    def put_on_list(self, name: str, year: int) -> None:
        """Put an entity on the list of a year."""
        self.years.add(year)
        entities = [self.codes[name]]
        compliance.list_entities(
            self.zhou, region=self.region, year=year, entities=entities, key=self._key(), now=self.now
        )

    def ground(self, name: str, year: int, ground: str) -> None:
        """Note a ground for an incentive."""
        grounds = {self.codes[name]: {ground: "list of the ministry"}}
        compliance.record_grounds(self.zhou, year=year, grounds=grounds, key=self._key(), now=self.now)

    def allocate(self, year: int, batch: Batch) -> None:
        """Compute and issue a batch."""
        compliance.compute_allocation(
            self.zhou, region=self.region, year=year, batch=batch, key=self._key(), now=self.now
        )
        self._by_two("compliance.issue_batch", {"region": self.region, "year": year, "batch": batch.value})

    def issue(self, name: str, asset: str, quantity_t: int) -> None:
        """Give somebody units that came from elsewhere."""
        source = accounts.system_account(self.region, AccountType.ISSUANCE)
        leg = Leg(source, self.accounts[name], asset, quantity_t)
        with transaction.atomic():
            registry.ensure_assets([asset_of(asset)], now=self.now)
            draft = registry.TransferDraft(TransferType.OPENING_ENTRY, (leg,), self.zhou.person, self.chen.person)
            registry.post([draft], now=self.now)

    def transfer(self, debit: str, credit: str, asset: str, quantity_t: int) -> None:
        """Hand units on to another holder."""
        leg = Leg(self.accounts[debit], self.accounts[credit], asset, quantity_t)
        with transaction.atomic():
            registry.post([registry.TransferDraft(TransferType.TRANSFER, (leg,), SYSTEM.person)], now=self.now)

    def determine(self, name: str, year: int, quantity_t: int, goods: int) -> None:
        """Fix the emission and the output of a year."""
        self._history([(name, year, quantity_t, goods)])

    def redetermine(self, name: str, year: int, quantity_t: int) -> None:
        """Replace a determined emission after a supplementary report."""
        asked: dict[str, Json] = {"region": self.region, "year": year, "entity": self.codes[name]}
        asked |= {"determined_t": quantity_t, "direct_t": 0, "reason": REASON, "evidence": EVIDENCE}
        self._by_two("emissions.redetermine", asked)

    def submit(self, name: str, year: int, lines: Mapping[str, int], *, shown_t: int) -> None:
        """Submit a surrender."""
        answer = compliance.submit_surrender(
            self._representative(name),
            entity=self.codes[name],
            year=year,
            lines=[compliance.SurrenderLine(asset, quantity_t) for asset, quantity_t in lines.items()],
            shown_total_t=shown_t,
            key=self._key(),
            now=self.now,
        )
        self.waiting.append((str(answer["surrender"]), name, year))

    def withdraw(self) -> None:
        """Take back what was submitted last."""
        number, name, _ = self.waiting.pop()
        compliance.withdraw_surrender(self._representative(name), surrender=number, key=self._key(), now=self.now)

    def confirm(self) -> None:
        """Confirm everything that waits."""
        for year in {year for _, _, year in self.waiting}:
            numbers = [number for number, _, of_year in self.waiting if of_year == year]
            compliance.confirm_surrenders(
                self.zhou, region=self.region, year=year, surrenders=numbers, key=self._key(), now=self.now
            )
        self.waiting.clear()

    def settle(self, year: int) -> None:
        """Settle how a year ended."""
        compliance.settle_status(self.zhou, region=self.region, year=year, key=self._key(), now=self.now)

    def carry_over(self, year: int) -> None:
        """Carry over what is left after a year."""
        self._by_two("compliance.carry_over", {"region": self.region, "year": year})

    def leave(self, name: str, from_year: int, *, is_national: bool) -> None:
        """Note that an entity moves to the national market, or closes."""
        leaving = {self.codes[name]: from_year}
        compliance.record_departures(
            self.zhou,
            region=self.region,
            national=leaving if is_national else {},
            closed={} if is_national else leaving,
            key=self._key(),
            now=self.now,
        )

    def hand_over(self, name: str) -> None:
        """Hand an entity over to the national market."""
        self._by_two("compliance.hand_over", {"region": self.region, "entity": self.codes[name]})
        self.has_handed_over = True

    def run_transition(self) -> None:
        """Do the dated steps of leaving that are due."""
        on = periods.day_of(self.now).isoformat()
        self._by_two("compliance.run_transition", {"region": self.region, "on": on})

    def exit(self, name: str) -> None:
        """Settle an entity that closed."""
        self._by_two("compliance.settle_exit", {"region": self.region, "entity": self.codes[name]})

    def mark_at_risk(self, name: str) -> None:
        """Hold an entity to be at risk of not surrendering."""
        told: dict[str, Json] = {"region": self.region, "entity": self.codes[name]}
        self._by_two("compliance.mark_at_risk", {**told, "ground": GROUND.value, "document": DOCUMENT})

    def end_risk(self, name: str) -> None:
        """Hold it to be at risk no longer."""
        self._by_two("compliance.end_risk", {"region": self.region, "entity": self.codes[name]})

    def force(self, name: str, year: int, quantity_t: int) -> None:
        """Take by force what was not surrendered."""
        told: dict[str, Json] = {"region": self.region, "entity": self.codes[name]}
        self._by_two("compliance.force_surrender", {**told, "year": year, "quantity_t": quantity_t})

    def state(self) -> State:
        """Give what both tellings must agree on."""
        numbers = {f"{name}/{AccountType.HOLDING}": number for name, number in self.accounts.items()}
        numbers |= self._of_region()
        today, names = periods.day_of(self.now), {code: name for name, code in self.codes.items()}
        stages = {
            (names[row.entity], year): row.stage for year in self.years for row in queries.covered(self.region, year)
        }
        duties = [place for place, stage in stages.items() if stage is Stage.ALLOWANCES]
        return State(
            {
                (place, row.asset.code): (row.total, row.held)
                for place, number in numbers.items()
                for row in accounts.holdings(number)
                if row.total or row.held
            },
            {
                (f"{name}/{AccountType.HOLDING}", asset): lots
                for name, number in self.accounts.items()
                for asset, lots in self._lots(number, today).items()
            },
            stages,
            {
                (name, year): queries.history(self.codes[name], region=self.region, year=year, now=self.now).standing
                for name, year in duties
            },
            {(name, year): queries.position(self.codes[name], year, today).due_t for name, year in duties},
            {
                (name, year, Batch(row.batch)): (row.free_t, row.paid_t, row.issue_t)
                for name, year in duties
                for row in queries.allocation_of(self.codes[name], year)
                if row.state == AllocationState.ISSUED
            },
        )

    def _key(self) -> str:
        self.count += 1
        return f"key-{self.count:08d}"

    # Zhou proposes, Chen approves, and what was approved is done with exactly its arguments.
    def _by_two(self, kind: str, payload: dict[str, Json]) -> None:
        proposed = members.propose(self.zhou, kind=kind, payload=payload, key=self._key(), now=self.now)
        number, digest = str(proposed["approval"]), str(proposed["digest"])
        members.approve(self.chen, approval=number, digest=digest, key=self._key(), now=self.now)
        commands.execute(self.zhou, approval=number, key=self._key(), now=self.now)

    def _history(self, figures: Sequence[tuple[str, int, int, int]]) -> None:
        rows = [
            emissions.HistoryRow(self.codes[name], year, tonnes, tonnes, {"goods": Decimal(goods)})
            for name, year, tonnes, goods in figures
        ]
        emissions.import_history(self.zhou, region=self.region, rows=rows, key=self._key(), now=self.now)

    def _representative(self, name: str) -> Actor:
        roles = frozenset({Role.REPRESENTATIVE})
        return Actor(f"P-of-{name}", self.codes[name], OrganisationKind.ENTITY, roles, self.region)

    def _of_region(self) -> dict[str, str]:
        types = _OF_REGION if self.has_handed_over else _OF_REGION[:-1]
        return {f"/{type_}": accounts.system_account(self.region, type_) for type_ in types}

    def _lots(self, number: str, today: date) -> dict[str, tuple[Lot, ...]]:
        found: dict[str, list[Lot]] = {}
        for row in accounts.lots(number, on=today):
            found.setdefault(row.asset, []).append(row.lot)
        return {
            asset: tuple(sorted(lots, key=lambda one: (one.title, one.acquired_on, one.quantity_t)))
            for asset, lots in found.items()
        }
