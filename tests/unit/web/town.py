"""The people and organisations of the demo town, one of each role, in the summer after the compliance year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from django.db import transaction
from django.test import Client
from tests.unit.compliance import stage as stages
from tests.unit.members import cast

from tonnebook.core.ledger import AccountType
from tonnebook.core.mrv import LineKind, SourceLine
from tonnebook.core.reporting import Verdict
from tonnebook.core.roles import SYSTEM, Actor, OrganisationKind, Role
from tonnebook.core.verification import Duty
from tonnebook.emissions import services as emissions
from tonnebook.journal import services as journal
from tonnebook.market import services as market
from tonnebook.members import queries as members_queries
from tonnebook.members import services as members
from tonnebook.registry import services as registry

REGION, YEAR, NOW = stages.REGION, stages.YEAR, stages.NEXT_SUMMER
RED_RIVER, NORTH_POWER, BUREAU = stages.RED_RIVER, stages.NORTH_POWER, stages.BUREAU
EXCHANGE, TRUE_MEASURE, LOTUS, KEEPER = (stages.uscc(count) for count in range(11, 15))
DISTRICT, FINANCE, BANK, INCLUSION, REVIEWER, LABORATORY, WRITER, INDUSTRY = map(stages.uscc, range(15, 23))
PASSWORD = "correct horse battery"
_OTHERS = (
    (EXCHANGE, "交易所", "Exchange", OrganisationKind.EXCHANGE),
    (TRUE_MEASURE, "真量核查", "True Measure", OrganisationKind.VERIFIER),
    (LOTUS, "莲花投资", "Lotus Capital", OrganisationKind.INVESTOR),
    (KEEPER, "登记机构", "Registry Keeper", OrganisationKind.REGISTRY_BODY),
    (DISTRICT, "区局", "District Bureau", OrganisationKind.DISTRICT_AUTHORITY),
    (FINANCE, "财政局", "Finance Bureau", OrganisationKind.FINANCE_BUREAU),
    (BANK, "结算银行", "Settlement Bank", OrganisationKind.SETTLEMENT_BANK),
    (INCLUSION, "碳普惠中心", "Inclusion Centre", OrganisationKind.INCLUSION_CENTRE),
    (REVIEWER, "技术审核中心", "Review Centre", OrganisationKind.TECHNICAL_REVIEWER),
    (LABORATORY, "检测实验室", "Clear Assay", OrganisationKind.LABORATORY),
    (WRITER, "妙笔咨询", "Fine Pen", OrganisationKind.REPORT_WRITER),
    (INDUSTRY, "工业主管部门", "Department of Industry", OrganisationKind.SECTOR_DEPARTMENT),
)
PEOPLE = {
    "zhou": (BUREAU, "周明", "Zhou Ming", (Role.OFFICER,)),
    "chen": (BUREAU, "陈静", "Chen Jing", (Role.OFFICER,)),
    "red": (RED_RIVER, "张红", "Zhang Hong", (Role.REPRESENTATIVE, Role.TRADER)),
    "north": (NORTH_POWER, "李北", "Li Bei", (Role.REPRESENTATIVE, Role.TRADER)),
    "true": (TRUE_MEASURE, "吴真", "Wu Zhen", (Role.VERIFIER,)),
    "beam": (TRUE_MEASURE, "郑衡", "Zheng Heng", (Role.VERIFIER,)),
    "proof": (TRUE_MEASURE, "沈核", "Shen He", (Role.VERIFIER,)),
    "stamp": (TRUE_MEASURE, "印章", "Yin Zhang", (Role.VERIFIER,)),
    "lotus": (LOTUS, "何莲", "He Lian", (Role.TRADER,)),
    "bell": (EXCHANGE, "钟铃", "Zhong Ling", (Role.EXCHANGE_STAFF,)),
    "keeper": (KEEPER, "甘守", "Gan Shou", (Role.REGISTRAR,)),
    "eye": (KEEPER, "明目", "Ming Mu", (Role.AUDITOR,)),
    "borough": (DISTRICT, "区明", "Qu Ming", (Role.DISTRICT_OFFICER,)),
    "purse": (FINANCE, "钱仓", "Qian Cang", (Role.FINANCE_OFFICER,)),
    "bank": (BANK, "金库", "Jin Ku", (Role.BANK_CLERK,)),
    "rider": (INCLUSION, "惠众", "Hui Zhong", (Role.INCLUSION_STAFF,)),
    "second": (REVIEWER, "复文", "Fu Wen", (Role.REVIEWER,)),
    "flask": (LABORATORY, "化清", "Hua Qing", (Role.ANALYST,)),
    "pen": (WRITER, "毛颖", "Mao Ying", (Role.REPORT_WRITER,)),
    "maker": (INDUSTRY, "工言", "Gong Yan", (Role.SECTOR_OFFICER,)),
}
# Leader, member, technical reviewer and signatory of True Measure.
_VERIFYING = ("true", "beam", "proof", "stamp")


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

    def reported(self) -> str:
        """Have Red River submit the report of the year; the number of the report."""
        red, at = self.actor("red"), datetime(YEAR, 1, 5, 1, tzinfo=UTC)
        place = emissions.FacilityDraft("RR-1", RED_RIVER, "设施", "Facility", "industry", date(YEAR, 1, 1))
        emissions.register_facilities(red, drafts=[place], key=self.stage.key(), now=at)
        emissions.submit_data_quality_plan(
            red, entity=RED_RIVER, year=YEAR, sections={"boundary": "Furnace"}, key=self.stage.key(), now=at
        )
        zhou = self.actor("zhou")
        emissions.approve_data_quality_plans(
            zhou, region=REGION, year=YEAR, entities=[RED_RIVER], key=self.stage.key(), now=at
        )
        gas = SourceLine(LineKind.COMBUSTION, "natural_gas", Decimal(120), "10^4Nm3")
        lines = [emissions.ReportLine("RR-1", gas)]
        answer = emissions.submit_report(
            red, entity=RED_RIVER, year=YEAR, lines=lines, outputs=[], key=self.stage.key(), now=NOW
        )
        return str(answer["report"])

    def plan_verification(self, report: str) -> None:
        """Have True Measure plan the verification of a report with its four people."""
        leader, member, reviewer, signatory = (self.actor(name).person for name in _VERIFYING)
        plan = emissions.PlanDraft(report, leader, reviewer, signatory, (member,))
        emissions.plan_verifications(self.actor("true"), plans=[plan], key=self.stage.key(), now=NOW)

    def verified(self, report: str, total_t: int) -> None:
        """Have True Measure verify a report that is assigned to it: plan, conclusion, three signatures."""
        self.plan_verification(report)
        draft = emissions.ConclusionDraft(report, Verdict.VERIFIED_AS_SATISFACTORY, total_t)
        done = emissions.conclude(self.actor("true"), conclusions=[draft], key=self.stage.key(), now=NOW)
        digests = done["digests"]
        assert isinstance(digests, dict)
        told = {number: str(digest) for number, digest in digests.items()}
        for name, duty in (("proof", Duty.TECHNICAL_REVIEWER), ("stamp", Duty.SIGNATORY)):
            key = self.stage.key()
            emissions.sign_conclusions(self.actor(name), duty=duty, digests=told, key=key, now=NOW)

    def admit(self, username: str, people: Mapping[str, Sequence[Duty]] | None = None) -> None:
        """Have somebody's firm apply for the register, and Zhou and Chen admit it."""
        applicant, zhou, chen = self.actor(username), self.actor("zhou"), self.actor("chen")
        applied = emissions.apply_for_register(
            applicant,
            certificate="C-1",
            scope=sorted({*stages.SECTORS.values(), "industry"}),
            from_on=date(2020, 1, 1),
            until_on=date(2039, 12, 31),
            people=people or {},
            key=self.stage.key(),
            now=stages.SPRING,
        )
        payload = {"region": REGION, "body": applicant.organisation, "digest": applied["digest"]}
        kind, key = "emissions.admit_body", self.stage.key
        proposed = members.propose(zhou, kind=kind, payload=payload, key=key(), now=stages.SPRING)
        number, digest = str(proposed["approval"]), str(proposed["digest"])
        members.approve(chen, approval=number, digest=digest, key=key(), now=stages.SPRING)
        emissions.admit_body(
            zhou,
            region=REGION,
            body=applicant.organisation,
            digest=str(applied["digest"]),
            approval=number,
            key=key(),
            now=stages.SPRING,
        )

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
    sectors = sorted(set(stages.SECTORS.values()))
    officer, keeper = (members_queries.actor_named(username) for username in ("zhou", "keeper"))
    cast.remit_set(officer, keeper, INDUSTRY, *sectors, now=stages.SPRING)
    cash = [registry.AccountDraft(AccountType.CLIENT_CASH, REGION, code) for code in (RED_RIVER, NORTH_POWER, LOTUS)]
    with transaction.atomic():
        registry.open_accounts(cash, now=stages.SPRING)
    market.open_instruments(members_queries.actor_named("bell"), region=REGION, key=stage.key(), now=stages.SPRING)
    town = Town(stage)
    duties = ([Duty.LEADER, Duty.MEMBER], [Duty.MEMBER], [Duty.TECHNICAL_REVIEWER], [Duty.SIGNATORY])
    town.admit("true", {town.actor(name).person: some for name, some in zip(_VERIFYING, duties, strict=True)})
    town.admit("pen")
    journal.set_clock(at=NOW)
    return town
