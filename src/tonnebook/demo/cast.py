"""The people and bodies everybody meets in the demo: officers, exchange staff, verifiers, investors, project owners.

Red River Steel is short of allowances, North Power is long, True Measure verifies, officers Zhou and Chen sign
together. Sign-in names of the second region carry its ending ("zhou-tianjin"): both regions live in one demo database.
"""

from dataclasses import dataclass

from tonnebook.core.roles import OrganisationKind, Role
from tonnebook.demo.population import DISTRICTS, Company, company_code
from tonnebook.members.services import OrganisationDraft, PersonDraft

# Printed by `up`. `year.play_together` refuses a database that is not marked demo, so nobody real can have it.
PASSWORD = "demo"  # noqa: S105
HOME_REGION = "shanghai"
_BODY_NUMBERS = 90_000


@dataclass(frozen=True, slots=True)
class Body:
    """An organisation of the cast and its people.

    Attributes:
        code: short word the steps call it by.
        kind: what it is in the market.
        zh: name in Chinese; `{city}` and `{district}` are filled in.
        en: the same in English.
        people: sign-in name, Chinese name, English name and roles of each.
    """

    code: str
    kind: OrganisationKind
    zh: str
    en: str
    people: tuple[tuple[str, str, str, tuple[Role, ...]], ...]


_TRADES = (Role.REPRESENTATIVE, Role.TRADER)
# Four people of every verification body: endings of their sign-in names, and what they are.
_VERIFYING = (
    ("", "核查组长", "Verifier"),
    ("-member", "核查员", "Team Member"),
    ("-review", "技术复核人", "Technical Reviewer"),
    ("-sign", "签发人", "Signatory"),
)


def verifier_name(code: str) -> str:
    """Give the sign-in name of the leading verifier of a body of the cast."""
    return "truemeasure" if code == "verifier1" else code


BODIES = (
    Body(
        "authority",
        OrganisationKind.AUTHORITY,
        "{city}生态环境局（模拟）",
        "{city} Ecology and Environment Bureau (demo)",
        (
            ("zhou", "周处长", "Officer Zhou", (Role.OFFICER,)),
            ("chen", "陈处长", "Officer Chen", (Role.OFFICER,)),
            ("auditor", "审计员", "Auditor", (Role.AUDITOR,)),
        ),
    ),
    Body(
        "registry",
        OrganisationKind.REGISTRY_BODY,
        "{city}碳配额登记中心（模拟）",
        "{city} Allowance Registry (demo)",
        (
            ("registrar", "登记员", "Registrar", (Role.REGISTRAR,)),
            ("registrar2", "复核员", "Second Registrar", (Role.REGISTRAR,)),
        ),
    ),
    Body(
        "exchange",
        OrganisationKind.EXCHANGE,
        "{city}环境能源交易所（模拟）",
        "{city} Environment Exchange (demo)",
        (
            ("exchange", "交易所值班", "Exchange Desk", (Role.EXCHANGE_STAFF,)),
            ("exchange2", "交易所复核", "Exchange Second Desk", (Role.EXCHANGE_STAFF,)),
        ),
    ),
    *(
        Body(
            f"verifier{number}",
            OrganisationKind.VERIFIER,
            zh,
            en,
            tuple(
                (f"{verifier_name(f'verifier{number}')}{ending}", zh_duty, f"{en_duty} of {en}", (Role.VERIFIER,))
                for ending, zh_duty, en_duty in _VERIFYING
            ),
        )
        for number, (zh, en) in enumerate(
            (
                ("真量核查有限公司（模拟）", "True Measure (demo)"),
                ("明衡核查有限公司（模拟）", "Clear Balance (demo)"),
                ("正源核查有限公司（模拟）", "Right Source (demo)"),
                ("信度核查有限公司（模拟）", "Sure Degree (demo)"),
            ),
            start=1,
        )
    ),
    *(
        Body(
            f"investor{number}",
            OrganisationKind.INVESTOR,
            zh,
            en,
            ((f"investor{number}", "交易员", f"Trader of {en}", _TRADES),),
        )
        for number, (zh, en) in enumerate(
            (("东海碳资产（模拟）", "East Sea Carbon (demo)"), ("长风投资（模拟）", "Long Wind (demo)")), start=1
        )
    ),
    Body(
        "project",
        OrganisationKind.PROJECT_OWNER,
        "绿行减排项目公司（模拟）",
        "Green Walk Projects (demo)",
        (("project", "项目经理", "Project Manager", _TRADES),),
    ),
    *(
        Body(code, kind, zh, en, ((code, zh_person, en_person, (role,)),))
        for code, kind, zh, en, zh_person, en_person, role in (
            ("district", OrganisationKind.DISTRICT_AUTHORITY, "{district}生态环境局（模拟）",
             "District Ecology and Environment Bureau (demo)", "区局科员", "District Officer", Role.DISTRICT_OFFICER),
            ("finance", OrganisationKind.FINANCE_BUREAU, "{city}财政局（模拟）",
             "{city} Finance Bureau (demo)", "财政科员", "Finance Officer", Role.FINANCE_OFFICER),
            ("bank", OrganisationKind.SETTLEMENT_BANK, "{city}结算银行（模拟）",
             "{city} Settlement Bank (demo)", "结算经办", "Bank Clerk", Role.BANK_CLERK),
            ("inclusion", OrganisationKind.INCLUSION_CENTRE, "{city}碳普惠中心（模拟）",
             "{city} Carbon Inclusion Centre (demo)", "普惠专员", "Inclusion Clerk", Role.INCLUSION_STAFF),
            ("reviewer", OrganisationKind.TECHNICAL_REVIEWER, "{city}技术审核中心（模拟）",
             "{city} Technical Review Centre (demo)", "技术审核员", "Technical Reviewer", Role.REVIEWER),
            ("laboratory", OrganisationKind.LABORATORY, "明析检测实验室（模拟）",
             "Clear Assay Laboratory (demo)", "检测员", "Laboratory Analyst", Role.ANALYST),
            ("writer", OrganisationKind.REPORT_WRITER, "妙笔碳咨询（模拟）",
             "Fine Pen Carbon Advisers (demo)", "咨询师", "Report Writer", Role.REPORT_WRITER),
            ("industry", OrganisationKind.SECTOR_DEPARTMENT, "{city}工业主管部门（模拟）",
             "{city} Department of Industry (demo)", "产业处科员", "Industry Officer", Role.SECTOR_OFFICER),
            ("transport", OrganisationKind.SECTOR_DEPARTMENT, "{city}交通主管部门（模拟）",
             "{city} Department of Transport (demo)", "交通处科员", "Transport Officer", Role.SECTOR_OFFICER),
            ("building", OrganisationKind.SECTOR_DEPARTMENT, "{city}住房城乡建设主管部门（模拟）",
             "{city} Department of Housing (demo)", "建设处科员", "Housing Officer", Role.SECTOR_OFFICER),
        )
    ),
)  # fmt: skip

# Which sectors of a region each department looks after; every sector of the demo has one.
REMITS = {
    "shanghai": {
        "industry": ("petrochemical", "energy_intensive", "industry", "hazardous_waste", "data_centre"),
        "transport": ("air_carrier", "shipping", "station", "road_freight"),
        "building": ("building",),
    },
    "tianjin": {
        "industry": (
            "chemical",
            "petrochemical",
            "oil_gas",
            "paper",
            "machinery",
            "electronics",
            "food_drink",
            "pharma",
        ),
        "transport": ("aviation",),
        "building": ("building_materials", "heat_power"),
    },
}

CITIES = {"shanghai": ("上海市", "Shanghai"), "tianjin": ("天津市", "Tianjin")}
# The companies of the cast answer to a name of their own; every other company signs in with its credit code.
COMPANY_NAMES = {"Red River Steel (demo)": "redriver", "North Power (demo)": "northpower"}


def username(region: str, name: str) -> str:
    """Give the sign-in name of somebody of the cast in a region."""
    return name if region == HOME_REGION else f"{name}-{region}"


def body_code(region: str, code: str) -> str:
    """Give the credit code of a body of the cast."""
    return company_code(region, _BODY_NUMBERS + [body.code for body in BODIES].index(code))


def company_username(region: str, company: Company) -> str:
    """Give the sign-in name of a company's representative."""
    return username(region, COMPANY_NAMES[company.en]) if company.en in COMPANY_NAMES else company.uscc.lower()


def body_drafts(region: str) -> tuple[list[OrganisationDraft], list[PersonDraft]]:
    """Give the cast's organisations and people of a region, ready to be registered."""
    city_zh, city_en = CITIES[region]
    organisations, people = [], []
    for body in BODIES:
        uscc = body_code(region, body.code)
        zh, en = body.zh.format(city=city_zh, district=DISTRICTS[region][0]), body.en.format(city=city_en)
        organisations.append(OrganisationDraft(uscc, zh, en, body.kind, region, DISTRICTS[region][0]))
        people += [
            PersonDraft(username(region, name), zh_name, en_name, uscc, roles, PASSWORD)
            for name, zh_name, en_name, roles in body.people
        ]
    return organisations, people


def company_drafts(region: str, companies: tuple[Company, ...]) -> tuple[list[OrganisationDraft], list[PersonDraft]]:
    """Give the population's organisations and one representative each, ready to be registered."""
    kind = OrganisationKind.ENTITY
    organisations = [
        OrganisationDraft(one.uscc, one.zh, one.en, kind, region, one.district, one.sector.code) for one in companies
    ]
    people = [
        PersonDraft(company_username(region, one), "碳管理员", "Carbon Manager", one.uscc, _TRADES, PASSWORD)
        for one in companies
    ]
    return organisations, people
