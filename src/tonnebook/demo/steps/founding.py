"""Found the region and open the year: bodies, companies, accounts, instruments, facilities, the years before."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from tonnebook.core import clients, mrv, periods
from tonnebook.core.bodies import BodyState
from tonnebook.core.ledger import AccountType
from tonnebook.core.roles import SYSTEM
from tonnebook.core.verification import Duty
from tonnebook.demo import cast
from tonnebook.demo.population import CAST_COMPANIES, Company
from tonnebook.demo.steps import banking
from tonnebook.demo.steps.reporting import VERIFIERS
from tonnebook.demo.world import World
from tonnebook.emissions import queries as known
from tonnebook.emissions import services as emissions
from tonnebook.emissions.services import FacilityDraft, HistoryRow
from tonnebook.market import services as market
from tonnebook.members import services as members
from tonnebook.registry import services as registry
from tonnebook.registry.services import AccountDraft

_INVESTORS = ("investor1", "investor2")
_CLIENTS = 2
_PARAMETERS = ("carbon_content", "net_calorific_value")


def found(world: World, now: datetime) -> None:
    """Register bodies and companies, open their accounts and list the instruments; a second time changes nothing."""
    for name, drafts in (
        ("bodies", cast.body_drafts(world.region)),
        ("companies", cast.company_drafts(world.region, _everybody(world))),
    ):
        key = f"demo-{world.region}-found-{name}"
        members.register_organisations(SYSTEM, drafts=drafts[0], key=f"{key}-organisations", now=now)
        members.register_people(SYSTEM, drafts=drafts[1], key=f"{key}-people", now=now)
    key = f"demo-{world.region}-found"
    registrar = world.actor("registrar")
    accounts = list(_accounts(world))
    registry.open_books(registrar, region=world.region, drafts=accounts, key=f"{key}-accounts", now=now)
    places = [_facility(company) for company in world.companies]
    emissions.register_facilities(registrar, drafts=places, key=f"{key}-facilities", now=now)
    market.open_instruments(world.actor("exchange"), region=world.region, key=f"{key}-instruments", now=now)
    admit_bodies(world, now)
    banking.open_bank(world, now)
    _take_clients(world, now)


def admit_bodies(world: World, now: datetime) -> None:
    """Have verification bodies, laboratory and report writer apply for the register, and two officers admit them."""
    sectors = sorted({company.sector.code for company in _everybody(world)})
    days = {"from_on": date(2020, 1, 1), "until_on": date(2035, 12, 31)}
    duties = ({Duty.LEADER, Duty.MEMBER}, {Duty.MEMBER}, {Duty.TECHNICAL_REVIEWER}, {Duty.SIGNATORY})
    for code in (*VERIFIERS, "laboratory", "writer"):
        is_verifier = code in VERIFIERS
        names = [f"{cast.verifier_name(code)}{ending}" for ending in ("", "-member", "-review", "-sign")]
        people = [world.actor(name) for name in names] if is_verifier else []
        applicant = people[0] if is_verifier else world.actor(code)
        asked = emissions.apply_for_register(
            applicant,
            certificate=f"DEMO-{code.upper()}",
            scope=_PARAMETERS if code == "laboratory" else sectors,
            people={one.person: sorted(some) for one, some in zip(people, duties, strict=False)},
            **days,
            key=f"demo-{world.region}-register-{code}",
            now=now,
        )
        payload = {"region": world.region, "body": world.body(code), "digest": str(asked["digest"])}
        if known.body(world.body(code)).state is BodyState.APPLIED:
            world.two_people("emissions.admit_body", payload, now=now)


def bring_history(world: World, now: datetime) -> None:
    """Bring the figures that are determined when the coverage list is made: those of two and three years before."""
    _bring(world, (world.year - 3, world.year - 2), now)


def bring_last_year(world: World, now: datetime) -> None:
    """Bring last year's figures on the day they are determined, where this system did not determine them itself."""
    _bring(world, (world.year - 1,), now)


def _bring(world: World, years: tuple[int, ...], now: datetime) -> None:
    missing = [year for year in years if not known.determined(world.region, year)]
    rows = [_past(world, company, year) for year in missing for company in _everybody(world)]
    if rows:
        registrar, key = world.actor("registrar"), world.key("history", *missing)
        emissions.import_history(registrar, region=world.region, rows=rows, key=key, now=now)


# An investor trades for two companies that are not of the cast, where the rules know members that do so.
def _take_clients(world: World, now: datetime) -> None:
    if not clients.has_comprehensive_members(world.rules(periods.day_of(now))):
        return
    member, cast_names = world.actor(_INVESTORS[0]), {en for _, en, _ in CAST_COMPANIES.values()}
    for company in [one for one in world.companies if one.en not in cast_names][:_CLIENTS]:
        key = f"demo-{world.region}-client-{company.uscc}"
        market.ask_client(member, client=company.uscc, key=f"{key}-ask", now=now)
        market.agree_client(world.company_actor(company), member=member.organisation, key=f"{key}-agree", now=now)


def _everybody(world: World) -> tuple[Company, ...]:
    return world.companies + world.population.small


def _accounts(world: World) -> Iterator[AccountDraft]:
    for company in world.companies:
        yield AccountDraft(AccountType.HOLDING, world.region, company.uscc)
        yield AccountDraft(AccountType.CLIENT_CASH, world.region, company.uscc)
    for code in _INVESTORS:
        yield AccountDraft(AccountType.HOLDING, world.region, world.body(code))
        yield AccountDraft(AccountType.CLIENT_CASH, world.region, world.body(code))
    # One investor keeps what it trades with apart from what it only keeps.
    yield AccountDraft(AccountType.TRADING, world.region, world.body("investor1"))
    yield AccountDraft(AccountType.PROJECT, world.region, world.body("project"))
    yield AccountDraft(AccountType.CLIENT_CASH, world.region, world.body("project"))


def _facility(company: Company) -> FacilityDraft:
    zh, en = f"{company.zh}主厂区", f"{company.en} main site"
    return FacilityDraft(company.facility, company.uscc, zh, en, company.sector.code, date(2015, 1, 1))


def _past(world: World, company: Company, year: int) -> HistoryRow:
    # The rules of the year played turn fuel into tonnes: factors are applied backwards to history used for allocation,
    # as they stand at the end of the year, because some come into force in the middle of it.
    rules = world.rules(date(world.year, 12, 31))
    result = mrv.emissions(world.population.source_lines(company, year, rules), rules)
    outputs: dict[str, Decimal] = {company.sector.product: world.population.figures(company, year).output}
    return HistoryRow(company.uscc, year, result.total.whole, result.direct.whole, outputs)
