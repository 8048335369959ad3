"""A region where holders may transfer to each other: two holders with units, a registrar, and the clock of Brussels."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from tests.unit.registry.desk import uscc

from tonnebook.core.ledger import AccountType, AssetKey, AssetKind, Leg, TransferType
from tonnebook.core.roles import SYSTEM, Actor, OrganisationKind, Role
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry import services as registry

# A Thursday, 11:30 in Brussels; the wait ends on Wednesday at the same time.
ASKED = datetime(2026, 5, 7, 9, 30, tzinfo=UTC)
READY = datetime(2026, 5, 13, 9, 30, tzinfo=UTC)
EARLY = READY - timedelta(microseconds=1)
EUA = AssetKey("EUA-2026", AssetKind.ALLOWANCE, "EUA", 2026)
HOLDER, BUYER, REGISTRY = (uscc(count) for count in range(21, 24))
BOTH = frozenset({Role.REPRESENTATIVE, Role.TRADER})
ANNA = Actor("P-ANNA", HOLDER, OrganisationKind.ENTITY, BOTH, "eu")
BEN = Actor("P-BEN", BUYER, OrganisationKind.ENTITY, BOTH, "eu")
KEEPER = Actor("P-KEEPER", REGISTRY, OrganisationKind.REGISTRY_BODY, frozenset({Role.REGISTRAR}), "eu")


@dataclass(frozen=True)
class Union:
    """Account numbers of the holder and of the other one."""

    holding: str
    trading: str
    other: str

    def free_t(self, account: str) -> int:
        """Tonnes that may be moved or held."""
        return sum(held.free for held in queries.holdings(account))

    def transfer(self, quantity_t: int, *, key: str = "t", now: datetime = ASKED, actor: Actor = ANNA) -> str:
        """Ask for a transfer to the other holder; its number."""
        told = registry.transfer_to_holder(
            actor, debit=self.holding, credit=self.other, asset=EUA.code, quantity_t=quantity_t, key=key, now=now
        )
        return str(told["pending"])


def open_union(quantity_t: int = 5_000_000) -> Union:
    """Register the holders and open their accounts in the current database."""
    kinds = {HOLDER: "ENTITY", BUYER: "ENTITY", REGISTRY: "REGISTRY_BODY"}
    drafts = [
        members.OrganisationDraft(code, f"单位{code[-4:]}", code, OrganisationKind(kind), "eu")
        for code, kind in kinds.items()
    ]
    members.register_organisations(SYSTEM, drafts=drafts, key="union", now=ASKED)
    owned = [(AccountType.HOLDING, HOLDER), (AccountType.TRADING, HOLDER), (AccountType.HOLDING, BUYER)]
    with transaction.atomic():
        system = registry.open_region("eu", now=ASKED)
        registry.ensure_assets([EUA], now=ASKED)
        opened = registry.open_accounts([registry.AccountDraft(type_, "eu", code) for type_, code in owned], now=ASKED)
        leg = Leg(system[AccountType.ISSUANCE], opened[0], EUA.code, quantity_t)
        registry.post([registry.TransferDraft(TransferType.ALLOCATE, (leg,), "P-KEEPER", "P-OTHER")], now=ASKED)
    return Union(*opened)
