"""The people and organisations of the demo town, one of each role, in the summer after the compliance year."""

from dataclasses import dataclass

from django.db import transaction
from django.test import Client
from tests.unit.compliance import stage as stages

from tonnebook.core.ledger import AccountType
from tonnebook.core.roles import SYSTEM, Actor, OrganisationKind, Role
from tonnebook.journal import services as journal
from tonnebook.market import services as market
from tonnebook.members import queries as members_queries
from tonnebook.members import services as members
from tonnebook.registry import services as registry

REGION, YEAR, NOW = stages.REGION, stages.YEAR, stages.NEXT_SUMMER
RED_RIVER, NORTH_POWER, BUREAU = stages.RED_RIVER, stages.NORTH_POWER, stages.BUREAU
EXCHANGE, TRUE_MEASURE, LOTUS, KEEPER = (stages.uscc(count) for count in range(11, 15))
PASSWORD = "correct horse battery"
_OTHERS = (
    (EXCHANGE, "交易所", "Exchange", OrganisationKind.EXCHANGE),
    (TRUE_MEASURE, "真量核查", "True Measure", OrganisationKind.VERIFIER),
    (LOTUS, "莲花投资", "Lotus Capital", OrganisationKind.INVESTOR),
    (KEEPER, "登记机构", "Registry Keeper", OrganisationKind.REGISTRY_BODY),
)
PEOPLE = {
    "zhou": (BUREAU, "周明", "Zhou Ming", (Role.OFFICER,)),
    "chen": (BUREAU, "陈静", "Chen Jing", (Role.OFFICER,)),
    "red": (RED_RIVER, "张红", "Zhang Hong", (Role.REPRESENTATIVE, Role.TRADER)),
    "north": (NORTH_POWER, "李北", "Li Bei", (Role.REPRESENTATIVE, Role.TRADER)),
    "true": (TRUE_MEASURE, "吴真", "Wu Zhen", (Role.VERIFIER,)),
    "lotus": (LOTUS, "何莲", "He Lian", (Role.TRADER,)),
    "bell": (EXCHANGE, "钟铃", "Zhong Ling", (Role.EXCHANGE_STAFF,)),
    "keeper": (KEEPER, "甘守", "Gan Shou", (Role.REGISTRAR,)),
    "eye": (KEEPER, "明目", "Ming Mu", (Role.AUDITOR,)),
}


@dataclass
class Town:
    """The stage and what pages need beside it."""

    stage: stages.Stage

    def browser(self, username: str = "", language: str = "en") -> Client:
        """A browser in one language, signed in as somebody or as nobody."""
        client = Client(headers={"accept-language": language})
        if username:
            assert client.post("/sign-in", {"username": username, "password": PASSWORD}).status_code == 302
        return client

    def actor(self, username: str) -> Actor:
        """The actor behind a sign-in name."""
        return members_queries.actor_named(username)


def open_town() -> Town:
    """Open the stage, register everybody, open the market, and set the clock to the summer after the year."""
    stage = stages.open_stage()
    drafts = [members.OrganisationDraft(uscc, zh, en, kind, REGION) for uscc, zh, en, kind in _OTHERS]
    members.register_organisations(SYSTEM, drafts=drafts, key=stage.key(), now=stages.SPRING)
    people = [
        members.PersonDraft(username, zh, en, uscc, roles, PASSWORD)
        for username, (uscc, zh, en, roles) in PEOPLE.items()
    ]
    members.register_people(SYSTEM, drafts=people, key=stage.key(), now=stages.SPRING)
    cash = [registry.AccountDraft(AccountType.CLIENT_CASH, REGION, code) for code in (RED_RIVER, NORTH_POWER, LOTUS)]
    with transaction.atomic():
        registry.open_accounts(cash, now=stages.SPRING)
    market.open_instruments(members_queries.actor_named("bell"), region=REGION, key=stage.key(), now=stages.SPRING)
    journal.set_clock(at=NOW)
    return Town(stage)
