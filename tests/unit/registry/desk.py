"""A registry to test on: one region, two companies with holdings and cash, an authority and an exchange."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction

from tonnebook.core import identity
from tonnebook.core.ledger import AccountType, AssetKey, AssetKind, HoldReason, Leg, TransferType
from tonnebook.core.roles import SYSTEM, Actor, OrganisationKind, Role
from tonnebook.members import services as members
from tonnebook.registry import services as registry

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
ASSETS = (
    AssetKey("SHEA-2026", AssetKind.ALLOWANCE, "SHEA", 2026, "FREE"),
    AssetKey("SHEA-2026-OWN", AssetKind.ALLOWANCE, "SHEA", 2026, "PAID", "OWN_SURRENDER"),
    AssetKey("SHCER-2025", AssetKind.CREDIT, "SHCER", 2025),
    AssetKey("CNY", AssetKind.CASH, "CNY"),
)


def uscc(count: int) -> str:
    body = f"91310000{count:09d}"
    return body + identity.uscc_check_sign(body)


RED, NORTH, BUREAU, EXCHANGE = (uscc(count) for count in range(1, 5))
ZHOU = Actor("P-ZHOU", BUREAU, OrganisationKind.AUTHORITY, frozenset({Role.OFFICER}), "shanghai")
CHEN = Actor("P-CHEN", BUREAU, OrganisationKind.AUTHORITY, frozenset({Role.OFFICER}), "shanghai")
CLERK = Actor("P-CLERK", EXCHANGE, OrganisationKind.EXCHANGE, frozenset({Role.EXCHANGE_STAFF}), "shanghai")
WANG = Actor("P-WANG", RED, OrganisationKind.ENTITY, frozenset({Role.REPRESENTATIVE}), "shanghai")
STRANGER = Actor("P-STRANGER", NORTH, OrganisationKind.ENTITY, frozenset({Role.REPRESENTATIVE}), "shanghai")


@dataclass(frozen=True)
class Desk:
    """Account numbers: the region's own by type, holdings and cash of Red River (short) and North Power (long)."""

    system: dict[AccountType, str]
    red: str
    red_cash: str
    north: str
    north_cash: str

    def allocate(self, account: str, quantity_t: int, asset: str = "SHEA-2026") -> registry.Posted:
        """Issue units to an account."""
        leg = Leg(self.system[AccountType.ISSUANCE], account, asset, quantity_t)
        type_ = TransferType.ALLOCATE if asset.startswith("SHEA") else TransferType.ISSUE_CREDITS
        return self.post(type_, leg)

    def pay_in(self, account: str, amount_fen: int, reference: str) -> registry.Posted:
        """Book money from the bank."""
        leg = Leg(self.system[AccountType.BANK], account, "CNY", amount_fen)
        return self.post(TransferType.CASH_IN, leg, subject=reference)

    def surrender(self, account: str, quantity_t: int, *, hold: str = "") -> registry.Posted:
        """Surrender units of 2026."""
        return self.post(TransferType.SURRENDER, self.surrender_leg(account, quantity_t, hold=hold))

    def surrender_leg(self, account: str, quantity_t: int, *, hold: str = "") -> Leg:
        """Give the leg of a surrender, to be posted with others."""
        return Leg(account, self.system[AccountType.SURRENDER], "SHEA-2026", quantity_t, hold)

    def trade(self, quantity_t: int, *, hold: str = "") -> registry.Posted:
        """Deliver units from North Power to Red River."""
        return self.post(TransferType.DELIVER_TRADE, Leg(self.north, self.red, "SHEA-2026", quantity_t, hold))

    def post(self, type_: TransferType, *legs: Leg, subject: str = "") -> registry.Posted:
        """Post one transfer in a transaction of its own."""
        draft = registry.TransferDraft(type_, legs, "P-ZHOU", "P-CHEN", subject=subject)
        with transaction.atomic():
            return registry.post([draft], now=NOW)[0]

    def hold(self, account: str, quantity: int, reason: HoldReason, asset: str = "SHEA-2026") -> str:
        """Set a quantity aside in a transaction of its own."""
        draft = registry.HoldDraft(account, asset, quantity, reason, "O-1")
        with transaction.atomic():
            return registry.place_holds([draft], now=NOW)[0]


def open_desk() -> Desk:
    """Register the cast and open their accounts in the current database."""
    kinds = {RED: "ENTITY", NORTH: "ENTITY", BUREAU: "AUTHORITY", EXCHANGE: "EXCHANGE"}
    drafts = [
        members.OrganisationDraft(code, f"单位{code[-4:]}", code, OrganisationKind(kind), "shanghai")
        for code, kind in kinds.items()
    ]
    members.register_organisations(SYSTEM, drafts=drafts, key="desk", now=NOW)
    with transaction.atomic():
        system = registry.open_region("shanghai", now=NOW)
        registry.ensure_assets(ASSETS, now=NOW)
        owned = [
            registry.AccountDraft(type_, "shanghai", code)
            for code in (RED, NORTH)
            for type_ in (AccountType.HOLDING, AccountType.CLIENT_CASH)
        ]
        return Desk(system, *registry.open_accounts(owned, now=NOW))
