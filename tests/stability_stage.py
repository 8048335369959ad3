"""The small market with a plan, a reserve and closes, for tests of market stability."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from tests.market_stage import REGION, Stage

from tonnebook import rulebook
from tonnebook.compliance import services as compliance
from tonnebook.core import periods, trace
from tonnebook.core.canonical import Json
from tonnebook.core.ledger import AccountType
from tonnebook.core.market_stability.interventions import InterventionKind
from tonnebook.core.market_stability.reserve_moves import ReserveMoveKind
from tonnebook.core.roles import Actor
from tonnebook.journal.services import Answer
from tonnebook.market.models import DayClose, Instrument
from tonnebook.members import services as members
from tonnebook.registry import queries as accounts

YEAR = 2026
ASSET = f"SHEA-{YEAR}-PAID"
SALE, BUY_BACK = InterventionKind.FIXED_PRICE_SALE, InterventionKind.BUY_BACK
RELEASE, WITHDRAWAL = ReserveMoveKind.RELEASE, ReserveMoveKind.WITHDRAWAL
FIRST_CLOSE_FEN = 10_000


class StabilityStage(Stage):
    """The cast of the market, with what an authority does to keep it stable."""

    @property
    def officer(self) -> Actor:
        """Who proposes."""
        return self.cast["Authority"]

    def approved(self, kind: str, payload: dict[str, Json]) -> str:
        """Propose as one officer, approve as another."""
        proposed = members.propose(self.officer, kind=kind, payload=payload, key=self.key(), now=self.now)
        number, digest = str(proposed["approval"]), str(proposed["digest"])
        second = replace(self.officer, person="P-999999-99")
        members.approve(second, approval=number, digest=digest, key=self.key(), now=self.now)
        return number

    def adopt(self) -> None:
        """Adopt the plan of the year."""
        overlay = rulebook.overlay(REGION, YEAR)
        approval = self.approved("compliance.adopt_plan", {"region": REGION, "year": YEAR, "overlay": overlay})
        compliance.adopt_plan(
            self.officer, region=REGION, year=YEAR, overlay=overlay, approval=approval, key=self.key(), now=self.now
        )

    def set_aside(self) -> Answer:
        """Put the reserve of the plan into its account."""
        approval = self.approved("compliance.set_aside", {"region": REGION, "year": YEAR})
        return compliance.set_aside(
            self.officer, region=REGION, year=YEAR, approval=approval, key=self.key(), now=self.now
        )

    def closes(self, change: str, *, days: int = 11) -> date:
        """Write closes of so many days, all alike but the last one; give its day, with the clock after it."""
        instrument = Instrument.objects.get(code="SHEA")
        first = periods.day_of(self.now)
        prices_fen = [FIRST_CLOSE_FEN] * (days - 1) + [FIRST_CLOSE_FEN + int(FIRST_CLOSE_FEN * float(change))]
        DayClose.objects.bulk_create(
            DayClose(
                instrument=instrument,
                day=first + timedelta(days=count),
                close_fen_per_t=price_fen,
                volume_t=0,
                turnover_fen=0,
                trades=0,
                trace=trace.to_json(trace.given(price_fen, "fen/t", zh="收盘价", en="close")),
            )
            for count, price_fen in enumerate(prices_fen)
        )
        self.at(time(16), first + timedelta(days=days - 1))
        return periods.day_of(self.now)

    def find(self, on: date) -> Answer:
        """Record the finding of a day."""
        return compliance.record_finding(self.officer, region=REGION, on=on, key=self.key(), now=self.now)

    def decide(
        self, kind: InterventionKind, quantity_t: int, *, on: date, opens_at: datetime | None = None, year: int = YEAR
    ) -> Answer:
        """Propose an intervention upon a finding, approve it as somebody else, and decide it: two hours from ten."""
        start = opens_at or periods.instant(on + timedelta(days=1), time(10))
        end = start + timedelta(hours=2)
        payload: dict[str, Json] = {"region": REGION, "on": on.isoformat(), "kind": kind.value, "year": year}
        payload |= {"quantity_t": quantity_t, "opens_at": periods.iso(start), "closes_at": periods.iso(end)}
        approval = self.approved("compliance.intervene", payload)
        return compliance.intervene(
            self.officer,
            region=REGION,
            on=on,
            kind=kind,
            year=year,
            quantity_t=quantity_t,
            opens_at=start,
            closes_at=end,
            approval=approval,
            key=self.key(),
            now=self.now,
        )

    def move(self, kind: ReserveMoveKind, quantity_t: int, *, on: date) -> str:
        """Propose a move of the reserve upon a finding, approve it as somebody else, and do it; give its number."""
        payload: dict[str, Json] = {"region": REGION, "on": on.isoformat(), "kind": kind.value, "year": YEAR}
        approval = self.approved("compliance.move_reserve", payload | {"quantity_t": quantity_t})
        answer = compliance.move_reserve(
            self.officer,
            region=REGION,
            on=on,
            kind=kind,
            year=YEAR,
            quantity_t=quantity_t,
            approval=approval,
            key=self.key(),
            now=self.now,
        )
        return str(answer["reserve_move"])

    def open_window(self, on: date) -> None:
        """Set the clock into the window of an intervention decided upon the finding of a day."""
        self.at(time(10, 30), on + timedelta(days=1))

    def close_window(self, on: date) -> None:
        """Set the clock to the end of that window."""
        self.at(time(12), on + timedelta(days=1))

    def subscribe(self, name: str, number: str, quantity_t: int) -> str:
        """Ask for allowances of a sale."""
        answer = compliance.subscribe(
            self.cast[name], intervention=number, quantity_t=quantity_t, key=self.key(), now=self.now
        )
        return str(answer["request"])

    def offer_back(self, name: str, number: str, quantity_t: int, price_fen_per_t: int, *, asset: str) -> str:
        """Offer allowances to a buy-back."""
        answer = compliance.offer_back(
            self.cast[name],
            intervention=number,
            asset=asset,
            quantity_t=quantity_t,
            price_fen_per_t=price_fen_per_t,
            key=self.key(),
            now=self.now,
        )
        return str(answer["request"])

    def settle(self, number: str) -> Answer:
        """Settle an intervention."""
        return compliance.settle_intervention(self.officer, intervention=number, key=self.key(), now=self.now)

    def reserve_t(self) -> int:
        """What the reserve account holds."""
        return sum(one.total for one in accounts.holdings(accounts.system_account(REGION, AccountType.RESERVE)))

    def has(self, name: str, type_: AccountType, asset: str) -> tuple[int, int]:
        """Total and held of an asset in somebody's account."""
        for one in accounts.holdings(self.account(name, type_)):
            if one.asset.code == asset:
                return one.total, one.held
        return 0, 0


def opened() -> StabilityStage:
    """Open the market with an adopted plan."""
    stage = StabilityStage()
    stage.open()
    stage.adopt()
    return stage
