"""Post an extract of the European registry through the services: all of it or nothing, and only once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from tonnebook.compliance import queries as standing
from tonnebook.compliance import services as compliance
from tonnebook.compliance.services import IssuedRow, SurrenderDraft, SurrenderLine
from tonnebook.core import opening, roles
from tonnebook.core.ledger import AccountType, Leg, TransferType
from tonnebook.core.opening import YearOfPast
from tonnebook.core.roles import SYSTEM, Act, Actor, OrganisationKind, Role
from tonnebook.emissions import services as emissions
from tonnebook.emissions.services import HistoryRow
from tonnebook.imports.eutl import BOOKED_YEARS, Extract, Installation
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.members import queries as people
from tonnebook.members import services as members
from tonnebook.members.services import OrganisationDraft, PersonDraft
from tonnebook.registry import queries as books
from tonnebook.registry import services as registry
from tonnebook.registry.services import AccountDraft, TransferDraft

REGION = "eu"
_SCHEME = "EUA"
# Told before each step: its name in Chinese and English, its place and how many there are.
Progress = Callable[[str, str, int, int], None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of a load; `answer` is what the command keeps and gives again when the same files are loaded again."""

    answer: Answer
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Desk:
    # The two people a surrender needs; neither can sign in.
    registrar: Actor
    officer: Actor
    key: str
    now: datetime


def load(extract: Extract, *, now: datetime, progress: Progress) -> Loaded:
    """Load an extract: operators, accounts and figures of all years, allocation and surrender of the booked years.

    Args:
        extract: free of problems.
        now: when.
        progress: told before each step.

    Returns:
        Tonnes issued, entered and surrendered, and how each booked year ended.

    Raises:
        Refused: what the services refuse; ORGANISATION_EXISTS when another extract has brought the same accounts.
    """
    ran = False

    @journal.command("imports.eutl")
    def run(actor: Actor, *, digest: str, key: str, now: datetime) -> Answer:
        nonlocal ran
        del digest
        ran = True
        roles.check(actor, Act.IMPORT, region=REGION)
        return _load(extract, actor, key, now, progress)

    # A refusal is not kept with the key: the same files can be loaded once its reason is gone.
    with transaction.atomic():
        answer = run(SYSTEM, digest=extract.digest, key=f"imports-eutl-{extract.digest}", now=now)
    return Loaded(answer, ran)


def booked_codes() -> dict[str, dict[int, str]]:
    """Give the codes that the books say, by account and booked year."""
    codes: dict[str, dict[int, str]] = {}
    for year in BOOKED_YEARS:
        for entity, code in standing.status_codes(REGION, year).items():
            codes.setdefault(entity.partition("-")[2], {})[year] = code
    return codes


def _load(extract: Extract, actor: Actor, key: str, now: datetime, progress: Progress) -> Answer:
    steps = 3 + len(BOOKED_YEARS)
    progress("登记运营者", "register operators", 0, steps)
    _register_bodies(actor, key, now)
    drafts = [_organisation(one) for one in extract.installations]
    members.register_organisations(actor, drafts=drafts, key=key, now=now)
    desk = _Desk(people.actor_named("eu-registrar"), people.actor_named("eu-officer"), key, now)
    progress("开立账户", "open accounts", 1, steps)
    holdings = [AccountDraft(AccountType.HOLDING, REGION, draft.uscc) for draft in drafts]
    registry.open_books(desk.registrar, region=REGION, drafts=holdings, key=key, now=now)
    progress("导入排放量", "bring verified emissions", 2, steps)
    emissions.import_history(desk.registrar, region=REGION, rows=list(_history(extract)), key=key, now=now)
    past = {
        account: opening.past_years(values.allocated_t, values.surrendered_t, BOOKED_YEARS)
        for account, values in extract.values.items()
    }
    by_year: Answer = {}
    for place, year in enumerate(BOOKED_YEARS):
        progress(f"{year} 年度发放与清缴", f"issue and surrender {year}", 3 + place, steps)
        by_year[str(year)] = _book_year(extract, desk, year, {account: rows[place] for account, rows in past.items()})
    return {"accounts": len(drafts), "accounts_with_values": len(extract.values), "years": by_year}


def _register_bodies(actor: Actor, key: str, now: datetime) -> None:
    bodies = {
        "EU-AUTHORITY": (
            "eu-officer",
            "国家主管机关",
            "Competent authorities",
            OrganisationKind.AUTHORITY,
            Role.OFFICER,
        ),
        "EU-REGISTRY": ("eu-registrar", "联盟登记簿", "Union registry", OrganisationKind.REGISTRY_BODY, Role.REGISTRAR),
    }
    missing = {code: body for code, body in bodies.items() if code not in people.organisations_named(list(bodies))}
    organisations = [OrganisationDraft(code, zh, en, kind, REGION) for code, (_, zh, en, kind, _) in missing.items()]
    members.register_organisations(actor, drafts=organisations, key=key, now=now)
    persons = [PersonDraft(name, zh, en, code, (role,)) for code, (name, zh, en, _, role) in missing.items()]
    members.register_people(actor, drafts=persons, key=key, now=now)


def _code(account: str) -> str:
    return f"EU-{account}"


def _organisation(one: Installation) -> OrganisationDraft:
    # The registry lists names in one language only; the sector is the number of its main activity.
    sector = one.activity.partition("-")[0][:40]
    kind = OrganisationKind.ENTITY
    return OrganisationDraft(_code(one.account), one.name[:200], one.name[:200], kind, REGION, one.country[:60], sector)


def _history(extract: Extract) -> Iterator[HistoryRow]:
    for account, values in extract.values.items():
        for year, verified_t in values.verified_t.items():
            yield HistoryRow(_code(account), year, verified_t, verified_t)


def _book_year(extract: Extract, desk: _Desk, year: int, past: Mapping[str, YearOfPast]) -> Answer:
    active = [_code(account) for account, values in extract.values.items() if values.is_active(year)]
    compliance.list_entities(desk.officer, region=REGION, year=year, entities=active, key=desk.key, now=desk.now)
    rows = [
        IssuedRow(_code(account), values.allocated_t[year])
        for account, values in extract.values.items()
        if year in values.allocated_t
    ]
    issued = compliance.import_allocations(
        desk.registrar,
        region=REGION,
        year=year,
        rows=rows,
        approver=desk.officer.person,
        key=desk.key,
        now=desk.now,
    )
    entered = {_code(account): one.opening_t for account, one in past.items() if one.opening_t}
    _enter(entered, desk, year)
    drafts = [SurrenderDraft(_code(account), _lines(one)) for account, one in past.items() if one.uses_t]
    submitted = compliance.submit_surrenders(
        desk.registrar, region=REGION, year=year, rows=drafts, key=desk.key, now=desk.now
    )
    numbers = submitted["surrenders"]
    assert isinstance(numbers, list)
    confirmed = compliance.confirm_surrenders(
        desk.officer, region=REGION, year=year, surrenders=list(map(str, numbers)), key=desk.key, now=desk.now
    )
    settled = compliance.settle_status(desk.officer, region=REGION, year=year, key=desk.key, now=desk.now)
    return {
        "listed": len(active),
        "issued_t": issued["issued_t"],
        "opening_entries": len(entered),
        "opening_entry_t": sum(entered.values()),
        "surrenders": confirmed["confirmed"],
        "surrendered_t": confirmed["surrendered_t"],
        "codes": settled["codes"],
    }


def _enter(entered: Mapping[str, int], desk: _Desk, year: int) -> None:
    accounts = books.accounts_of(list(entered), AccountType.HOLDING)
    issuance, subject = books.system_account(REGION, AccountType.ISSUANCE), f"{REGION}-{year}-OPENING"
    both = (desk.registrar.person, desk.officer.person)
    drafts = [
        TransferDraft(
            TransferType.OPENING_ENTRY, (Leg(issuance, accounts[code], _asset(year), opening_t),), *both, subject
        )
        for code, opening_t in entered.items()
    ]
    registry.post(drafts, now=desk.now)


def _asset(year: int) -> str:
    return f"{_SCHEME}-{year}"


def _lines(one: YearOfPast) -> tuple[SurrenderLine, ...]:
    return tuple(SurrenderLine(_asset(vintage_year), quantity_t) for vintage_year, quantity_t in one.uses_t)
