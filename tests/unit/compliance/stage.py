"""A small region for the tests of compliance: Red River is short, North Power long, Little Mill too small."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from django.db import transaction

from tonnebook import rulebook
from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.core import identity
from tonnebook.core.allocation.annual import Batch
from tonnebook.core.canonical import Json
from tonnebook.core.ledger import AccountType, AssetKey, AssetKind, Leg, TransferType
from tonnebook.core.roles import SYSTEM, Actor, OrganisationKind, Role
from tonnebook.emissions import services as emissions
from tonnebook.journal.services import Answer
from tonnebook.members import services as members
from tonnebook.registry import queries as books
from tonnebook.registry import services as registry

REGION, YEAR = "shanghai", 2026
SPRING = datetime(2026, 4, 1, 1, tzinfo=UTC)
NEXT_SUMMER = datetime(2027, 6, 10, 1, tzinfo=UTC)
AFTER_DEADLINE = datetime(2027, 7, 1, 1, tzinfo=UTC)


def uscc(count: int) -> str:
    """A code with its check sign."""
    body = f"91310000MA1FL{count:04d}"
    return body + identity.uscc_check_sign(body)


RED_RIVER, NORTH_POWER, LITTLE_MILL, BUREAU = (uscc(count) for count in range(1, 5))
SECTORS = {RED_RIVER: "industry", NORTH_POWER: "building", LITTLE_MILL: "industry"}
HISTORY_T = {RED_RIVER: 100_000, NORTH_POWER: 50_000, LITTLE_MILL: 12_000}


def _actor(person: str, organisation: str, kind: OrganisationKind, role: Role) -> Actor:
    return Actor(person, organisation, kind, frozenset({role}), REGION)


STEELWORKER = _actor("P-1", RED_RIVER, OrganisationKind.ENTITY, Role.REPRESENTATIVE)
STRANGER = _actor("P-2", NORTH_POWER, OrganisationKind.ENTITY, Role.REPRESENTATIVE)
ZHOU = _actor("P-5", BUREAU, OrganisationKind.AUTHORITY, Role.OFFICER)
CHEN = _actor("P-6", BUREAU, OrganisationKind.AUTHORITY, Role.OFFICER)
CREDIT = AssetKey("SHCER-2025", AssetKind.CREDIT, "SHCER", 2025)
OWN = AssetKey("SHEA-2026-OWN", AssetKind.ALLOWANCE, "SHEA", 2026, "PAID", "OWN_SURRENDER")


@dataclass
class Stage:
    """Steps of the year with sensible arguments, each under a key of its own."""

    accounts: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def key(self) -> str:
        """A new idempotency key."""
        self.count += 1
        return f"key-{self.count:08d}"

    def approved(self, kind: str, payload: dict[str, Json], *, now: datetime = SPRING) -> str:
        """Propose by Zhou, approve by Chen."""
        proposed = members.propose(ZHOU, kind=kind, payload=payload, key=self.key(), now=now)
        number, digest = str(proposed["approval"]), str(proposed["digest"])
        members.approve(CHEN, approval=number, digest=digest, key=self.key(), now=now)
        return number

    def cover(self, year: int = YEAR) -> Answer:
        """Decide the coverage list."""
        payload: dict[str, Json] = {"region": REGION, "year": year}
        payload["digest"] = digest = queries.draft_list(REGION, year, SPRING.date()).digest
        approval = self.approved("compliance.cover", payload)
        return compliance.cover(
            ZHOU, region=REGION, year=year, digest=digest, approval=approval, key=self.key(), now=SPRING
        )

    def adopt(self, overlay: str | None = None, *, year: int = YEAR) -> Answer:
        """Adopt the plan."""
        text = rulebook.overlay(REGION, YEAR) if overlay is None else overlay
        payload: dict[str, Json] = {"region": REGION, "year": year, "overlay": text}
        approval = self.approved("compliance.adopt_plan", payload)
        return compliance.adopt_plan(
            ZHOU, region=REGION, year=year, overlay=text, approval=approval, key=self.key(), now=SPRING
        )

    def compute(self, batch: Batch = Batch.FIRST, *, now: datetime = SPRING) -> Answer:
        """Compute a batch."""
        return compliance.compute_allocation(ZHOU, region=REGION, year=YEAR, batch=batch, key=self.key(), now=now)

    def issue(self, batch: Batch = Batch.FIRST, *, now: datetime = SPRING) -> Answer:
        """Issue a computed batch."""
        payload: dict[str, Json] = {"region": REGION, "year": YEAR, "batch": batch.value}
        approval = self.approved("compliance.issue_batch", payload, now=now)
        return compliance.issue_batch(
            ZHOU, region=REGION, year=YEAR, batch=batch, approval=approval, key=self.key(), now=now
        )

    def first_batch(self) -> Answer:
        """Everything up to the issued first batch."""
        self.cover()
        self.adopt()
        self.compute()
        return self.issue()

    def determine(self, *, red_t: int = 110_000, north_t: int = 40_000, goods: int = 1000) -> None:
        """Fix the emission and the output of the year."""
        self.history({YEAR: {RED_RIVER: red_t, NORTH_POWER: north_t}}, goods=goods)

    def history(self, years: dict[int, dict[str, int]], *, goods: int = 1000) -> None:
        """Take over determined figures by year and entity."""
        rows = [
            emissions.HistoryRow(entity, year, tonnes, tonnes, {"goods": Decimal(goods)})
            for year, figures in years.items()
            for entity, tonnes in figures.items()
        ]
        emissions.import_history(ZHOU, region=REGION, rows=rows, key=self.key(), now=SPRING)

    def give(self, entity: str, asset: AssetKey, quantity_t: int) -> None:
        """Open with units that came from elsewhere."""
        issuance = books.system_account(REGION, AccountType.ISSUANCE)
        self._post(
            TransferType.OPENING_ENTRY, Leg(issuance, self.accounts[entity], asset.code, quantity_t), asset=asset
        )

    def keep_in_trading(self, entity: str, quantity_t: int) -> None:
        """An entity opens a trading account and moves some of this year's allowances there."""
        with transaction.atomic():
            (trading,) = registry.open_accounts(
                [registry.AccountDraft(AccountType.TRADING, REGION, entity)], now=SPRING
            )
            leg = Leg(self.accounts[entity], trading, "SHEA-2026", quantity_t)
            registry.post(
                [registry.TransferDraft(TransferType.MOVE_TO_TRADING, (leg,), STEELWORKER.person)], now=SPRING
            )

    def offer(self, quantity_t: int) -> None:
        """The market issues allowances of the year into the auction account."""
        source, auction = (books.system_account(REGION, type_) for type_ in (AccountType.ISSUANCE, AccountType.AUCTION))
        self._post(TransferType.ISSUE_TO_AUCTION, Leg(source, auction, OWN.code, quantity_t), asset=OWN)

    def take_back_unsold(self, quantity_t: int) -> None:
        """The market cancels what nobody bought."""
        auction, end = (
            books.system_account(REGION, type_) for type_ in (AccountType.AUCTION, AccountType.CANCELLATION)
        )
        self._post(TransferType.RETURN_UNSOLD, Leg(auction, end, OWN.code, quantity_t), asset=OWN)

    def _post(self, type_: TransferType, leg: Leg, *, asset: AssetKey) -> None:
        with transaction.atomic():
            registry.ensure_assets([asset], now=SPRING)
            registry.post([registry.TransferDraft(type_, (leg,), ZHOU.person, CHEN.person)], now=SPRING)

    def sell(self, quantity_t: int) -> None:
        """Red River sells this year's allowances to North Power."""
        leg = Leg(self.accounts[RED_RIVER], self.accounts[NORTH_POWER], "SHEA-2026", quantity_t)
        with transaction.atomic():
            registry.post([registry.TransferDraft(TransferType.DELIVER_TRADE, (leg,), SYSTEM.person)], now=SPRING)

    def submit(
        self, lines: dict[str, int], *, entity: str = RED_RIVER, actor: Actor = STEELWORKER, shown_t: int | None = None
    ) -> str:
        """Submit a surrender; returns its number."""
        answer = compliance.submit_surrender(
            actor,
            entity=entity,
            year=YEAR,
            lines=[compliance.SurrenderLine(asset, quantity_t) for asset, quantity_t in lines.items()],
            shown_total_t=sum(lines.values()) if shown_t is None else shown_t,
            key=self.key(),
            now=NEXT_SUMMER,
        )
        return str(answer["surrender"])

    def confirm(self, *numbers: str, actor: Actor = ZHOU) -> Answer:
        """Confirm surrenders."""
        return compliance.confirm_surrenders(
            actor, region=REGION, year=YEAR, surrenders=numbers, key=self.key(), now=NEXT_SUMMER
        )

    def settle(self) -> Answer:
        """Settle the year."""
        return compliance.settle_status(ZHOU, region=REGION, year=YEAR, key=self.key(), now=AFTER_DEADLINE)

    def carry_over(self) -> Answer:
        """Carry over."""
        approval = self.approved("compliance.carry_over", {"region": REGION, "year": YEAR}, now=NEXT_SUMMER)
        return compliance.carry_over(ZHOU, region=REGION, year=YEAR, approval=approval, key=self.key(), now=NEXT_SUMMER)

    def held(self, entity: str) -> dict[str, int]:
        """What an entity has in all, by asset."""
        return {one.asset.code: one.total for one in books.holdings(self.accounts[entity])}


def open_stage() -> Stage:
    """Register the people and entities, open their accounts, take over three years of history."""
    stage = Stage()
    entity, authority = OrganisationKind.ENTITY, OrganisationKind.AUTHORITY
    drafts = [
        members.OrganisationDraft(code, f"单位{code[-3:]}", f"Entity {code[-3:]}", entity, REGION, sector=sector)
        for code, sector in SECTORS.items()
    ]
    drafts.append(members.OrganisationDraft(BUREAU, "生态环境局", "Bureau", authority, REGION))
    members.register_organisations(SYSTEM, drafts=drafts, key=stage.key(), now=SPRING)
    with transaction.atomic():
        registry.open_region(REGION, now=SPRING)
        numbers = registry.open_accounts(
            [registry.AccountDraft(AccountType.HOLDING, REGION, code) for code in SECTORS], now=SPRING
        )
    stage.accounts = dict(zip(SECTORS, numbers, strict=True))
    stage.history({year: HISTORY_T for year in (2023, 2024, 2025)})
    return stage
