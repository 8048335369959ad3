"""Compliance years told by core alone: an account book in memory, facts in dictionaries, no database."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from tests.scenario.compliance_words import EVIDENCE, HISTORY, OPENED_ON, REASON, Member, State, asset_of

from tonnebook import rulebook
from tonnebook.core import (
    carry_over,
    confirmation,
    coverage,
    enforcement,
    ledger,
    periods,
    redetermination,
    surrender,
    transition,
    year_status,
)
from tonnebook.core.allocation import batches
from tonnebook.core.allocation.annual import Annual, Batch, annual
from tonnebook.core.allocation.facts import EntityFacts
from tonnebook.core.carry_over import CarryOverRefusal, Fate
from tonnebook.core.coverage import COVERED, CoverageDecision, CoverageFacts, Reason, Stage
from tonnebook.core.enforcement import Reach, RiskRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import (
    Account,
    AccountType,
    AssetKey,
    AssetKind,
    Hold,
    HoldOwner,
    HoldReason,
    Leg,
    TransferType,
)
from tonnebook.core.rules import RulesAt
from tonnebook.core.surrender import Duty, Line, Lot, StatusRule, SurrenderRefusal
from tonnebook.core.transition import Claimed, Holding, TransitionRefusal
from tonnebook.core.year_status import Event, EventKind, YearStanding

_OF_REGION = (
    AccountType.ISSUANCE,
    AccountType.RESERVE,
    AccountType.SURRENDER,
    AccountType.CANCELLATION,
    AccountType.HANDOVER,
)
_ISSUANCE, _RESERVE, _SURRENDER, _CANCELLATION, _HANDOVER = (f"/{type_}" for type_ in _OF_REGION)


@dataclass(frozen=True)
class Waiting:
    """A surrender that has been submitted."""

    name: str
    year: int
    lines: tuple[Line, ...]


@dataclass
class MemoryYear:
    """The words of a story, done by core."""

    region: str
    cast: Mapping[str, Member]
    book: ledger.Book = field(default_factory=ledger.Book)
    plans: dict[int, str] = field(default_factory=dict)
    stages: dict[tuple[str, int], CoverageDecision] = field(default_factory=dict)
    grounds: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    goods: dict[tuple[str, int], int] = field(default_factory=dict)
    events: dict[tuple[str, int], list[Event]] = field(default_factory=dict)
    allocated: dict[tuple[str, int, Batch], tuple[int, int, int]] = field(default_factory=dict)
    waiting: dict[str, Waiting] = field(default_factory=dict)
    departures: dict[str, tuple[int, bool]] = field(default_factory=dict)
    surplus_t: dict[str, int] = field(default_factory=dict)
    steps: dict[str, set[date]] = field(default_factory=dict)
    kept: dict[str, list[str]] = field(default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        """Open the accounts of the story and take over the history."""
        accounts = [Account(f"/{one}", one, region=self.region) for one in _OF_REGION]
        accounts += [Account(_own(name), AccountType.HOLDING, region=self.region) for name in self.cast]
        self.book.accounts = {one.number: one for one in accounts}
        self.at(OPENED_ON)
        for name, member in self.cast.items():
            for year in HISTORY:
                self.determine(name, year, member.emission_t, member.goods)

    def at(self, day: date) -> None:
        """Go on to a day."""
        self.now = datetime.combine(day, time(4), tzinfo=UTC)
        self.book.today = day
        self.book.lot_orders = {self.region: ledger.order_of(rulebook.at(self.region, on=day))}

    def adopt(self, year: int) -> None:
        """Adopt the plan that ships for a year."""
        self.plans[year] = rulebook.overlay(self.region, year)

    def cover(self, year: int) -> None:
        """Decide who is inside in a year."""
        for name, member in self.cast.items():
            from_year, is_national = self.departures.get(name, (year + 1, False))
            before = self.stages.get((name, year - 1))
            facts = CoverageFacts(
                member.sector,
                {one: tonnes for one in range(year - 5, year) if (tonnes := self._figure_t(name, one)) is not None},
                was_covered=before is not None and before.stage in COVERED,
                national_from=from_year if is_national and from_year <= year else None,
                is_closed=not is_national and from_year <= year,
            )
            self.stages[name, year] = coverage.decide(facts, self._rules(year))

    def put_on_list(self, name: str, year: int) -> None:
        """Put an entity on the list of a year."""
        self.stages[name, year] = CoverageDecision(Stage.ALLOWANCES, Reason.LISTED)

    def ground(self, name: str, year: int, ground: str) -> None:
        """Note a ground for an incentive."""
        self.grounds.setdefault((name, year), set()).add(ground)

    def allocate(self, year: int, batch: Batch) -> None:
        """Compute and issue a batch."""
        rules = self._rules(year)
        asset = self._asset(f"{rules.text('region.scheme')}-{year}")
        for name, of_year in self.stages:
            if of_year == year and self.stages[name, year].stage is Stage.ALLOWANCES:
                facts = self._facts(name, year)
                (self._issue_first if batch is Batch.FIRST else self._true_up)(name, annual(facts, rules), asset, rules)

    def issue(self, name: str, asset: str, quantity_t: int) -> None:
        """Give somebody units that came from elsewhere."""
        self._asset(asset)
        self.book.apply(TransferType.OPENING_ENTRY, [Leg(_ISSUANCE, _own(name), asset, quantity_t)])

    def transfer(self, debit: str, credit: str, asset: str, quantity_t: int) -> None:
        """Hand units on to another holder."""
        self.book.apply(TransferType.TRANSFER, [Leg(_own(debit), _own(credit), asset, quantity_t)])

    def determine(self, name: str, year: int, quantity_t: int, goods: int) -> None:
        """Fix the emission and the output of a year."""
        self.goods[name, year] = goods
        self._happened(name, year, Event(self.now, EventKind.DETERMINED, quantity_t))

    def redetermine(self, name: str, year: int, quantity_t: int) -> None:
        """Replace a determined emission; the delta is what was posted and what is new, and no more."""
        before = self._standing(name, year)
        redetermination.check(
            name, year, before_t=before.figure_t, determined_t=quantity_t, direct_t=0, reason=REASON, evidence=EVIDENCE
        )
        change = year_status.supplement(before, figure_t=quantity_t)
        self._happened(name, year, Event(self.now, EventKind.REDETERMINED, quantity_t))
        after = self._standing(name, year)
        assert (change.missing.whole, change.excess.whole) == (after.missing_t, after.excess_t)

    def submit(self, name: str, year: int, lines: Mapping[str, int], *, shown_t: int) -> None:
        """Submit a surrender: what it names is held."""
        covered = self.stages.get((name, year))
        if covered is None or covered.stage is not Stage.ALLOWANCES:
            raise Refused(SurrenderRefusal.NOT_COVERED, entity=name, year=year)
        duty = self._duty(name, year)
        is_settled = any(one.kind is EventKind.SETTLED for one in self._events(name, year))
        confirmation.check_year(duty, year=year, settled_by=StatusRule.YEARLY if is_settled else None)
        if duty is None:
            raise Refused(SurrenderRefusal.NOT_DETERMINED, entity=name, year=year)
        wanted = tuple(Line(self.book.asset(code), quantity_t) for code, quantity_t in lines.items())
        lots = [Lot(one.asset, one.free_t) for one in self._held(name)]
        surrender.check(duty, wanted, lots, shown_total_t=shown_t, rules=self._rules(year))
        self.count += 1
        for line in wanted:
            code = line.asset.code
            self.book.place(Hold(f"{self.count}/{code}", _own(name), code, line.quantity_t, HoldReason.SURRENDER))
        self.waiting[str(self.count)] = Waiting(name, year, wanted)

    def withdraw(self) -> None:
        """Take back what was submitted last."""
        number, gone = self.waiting.popitem()
        for line in gone.lines:
            self.book.release(f"{number}/{line.asset.code}")

    def confirm(self) -> None:
        """Confirm everything that waits."""
        for one in self.waiting.values():
            duty = self._duty(one.name, one.year)
            assert duty is not None
            confirmation.check(duty, one.lines, rules=self._rules(one.year))
        for number, one in self.waiting.items():
            legs = [
                Leg(_own(one.name), _SURRENDER, line.asset.code, line.quantity_t, f"{number}/{line.asset.code}")
                for line in one.lines
            ]
            self.book.apply(TransferType.SURRENDER, legs)
            event = Event(self.now, EventKind.SURRENDERED, *_sums(one.lines))
            self._happened(one.name, one.year, event)
        self.waiting.clear()

    def settle(self, year: int) -> None:
        """Settle how a year ended."""
        for name in self._inside(year):
            duty = self._duty(name, year)
            decision = surrender.settle(duty, held_t=0)
            self._happened(name, year, Event(self.now, EventKind.SETTLED))
            assert decision.shortfall.whole == self._standing(name, year).missing_t

    def carry_over(self, year: int) -> None:
        """Carry over what is left after a year."""
        rules = self._rules(year)
        for name in self._inside(year):
            if not any(one.kind is EventKind.SETTLED for one in self._events(name, year)):
                raise Refused(CarryOverRefusal.NOT_SETTLED, region=self.region, year=year)
            held = [(one.asset, one.free_t) for one in self._held(name) if one.free_t]
            for lot in carry_over.fates(held, rules):
                if lot.fate is Fate.CANCELLED:
                    leg = Leg(_own(name), _CANCELLATION, lot.asset.code, lot.quantity_t)
                    self.book.apply(TransferType.CANCEL, [leg])
            if held:
                self._happened(name, year, Event(self.now, EventKind.CARRIED_OVER))

    def leave(self, name: str, from_year: int, *, is_national: bool) -> None:
        """Note that an entity moves to the national market, or closes."""
        self.departures[name] = (from_year, is_national)

    def hand_over(self, name: str) -> None:
        """Hand an entity over to the national market."""
        from_year = self._leaving(name, TransitionRefusal.NOT_LEAVING, is_national=True)
        if name in self.surplus_t:
            raise Refused(TransitionRefusal.ALREADY_DONE, entity=name, due_on=date(from_year, 1, 1))
        self._require_met(name, before=from_year)
        legs = transition.handed_over(self._held(name), from_year=from_year, target=_HANDOVER)
        if legs:
            self.book.apply(TransferType.HAND_OVER, legs)
        self.surplus_t[name] = sum(one.free_t for one in transition.free_to_use(self._held(name)))
        self._happened(name, from_year - 1, Event(self.now, EventKind.HANDED_OVER))

    def run_transition(self) -> None:
        """Do the dated steps of leaving that are due."""
        today = periods.day_of(self.now)
        rules = self._rules(today.year)
        for name, surplus_t in sorted(self.surplus_t.items()):
            from_year, done = self.departures[name][0], self.steps.setdefault(name, set())
            if rules.has("carry_over.cancel_free_by_on"):
                self._cancel_free(name, from_year, done, rules, today)
                continue
            steps = transition.conversion_steps(surplus_t=surplus_t, from_year=from_year, rules=rules)
            conversions = transition.convert(
                transition.due_steps(steps, done=done, today=today),
                self._held(name),
                from_year=from_year,
                scheme=rules.text("region.scheme"),
                issuance=_ISSUANCE,
                end=_CANCELLATION,
            )
            for one in conversions:
                self._asset(one.asset.code)
                if one.legs:
                    self.book.apply(TransferType.CONVERT, one.legs)
                done.add(one.step.due_on)

    def exit(self, name: str) -> None:
        """Settle an entity that closed."""
        year = self._leaving(name, TransitionRefusal.NOT_CLOSING, is_national=False) - 1
        self._require_met(name, before=year + 1)
        duty = transition.exit_duty(
            emission_t=self._figure_t(name, year) or 0,
            free_of_year_t=self._issued_t(name, year),
            free_later_t=self._issued_t(name, year + 1),
            rules=self._rules(year),
        )
        legs = transition.given_back(self._held(name), duty.give_back.whole, from_vintage=year, reserve=_RESERVE)
        if legs:
            self.book.apply(TransferType.RECALL, legs)
        self._happened(name, year, Event(self.now, EventKind.EXITED))

    def mark_at_risk(self, name: str) -> None:
        """Hold an entity to be at risk of not surrendering."""
        year = periods.day_of(self.now).year
        if not enforcement.keeps_back(self._rules(year)):
            raise Refused(RiskRefusal.NOT_KEPT_BACK, region=self.region, year=year)
        if name in self.kept:
            raise Refused(RiskRefusal.ALREADY_AT_RISK, entity=name, mark=name)
        self.kept[name] = []

    def end_risk(self, name: str) -> None:
        """Hold it to be at risk no longer."""
        if name not in self.kept:
            raise Refused(RiskRefusal.NOT_AT_RISK, entity=name)
        for hold in self._kept(name):
            self.book.release(hold.number, by=HoldOwner.AUTHORITY)
        del self.kept[name]

    def force(self, name: str, year: int, quantity_t: int) -> None:
        """Take by force what was not surrendered."""
        rules, missing_t, kept = self._rules(year), self._due_t(name, year), self._kept(name)
        reach = [
            Reach(AccountType.HOLDING, one.asset, one.free_t, kept_t=_left_t(kept, one.asset))
            for one in self._held(name)
        ]
        found = enforcement.takings(missing_t, reach, rules)
        is_over = periods.day_of(self.now) > rules.day("deadline.surrender_on")
        enforcement.check(name, missing_t=missing_t, found=found, approved_t=quantity_t, is_over=is_over, rules=rules)
        for one in found:
            legs = _drawn(one.quantity_t, _SURRENDER, kept, one.asset)
            if left_t := one.quantity_t - sum(leg.quantity for leg in legs):
                claim = self._keep(name, one.asset, left_t)
                legs.append(Leg(_own(name), _SURRENDER, one.asset.code, left_t, claim))
            self.book.apply(TransferType.FORCE_SURRENDER, legs)
        self._happened(name, year, Event(self.now, EventKind.FORCED, quantity_t))

    def state(self) -> State:
        """Give what both tellings must agree on."""
        return State(
            {place: (one.total, one.held) for place, one in self.book.positions.items() if one.total or one.held},
            {place: _sorted(lots) for place, lots in self.book.lots.items() if lots},
            {place: one.stage for place, one in self.stages.items()},
            {place: self._standing(*place) for place in self._duties()},
            {place: self._due_t(*place) for place in self._duties()},
            dict(self.allocated),
        )

    def _rules(self, year: int) -> RulesAt:
        overlays = (self.plans[year],) if year in self.plans else ()
        day = max(periods.day_of(self.now), date(year, 1, 1))
        return rulebook.at(self.region, on=day, year=year, overlays=overlays)

    def _asset(self, code: str) -> AssetKey:
        return self.book.assets.setdefault(code, asset_of(code))

    def _happened(self, name: str, year: int, event: Event) -> None:
        self.events.setdefault((name, year), []).append(event)

    def _events(self, name: str, year: int) -> list[Event]:
        events, rules = list(self.events.get((name, year), ())), self._rules(year)
        if rules.has("deadline.surrender_on"):
            over_at = periods.instant(rules.day("deadline.surrender_on") + timedelta(days=1), time.min)
            events += [Event(over_at, EventKind.LAST_DAY_OVER)] if over_at <= self.now else []
        return events

    def _standing(self, name: str, year: int) -> YearStanding:
        return year_status.standing(self._events(name, year))

    def _figure_t(self, name: str, year: int) -> int | None:
        return year_status.standing(self.events.get((name, year), ())).figure_t

    def _duties(self) -> list[tuple[str, int]]:
        return [place for place, one in self.stages.items() if one.stage is Stage.ALLOWANCES]

    def _inside(self, year: int) -> list[str]:
        return [name for name, of_year in self._duties() if of_year == year]

    def _duty(self, name: str, year: int) -> Duty | None:
        found = self._standing(name, year)
        if found.figure_t is None:
            return None
        submitted = [_sums(one.lines) for one in self.waiting.values() if (one.name, one.year) == (name, year)]
        return Duty(
            found.figure_t,
            self._issued_t(name, year),
            found.obligation_t - found.figure_t,
            found.surrendered_t + sum(total_t for total_t, _ in submitted),
            found.credits_t + sum(credits_t for _, credits_t in submitted),
        )

    def _due_t(self, name: str, year: int) -> int:
        duty = self._duty(name, year)
        return max(0, surrender.obligation(duty).whole - duty.surrendered_t) if duty else 0

    def _held(self, name: str) -> list[Holding]:
        return [
            Holding(account, self.book.assets[code], position.free)
            for (account, code), position in self.book.positions.items()
            if account == _own(name)
        ]

    def _facts(self, name: str, year: int) -> EntityFacts:
        known = {one: tonnes for one in range(year - 5, year) if (tonnes := self._figure_t(name, one)) is not None}
        outputs = {one: {"goods": Decimal(self.goods[name, one])} for one in known}
        determined_t = self._figure_t(name, year)
        output = outputs[year - 1] if determined_t is None else {"goods": Decimal(self.goods[name, year])}
        grounds = frozenset(self.grounds.get((name, year), ()))
        sector = self.cast[name].sector
        return EntityFacts(name, sector, known, outputs, output, determined_t, grounds=grounds)

    def _issue_first(self, name: str, amounts: Annual, asset: AssetKey, rules: RulesAt) -> None:
        year = rules.year or 0
        issue_t = batches.first_batch(self._figure_t(name, year - 1) or 0, rules).whole
        self._give(TransferType.ALLOCATE, name, asset, issue_t, rules)
        self.allocated[name, year, Batch.FIRST] = (amounts.free.whole, amounts.paid.whole, issue_t)

    def _true_up(self, name: str, amounts: Annual, asset: AssetKey, rules: RulesAt) -> None:
        year = rules.year or 0
        kept = self._kept(name)
        held_t = sum(one.free_t for one in self._held(name) if one.asset == asset) + _left_t(kept, asset)
        done = batches.true_up(amounts.free, issued_t=self._issued_t(name, year), held_free_t=held_t)
        if done.issue_t:
            self._give(TransferType.TRUE_UP, name, asset, done.issue_t, rules)
        if done.recall_t:
            legs = _drawn(done.recall_t, _RESERVE, kept, asset)
            if left_t := done.recall_t - sum(leg.quantity for leg in legs):
                legs.append(Leg(_own(name), _RESERVE, asset.code, left_t))
            self.book.apply(TransferType.RECALL, legs)
        if done.recall_outstanding_t:
            self._happened(name, year, Event(self.now, EventKind.RECALL_OWED, done.recall_outstanding_t))
        issue_t = done.issue_t - done.recall_t
        self.allocated[name, year, Batch.SECOND] = (amounts.free.whole, amounts.paid.whole, issue_t)

    # What an entity at risk is given is kept back at once.
    def _give(self, type_: TransferType, name: str, asset: AssetKey, quantity_t: int, rules: RulesAt) -> None:
        self.book.apply(type_, [Leg(_ISSUANCE, _own(name), asset.code, quantity_t)])
        if name in self.kept and enforcement.keeps_back(rules):
            self.kept[name].append(self._keep(name, asset, quantity_t))

    def _keep(self, name: str, asset: AssetKey, quantity_t: int) -> str:
        self.count += 1
        number = f"kept/{self.count}"
        self.book.place(Hold(number, _own(name), asset.code, quantity_t, HoldReason.RECALL))
        return number

    def _kept(self, name: str) -> list[Hold]:
        holds = [self.book.holds[number] for number in self.kept.get(name, ())]
        return [hold for hold in holds if hold.state in ledger.STANDING]

    def _issued_t(self, name: str, year: int) -> int:
        return sum(
            issue_t for (one, of_year, _), (_, _, issue_t) in self.allocated.items() if (one, of_year) == (name, year)
        )

    def _leaving(self, name: str, otherwise: TransitionRefusal, *, is_national: bool) -> int:
        from_year, to_national = self.departures.get(name, (0, not is_national))
        if to_national is not is_national:
            raise Refused(otherwise, entity=name)
        return from_year

    def _require_met(self, name: str, *, before: int) -> None:
        for year in sorted(year for one, year in self._duties() if one == name and year < before):
            found = self._standing(name, year)
            if found.figure_t is None or found.missing_t:
                raise Refused(TransitionRefusal.DUTY_OPEN, entity=name, year=year, missing_t=found.missing_t)

    def _cancel_free(self, name: str, from_year: int, done: set[date], rules: RulesAt, today: date) -> None:
        sector = self.cast[name].sector
        due_on = transition.cancel_free_due_on(sector=sector, from_year=from_year, rules=rules)
        if due_on > today or due_on in done:
            return
        own = {place: lots for place, lots in self.book.lots.items() if place[0] == _own(name)}
        claims = [Claimed(*place, left_t) for place, left_t in transition.left_free(own).items()]
        legs = transition.cancelled_free(claims, own, end=_CANCELLATION)
        if legs:
            self.book.apply(TransferType.CANCEL, legs)
        done.add(due_on)


def _own(name: str) -> str:
    return f"{name}/{AccountType.HOLDING}"


def _left_t(kept: Collection[Hold], asset: AssetKey) -> int:
    return sum(hold.remaining for hold in kept if hold.asset == asset.code)


def _drawn(quantity_t: int, end: str, kept: Collection[Hold], asset: AssetKey) -> list[Leg]:
    legs: list[Leg] = []
    for hold in kept:
        part_t = min(quantity_t - sum(leg.quantity for leg in legs), hold.remaining)
        if part_t and hold.asset == asset.code:
            legs.append(Leg(hold.account, end, hold.asset, part_t, hold.number))
    return legs


def _sums(lines: Collection[Line]) -> tuple[int, int]:
    credits_t = sum(line.quantity_t for line in lines if line.asset.kind is AssetKind.CREDIT)
    return sum(line.quantity_t for line in lines), credits_t


def _sorted(lots: Collection[ledger.Lot]) -> tuple[ledger.Lot, ...]:
    return tuple(sorted(lots, key=lambda one: (one.title, one.acquired_on, one.quantity_t)))
