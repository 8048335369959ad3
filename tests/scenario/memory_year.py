"""A compliance year told by core alone: an account book in memory, duties in a dictionary, no database."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tests.unit.compliance import stage as stages

from tonnebook import rulebook
from tonnebook.core import ledger, surrender
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import Account, AccountType, AssetKey, AssetKind, Hold, HoldReason, Leg, TransferType
from tonnebook.core.rules import RulesAt
from tonnebook.core.surrender import Duty, Line, Lot, SurrenderRefusal

NAMES = {"Red River Steel": stages.RED_RIVER, "North Power": stages.NORTH_POWER}


def asset_of(code: str) -> AssetKey:
    """Read the asset out of a code such as "SHEA-2026"."""
    scheme, year = code.split("-")
    if scheme == "SHCER":
        return AssetKey(code, AssetKind.CREDIT, scheme, int(year))
    return AssetKey(code, AssetKind.ALLOWANCE, scheme, int(year), "FREE")


@dataclass
class MemoryYear:
    """The words of a story, done by core."""

    book: ledger.Book = field(default_factory=ledger.Book)
    duties: dict[str, Duty] = field(default_factory=dict)
    waiting: dict[str, tuple[str, tuple[Line, ...]]] = field(default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        """Open the accounts of the story."""
        types = (AccountType.ISSUANCE, AccountType.SURRENDER)
        accounts = [Account(f"/{one}", one, region=stages.REGION) for one in types]
        accounts += [Account(name, AccountType.HOLDING, region=stages.REGION) for name in NAMES]
        self.book.accounts = {one.number: one for one in accounts}

    @property
    def rules(self) -> RulesAt:
        """The rules of the year with its plan."""
        overlay = rulebook.overlay(stages.REGION, stages.YEAR)
        day = stages.NEXT_SUMMER.date()
        return rulebook.at(stages.REGION, on=day, year=stages.YEAR, overlays=(overlay,))

    def issue(self, name: str, asset: str, quantity_t: int) -> None:
        """Give somebody units out of nothing."""
        self.book.assets.setdefault(asset, asset_of(asset))
        self.book.apply(TransferType.OPENING_ENTRY, [Leg(f"/{AccountType.ISSUANCE}", name, asset, quantity_t)])

    def transfer(self, debit: str, credit: str, asset: str, quantity_t: int) -> None:
        """Deliver units from one to another."""
        self.book.apply(TransferType.DELIVER_TRADE, [Leg(debit, credit, asset, quantity_t)])

    def determine(self, name: str, quantity_t: int) -> None:
        """Fix the emission of the year."""
        self.duties[name] = Duty(quantity_t)

    def submit(self, name: str, lines: Mapping[str, int], *, shown_t: int) -> None:
        """Submit a surrender: what it names is held."""
        duty = self.duties.get(name)
        if duty is None:
            raise Refused(SurrenderRefusal.NOT_DETERMINED, entity=name, year=stages.YEAR)
        wanted = tuple(Line(self.book.asset(code), quantity_t) for code, quantity_t in lines.items())
        lots = [
            Lot(self.book.asset(code), position.free)
            for (account, code), position in self.book.positions.items()
            if account == name
        ]
        surrender.check(duty, wanted, lots, shown_total_t=shown_t, rules=self.rules)
        self.count += 1
        for line in wanted:
            code = line.asset.code
            self.book.place(Hold(f"{self.count}/{code}", name, code, line.quantity_t, HoldReason.SURRENDER))
        self.waiting[str(self.count)] = (name, wanted)
        self._hand_in(name, wanted, 1)

    def withdraw(self) -> None:
        """Take back what was submitted last."""
        number, (name, lines) = self.waiting.popitem()
        for line in lines:
            self.book.release(f"{number}/{line.asset.code}")
        self._hand_in(name, lines, -1)

    def confirm(self) -> None:
        """Confirm everything that waits."""
        for number, (name, lines) in self.waiting.items():
            legs = [
                Leg(name, f"/{AccountType.SURRENDER}", one.asset.code, one.quantity_t, f"{number}/{one.asset.code}")
                for one in lines
            ]
            self.book.apply(TransferType.SURRENDER, legs)
        self.waiting.clear()

    def balances(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Total and held by account and asset, wherever there has been anything."""
        return {place: (one.total, one.held) for place, one in self.book.positions.items() if one.total or one.held}

    def _hand_in(self, name: str, lines: tuple[Line, ...], sign: int) -> None:
        duty = self.duties[name]
        total_t = sum(line.quantity_t for line in lines)
        credits_t = sum(line.quantity_t for line in lines if line.asset.kind is AssetKind.CREDIT)
        self.duties[name] = replace(
            duty, surrendered_t=duty.surrendered_t + sign * total_t, credits_t=duty.credits_t + sign * credits_t
        )
