"""The national carry-over: old vintages become new ones by the formula, for whoever surrendered in time, and once."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.unit.audit import owner
from tests.unit.compliance.stage import BUREAU, LITTLE_MILL, NORTH_POWER, RED_RIVER, uscc

from tonnebook import rulebook
from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.compliance.queries import carrying
from tonnebook.core import surrender
from tonnebook.core.book import Side
from tonnebook.core.canonical import Json
from tonnebook.core.carry_over import CarryOverRefusal, Dealings
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, AssetKey, AssetKind, Leg, TransferType
from tonnebook.core.roles import SYSTEM, Actor, OrganisationKind, Role
from tonnebook.core.year_status import Mark
from tonnebook.emissions import services as emissions
from tonnebook.journal import queries as journal
from tonnebook.journal.services import Answer
from tonnebook.market import queries as prices
from tonnebook.market import services as market
from tonnebook.members import services as members
from tonnebook.registry import queries as books
from tonnebook.registry import services as registry
from tonnebook.web import subjects
from tonnebook_audit import auditor

REGION, YEAR = "national", 2024
EXCHANGE = uscc(5)
ENTITIES = (RED_RIVER, NORTH_POWER, LITTLE_MILL)
BEFORE, SPRING, SUMMER = (
    datetime(2023, 12, 31, 15, 59, tzinfo=UTC),
    datetime(2024, 4, 1, tzinfo=UTC),
    datetime(2025, 6, 3, 2, tzinfo=UTC),
)
LAST_MINUTE, TOO_LATE = datetime(2025, 12, 31, 15, 59, tzinfo=UTC), datetime(2025, 12, 31, 16, tzinfo=UTC)
JANUARY, FEBRUARY, PROCESSED = (
    datetime(2026, 1, 5, tzinfo=UTC),
    datetime(2026, 2, 2, 2, tzinfo=UTC),
    datetime(2026, 3, 27, 2, tzinfo=UTC),
)
FIRST_ROUND, SECOND_ROUND = date(2026, 3, 27), date(2026, 6, 26)


def _officer(person: str) -> Actor:
    return Actor(person, BUREAU, OrganisationKind.AUTHORITY, frozenset({Role.OFFICER}), REGION)


GU, MEI = _officer("P-11"), _officer("P-12")


def representative(entity: str) -> Actor:
    """The representative of an entity."""
    return Actor(f"P-{entity}", entity, OrganisationKind.ENTITY, frozenset({Role.REPRESENTATIVE}), REGION)


@dataclass
class Nation:
    """Three entities that met 2023; what they do in the two years after is up to the test."""

    accounts: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def key(self) -> str:
        """A new idempotency key."""
        self.count += 1
        return f"key-{self.count:08d}"

    def give(self, entity: str, year: int, quantity_t: int, scheme: str = "CEA") -> None:
        """Issue free allowances of a year."""
        asset = AssetKey(f"{scheme}-{year}", AssetKind.ALLOWANCE, scheme, year, "FREE")
        leg = Leg(books.system_account(REGION, AccountType.ISSUANCE), self.accounts[entity], asset.code, quantity_t)
        with transaction.atomic():
            registry.ensure_assets([asset], now=SPRING)
            registry.post([registry.TransferDraft(TransferType.ALLOCATE, (leg,), GU.person, MEI.person)], now=SPRING)

    def move(
        self,
        seller: str,
        buyer: str,
        quantity_t: int,
        *,
        at: datetime = SUMMER,
        asset: str = "CEA-2024",
        type_: TransferType = TransferType.DELIVER_TRADE,
    ) -> None:
        """One entity sells to another, or hands over otherwise."""
        leg = Leg(self.accounts[seller], self.accounts[buyer], asset, quantity_t)
        with transaction.atomic():
            registry.post([registry.TransferDraft(type_, (leg,), GU.person, MEI.person)], now=at)

    def trade(self, seller: str, buyer: str, quantity_t: int) -> None:
        """One entity sells to another in the market, at a price of 48 yuan."""
        source, cash = books.system_account(REGION, AccountType.BANK), books.account_of(buyer, AccountType.CLIENT_CASH)
        paid_in = registry.TransferDraft(TransferType.CASH_IN, (Leg(source, cash, "CNY", 10**12),), GU.person)
        with transaction.atomic():
            registry.post([paid_in], now=SUMMER)
        total_fen = {
            side: prices.total_fen(
                "CEA", side=side, price_fen_per_t=4_800, quantity_t=quantity_t, on=SUMMER.date()
            ).whole
            for side in Side
        }
        offered = market.place_order(
            self.trader(seller),
            instrument="CEA",
            side=Side.SELL,
            price_fen_per_t=4_800,
            quantity_t=quantity_t,
            shown_total_fen=total_fen[Side.SELL],
            asset="CEA-2024",
            key=self.key(),
            now=SUMMER,
        )
        # In the national market nothing matches by itself: the buyer picks the offer.
        market.take_order(
            self.trader(buyer),
            order=str(offered["order"]),
            quantity_t=quantity_t,
            shown_total_fen=total_fen[Side.BUY],
            key=self.key(),
            now=SUMMER,
        )

    def trader(self, entity: str) -> Actor:
        """The trader of an entity."""
        return Actor(f"P-{entity}", entity, OrganisationKind.ENTITY, frozenset({Role.TRADER}), REGION)

    def surrender(self, entity: str, year: int, *, at: datetime, confirmed_at: datetime | None = None) -> None:
        """Surrender the 5,000 t of a year."""
        draft = compliance.SurrenderDraft(entity, (compliance.SurrenderLine(f"CEA-{year}", 5_000),))
        compliance.submit_surrenders(MEI, region=REGION, year=year, rows=[draft], key=self.key(), now=at)
        numbers = [row.number for row in queries.open_surrenders(REGION, year)]
        compliance.confirm_surrenders(
            GU, region=REGION, year=year, surrenders=numbers, key=self.key(), now=confirmed_at or at
        )

    def settle(self) -> None:
        """Settle the last of the old years."""
        compliance.settle_status(GU, region=REGION, year=YEAR, key=self.key(), now=JANUARY)

    def ask(self, entity: str, quantity_t: int, *, now: datetime = FEBRUARY) -> Answer:
        """The representative of an entity asks to carry over."""
        return compliance.ask_carry_over(
            representative(entity), entity=entity, year=YEAR, quantity_t=quantity_t, key=self.key(), now=now
        )

    def decide(self, round_on: date = FIRST_ROUND, *, now: datetime = PROCESSED) -> Answer:
        """Decide a round by two people."""
        asked: dict[str, Json] = {"region": REGION, "year": YEAR, "round_on": round_on.isoformat()}
        told = members.propose(GU, kind="compliance.decide_carry_over", payload=asked, key=self.key(), now=now)
        number, digest = str(told["approval"]), str(told["digest"])
        members.approve(MEI, approval=number, digest=digest, key=self.key(), now=now)
        return compliance.decide_carry_over(
            GU, region=REGION, year=YEAR, round_on=round_on, approval=number, key=self.key(), now=now
        )

    def held(self, entity: str) -> dict[str, int]:
        """What an entity has, by asset."""
        return {one.asset.code: one.total for one in books.holdings(self.accounts[entity])}


def open_nation() -> Nation:
    """Register, open the accounts, list and determine 2023 and 2024, and surrender 2023 in time."""
    nation = Nation()
    drafts = [
        members.OrganisationDraft(
            code, f"单位{code[-3:]}", f"Entity {code[-3:]}", OrganisationKind.ENTITY, REGION, sector="power"
        )
        for code in ENTITIES
    ]
    drafts.append(members.OrganisationDraft(BUREAU, "部", "Ministry", OrganisationKind.AUTHORITY, REGION))
    drafts.append(members.OrganisationDraft(EXCHANGE, "交易所", "Exchange", OrganisationKind.EXCHANGE, REGION))
    members.register_organisations(SYSTEM, drafts=drafts, key=nation.key(), now=BEFORE)
    with transaction.atomic():
        registry.open_region(REGION, now=BEFORE)
        opened = [registry.AccountDraft(AccountType.HOLDING, REGION, code) for code in ENTITIES]
        nation.accounts = dict(zip(ENTITIES, registry.open_accounts(opened, now=BEFORE), strict=True))
        registry.open_accounts([replace(one, type=AccountType.CLIENT_CASH) for one in opened], now=BEFORE)
        registry.ensure_assets([registry.CASH], now=BEFORE)
    exchange = Actor("P-13", EXCHANGE, OrganisationKind.EXCHANGE, frozenset({Role.EXCHANGE_STAFF}), REGION)
    market.open_instruments(exchange, region=REGION, key=nation.key(), now=BEFORE)
    for year in (2023, 2024):
        compliance.list_entities(GU, region=REGION, year=year, entities=list(ENTITIES), key=nation.key(), now=SPRING)
        rows = [emissions.HistoryRow(code, year, 5_000, 5_000, {}) for code in ENTITIES]
        emissions.import_history(GU, region=REGION, rows=rows, key=nation.key(), now=SPRING)
    for code in ENTITIES:
        nation.give(code, 2023, 5_000)
        nation.surrender(code, 2023, at=SPRING)
    return nation


def play(nation: Nation) -> None:
    """Red River sells, North Power buys, Little Mill surrenders 2024 late; then the year is settled."""
    nation.give(RED_RIVER, 2024, 125_000)
    nation.give(NORTH_POWER, 2024, 5_000)
    nation.give(LITTLE_MILL, 2024, 9_000)
    nation.trade(RED_RIVER, NORTH_POWER, 20_000)
    for code in (RED_RIVER, NORTH_POWER):
        nation.surrender(code, 2024, at=SUMMER)
    nation.surrender(LITTLE_MILL, 2024, at=LAST_MINUTE, confirmed_at=JANUARY)
    nation.settle()


@pytest.fixture
def nation(db: None) -> Nation:
    return open_nation()


def test_what_is_asked_for_becomes_new_by_net_sales_and_the_rest_stays(nation: Nation) -> None:
    play(nation)
    assert nation.ask(RED_RIVER, 40_000)["round_on"] == "2026-03-27"
    nation.ask(NORTH_POWER, 7_000)
    assert nation.decide() == {"entities": 2, "converted_t": 40_000 + 7_000}
    assert nation.held(RED_RIVER) == {"CEA-2024": 60_000, "CEA-2025": 40_000}
    assert nation.held(NORTH_POWER) == {"CEA-2024": 13_000, "CEA-2025": 7_000}
    assert nation.held(LITTLE_MILL) == {"CEA-2024": 4_000}
    assert books.totals(REGION).cancelled_t == 47_000
    standing = queries.history(RED_RIVER, region=REGION, year=YEAR, now=PROCESSED).standing
    assert Mark.CARRIED_OVER in standing.marks
    rules = queries.rules(REGION, 2025, PROCESSED.date())
    old = surrender.ineligible(AssetKey("CEA-2024", AssetKind.ALLOWANCE, "CEA", 2024, "FREE"), rules)
    assert old is not None
    assert old.code is surrender.SurrenderRefusal.VINTAGE_TOO_OLD


@pytest.mark.parametrize(("asked_t", "is_taken"), [(39_999, True), (40_000, True), (40_001, False)])
def test_no_more_is_asked_for_than_the_formula_gives(nation: Nation, asked_t: int, is_taken: bool) -> None:
    play(nation)
    assert refused_for(nation, asked_t) is (None if is_taken else CarryOverRefusal.ABOVE_LIMIT)


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (LAST_MINUTE, CarryOverRefusal.WINDOW_OPEN),
        (datetime(2026, 6, 10, 15, 59, tzinfo=UTC), None),
        (datetime(2026, 6, 10, 16, tzinfo=UTC), CarryOverRefusal.APPLICATIONS_OVER),
    ],
)
def test_carry_over_is_asked_for_from_the_end_of_the_window_to_the_last_day(
    nation: Nation, at: datetime, code: CarryOverRefusal | None
) -> None:
    play(nation)
    assert refused_for(nation, 1, at) is code


def refused_for(nation: Nation, asked_t: int, at: datetime = FEBRUARY) -> object:
    try:
        nation.ask(RED_RIVER, asked_t, now=at)
    except Refused as error:
        return error.code
    return None


def test_who_surrendered_late_has_nothing_to_ask_for_and_nobody_before_the_year_is_settled(nation: Nation) -> None:
    with pytest.raises(Refused) as caught:
        nation.ask(RED_RIVER, 1)
    assert caught.value.code is CarryOverRefusal.NOT_SETTLED
    play(nation)
    with pytest.raises(Refused) as caught:
        nation.ask(LITTLE_MILL, 1)
    assert caught.value.code is CarryOverRefusal.ABOVE_LIMIT
    assert caught.value.facts["limit_t"] == 0


def test_one_request_stands_and_is_decided_once_however_often_a_round_runs(nation: Nation) -> None:
    play(nation)
    first = str(nation.ask(RED_RIVER, 30_000)["request"])
    with pytest.raises(Refused) as caught:
        nation.ask(RED_RIVER, 1)
    assert caught.value.code is CarryOverRefusal.ALREADY_ASKED
    withdraw(nation, first)
    with pytest.raises(Refused) as caught:
        withdraw(nation, first)
    assert caught.value.code is CarryOverRefusal.REQUEST_DECIDED
    second = str(nation.ask(RED_RIVER, 40_000)["request"])
    assert nation.decide() == {"entities": 1, "converted_t": 40_000}
    assert nation.decide() == {"entities": 0, "converted_t": 0}
    assert nation.decide(SECOND_ROUND) == {"entities": 0, "converted_t": 0}
    assert nation.held(RED_RIVER) == {"CEA-2024": 60_000, "CEA-2025": 40_000}
    with pytest.raises(Refused) as caught:
        withdraw(nation, second)
    assert caught.value.code is CarryOverRefusal.REQUEST_DECIDED
    with pytest.raises(Refused) as caught:
        nation.ask(RED_RIVER, 1)
    assert caught.value.code is CarryOverRefusal.ALREADY_CARRIED
    assert [row.state.value for row in queries.carry_over_requests(REGION, YEAR)] == ["WITHDRAWN", "GRANTED"]


def withdraw(nation: Nation, request: str, by: str = RED_RIVER) -> None:
    compliance.withdraw_carry_over(representative(by), request=request, key=nation.key(), now=FEBRUARY)


def test_a_request_waits_for_its_round_and_is_nobody_elses(nation: Nation) -> None:
    play(nation)
    late = datetime(2026, 3, 28, tzinfo=UTC)
    request = str(nation.ask(RED_RIVER, 40_000, now=late)["request"])
    assert nation.decide(now=late) == {"entities": 0, "converted_t": 0}
    with pytest.raises(Refused) as caught:
        withdraw(nation, request, NORTH_POWER)
    assert caught.value.code is CarryOverRefusal.NO_SUCH_REQUEST
    with pytest.raises(Refused) as caught:
        nation.decide(date(2026, 5, 1))
    assert caught.value.code is CarryOverRefusal.NO_SUCH_ROUND
    found = queries.carried_year(REGION, YEAR, now=late)
    assert (found.waiting, found.unasked, found.unasked_t) == ((SECOND_ROUND,), 2, 24_000)
    assert nation.decide(SECOND_ROUND, now=late) == {"entities": 1, "converted_t": 40_000}


def test_a_limited_year_is_not_carried_over_for_all_nor_another_one_asked_for(nation: Nation) -> None:
    play(nation)
    asked: dict[str, Json] = {"region": REGION, "year": YEAR}
    told = members.propose(GU, kind="compliance.carry_over", payload=asked, key=nation.key(), now=PROCESSED)
    number, digest = str(told["approval"]), str(told["digest"])
    members.approve(MEI, approval=number, digest=digest, key=nation.key(), now=PROCESSED)
    with pytest.raises(Refused) as caught:
        compliance.carry_over(GU, region=REGION, year=YEAR, approval=number, key=nation.key(), now=PROCESSED)
    assert caught.value.code is CarryOverRefusal.BY_REQUEST
    with pytest.raises(Refused) as caught:
        compliance.ask_carry_over(
            representative(RED_RIVER), entity=RED_RIVER, year=2025, quantity_t=1, key=nation.key(), now=PROCESSED
        )
    assert caught.value.code is CarryOverRefusal.NOTHING_TO_ASK


def test_only_trades_of_old_vintages_within_the_window_count(nation: Nation) -> None:
    for code in (2023, 2024, 2025):
        nation.give(RED_RIVER, code, 1_000)
    nation.move(RED_RIVER, NORTH_POWER, 1, at=BEFORE)
    nation.move(RED_RIVER, NORTH_POWER, 10, at=datetime(2023, 12, 31, 16, tzinfo=UTC), asset="CEA-2023")
    nation.move(RED_RIVER, NORTH_POWER, 100, at=LAST_MINUTE)
    nation.move(RED_RIVER, NORTH_POWER, 200, at=TOO_LATE)
    nation.move(RED_RIVER, NORTH_POWER, 400, asset="CEA-2025")
    nation.move(NORTH_POWER, RED_RIVER, 5, type_=TransferType.INHERIT)
    found = dealings()
    assert (found[RED_RIVER].sold_t, found[RED_RIVER].bought_t) == (110, 0)
    assert (found[NORTH_POWER].sold_t, found[NORTH_POWER].bought_t) == (0, 110)
    # What happened after the day does not change what was held on it.
    assert found[RED_RIVER].holding_t == 2_000 - 111 + 5


def test_what_was_submitted_for_surrender_on_the_day_is_not_held_and_a_late_one_is_seen(nation: Nation) -> None:
    play(nation)
    found = dealings()
    assert (found[LITTLE_MILL].holding_t, found[LITTLE_MILL].is_on_time) == (4_000, False)
    assert (found[RED_RIVER].holding_t, found[RED_RIVER].is_on_time) == (100_000, True)


def test_what_was_sold_since_or_is_of_another_scheme_is_not_replaced_and_trading_accounts_count(nation: Nation) -> None:
    play(nation)
    nation.give(RED_RIVER, 2024, 1_000, "SHEA")
    nation.move(RED_RIVER, NORTH_POWER, 70_000, at=TOO_LATE)
    with transaction.atomic():
        (trading,) = registry.open_accounts(
            [registry.AccountDraft(AccountType.TRADING, REGION, NORTH_POWER)], now=TOO_LATE
        )
        leg = Leg(nation.accounts[NORTH_POWER], trading, "CEA-2024", 88_000)
        registry.post([registry.TransferDraft(TransferType.MOVE_TO_TRADING, (leg,), SYSTEM.person)], now=TOO_LATE)
    nation.ask(RED_RIVER, 40_000)
    nation.ask(NORTH_POWER, 10_000)
    assert nation.decide()["converted_t"] == 30_000 + 10_000
    assert nation.held(RED_RIVER) == {"CEA-2025": 30_000, "SHEA-2024": 1_000}
    assert nation.held(NORTH_POWER) == {"CEA-2025": 2_000}
    assert {one.asset.code: one.total for one in books.holdings(trading)} == {"CEA-2024": 80_000, "CEA-2025": 8_000}


def test_what_was_carried_over_is_explained_down_to_sales_and_articles(nation: Nation) -> None:
    play(nation)
    nation.ask(RED_RIVER, 30_000)
    nation.decide()
    found = subjects.find("carry_over", f"{RED_RIVER}:{YEAR}", now=PROCESSED)
    assert found is not None
    assert found.is_same
    assert [part.again for part in found.parts] == [30_000]
    other = subjects.find("carry_over", f"{LITTLE_MILL}:{YEAR}", now=PROCESSED)
    assert other is not None
    assert [part.again for part in other.parts] == [0]


def test_the_facts_of_many_take_as_many_queries_as_those_of_one(nation: Nation) -> None:
    play(nation)
    with CaptureQueriesContext(connection) as one:
        dealings(RED_RIVER)
    with CaptureQueriesContext(connection) as many:
        dealings()
    assert len(many) == len(one)


def dealings(*entities: str) -> dict[str, Dealings]:
    rules = rulebook.at(REGION, on=PROCESSED.date(), year=YEAR)
    return carrying.dealings(entities or ENTITIES, rules, now=PROCESSED)


def test_the_auditor_finds_the_carry_over_in_order_and_every_altered_part_of_it(fresh_database: str) -> None:
    nation = open_nation()
    play(nation)
    nation.ask(RED_RIVER, 40_000)
    nation.decide()
    nation.ask(NORTH_POWER, 10_000)
    report = auditor.audit(journal.audit_url())
    assert report.breaks == []
    assert (report.checks["carry-over"], report.checks["carry-over asked"], report.checks["trade"]) == (1, 2, 1)
    request = "UPDATE compliance_carryoverrequest SET"
    assert owner.found_after(f"{request} sold_t = sold_t + 1") == {"carry-over asked"}
    assert owner.found_after(f"{request} holding_t = holding_t - 1") == {"carry-over asked"}
    assert owner.found_after(f"{request} limit_t = limit_t + 1") == {"trace"}
    assert owner.found_after(f"{request} quantity_t = 1") == {"carry-over asked"}
    row = "UPDATE compliance_carryover SET"
    more = f"{row} converted_t = converted_t + 1, kept_t = kept_t - 1"
    assert owner.found_after(more) == {"carry-over", "carry-over asked", "trace"}
    assert owner.found_after(f"{row} traces = '{{}}' WHERE converted_t > 0") == {"trace"}
    assert owner.found_after("DELETE FROM compliance_carryover") == {"carry-over"}
