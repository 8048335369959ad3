"""Who may do what: one table from act to roles, and the check every service makes first.

A person has roles inside one organisation. A role of the authority, the registry body or the exchange acts on every
organisation of its region, a district officer on those of its district; every other role acts for its own organisation
only. An officer of a sector department looks at the companies of its sectors and acts on none of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from tonnebook.core.access import AccessRefusal as AccessRefusal
from tonnebook.core.access import MemberRefusal as MemberRefusal
from tonnebook.core.errors import Refused


class Role(StrEnum):
    """What a person may do inside an organisation."""

    OFFICER = "OFFICER"
    REGISTRAR = "REGISTRAR"
    EXCHANGE_STAFF = "EXCHANGE_STAFF"
    VERIFIER = "VERIFIER"
    REPRESENTATIVE = "REPRESENTATIVE"
    TRADER = "TRADER"
    AUDITOR = "AUDITOR"
    DISTRICT_OFFICER = "DISTRICT_OFFICER"
    FINANCE_OFFICER = "FINANCE_OFFICER"
    BANK_CLERK = "BANK_CLERK"
    INCLUSION_STAFF = "INCLUSION_STAFF"
    REVIEWER = "REVIEWER"
    ANALYST = "ANALYST"
    REPORT_WRITER = "REPORT_WRITER"
    SECTOR_OFFICER = "SECTOR_OFFICER"


class OrganisationKind(StrEnum):
    """What an organisation is in the market."""

    AUTHORITY = "AUTHORITY"
    REGISTRY_BODY = "REGISTRY_BODY"
    EXCHANGE = "EXCHANGE"
    VERIFIER = "VERIFIER"
    ENTITY = "ENTITY"
    INVESTOR = "INVESTOR"
    PROJECT_OWNER = "PROJECT_OWNER"
    DISTRICT_AUTHORITY = "DISTRICT_AUTHORITY"
    FINANCE_BUREAU = "FINANCE_BUREAU"
    SETTLEMENT_BANK = "SETTLEMENT_BANK"
    INCLUSION_CENTRE = "INCLUSION_CENTRE"
    TECHNICAL_REVIEWER = "TECHNICAL_REVIEWER"
    LABORATORY = "LABORATORY"
    REPORT_WRITER = "REPORT_WRITER"
    SECTOR_DEPARTMENT = "SECTOR_DEPARTMENT"


class Act(StrEnum):
    """What can be done, in the order of a compliance year."""

    REGISTER = "REGISTER"
    OPEN_ACCOUNT = "OPEN_ACCOUNT"
    IMPORT = "IMPORT"
    KEEP_DOCUMENT = "KEEP_DOCUMENT"
    PROPOSE = "PROPOSE"
    APPROVE = "APPROVE"
    CONSULT = "CONSULT"
    GIVE_OPINION = "GIVE_OPINION"
    COVER = "COVER"
    REGISTER_FACILITY = "REGISTER_FACILITY"
    DECLARE_EVENT = "DECLARE_EVENT"
    DECIDE_EVENT = "DECIDE_EVENT"
    SUBMIT_PLAN = "SUBMIT_PLAN"
    APPROVE_PLAN = "APPROVE_PLAN"
    ADOPT_PLAN = "ADOPT_PLAN"
    COMPUTE_ALLOCATION = "COMPUTE_ALLOCATION"
    ISSUE_BATCH = "ISSUE_BATCH"
    OBJECT = "OBJECT"
    DECIDE_OBJECTION = "DECIDE_OBJECTION"
    FILE_MONTH = "FILE_MONTH"
    GIVE_MANDATE = "GIVE_MANDATE"
    WRITE_REPORT = "WRITE_REPORT"
    SUBMIT_REPORT = "SUBMIT_REPORT"
    SUBMIT_FOOTPRINT = "SUBMIT_FOOTPRINT"
    KEEP_INVENTORY = "KEEP_INVENTORY"
    FIRST_CHECK = "FIRST_CHECK"
    WAIVE_CHECK = "WAIVE_CHECK"
    APPLY_FOR_REGISTER = "APPLY_FOR_REGISTER"
    KEEP_REGISTER = "KEEP_REGISTER"
    ASSIGN_VERIFIER = "ASSIGN_VERIFIER"
    ENTER_SAMPLES = "ENTER_SAMPLES"
    SIGN_OPINION = "SIGN_OPINION"
    DETERMINE = "DETERMINE"
    OPEN_MARKET = "OPEN_MARKET"
    TRADE = "TRADE"
    CASH_IN = "CASH_IN"
    ANNOUNCE_AUCTION = "ANNOUNCE_AUCTION"
    HAND_IN_SHARE = "HAND_IN_SHARE"
    CLOSE_AUCTION = "CLOSE_AUCTION"
    RECORD_PROCEEDS = "RECORD_PROCEEDS"
    CLOSE_DAY = "CLOSE_DAY"
    ASK_ENTRY = "ASK_ENTRY"
    REPORT_HOLDING = "REPORT_HOLDING"
    SUPERVISE = "SUPERVISE"
    STOP_TRADING = "STOP_TRADING"
    STABILISE = "STABILISE"
    ISSUE_CREDITS = "ISSUE_CREDITS"
    RETIRE = "RETIRE"
    TAKE_STATEMENT = "TAKE_STATEMENT"
    MOVE = "MOVE"
    TRANSFER = "TRANSFER"
    TRANSFER_NON_TRADE = "TRANSFER_NON_TRADE"
    TRUST_ACCOUNT = "TRUST_ACCOUNT"
    REGISTER_BANK_ACCOUNT = "REGISTER_BANK_ACCOUNT"
    CONFIRM_BANK_ACCOUNT = "CONFIRM_BANK_ACCOUNT"
    KEEP_BANKS = "KEEP_BANKS"
    SIGN_BANK_CONTRACT = "SIGN_BANK_CONTRACT"
    CONFIRM_BANK_CONTRACT = "CONFIRM_BANK_CONTRACT"
    LOAD_BANK_STATEMENT = "LOAD_BANK_STATEMENT"
    WITHDRAW = "WITHDRAW"
    CANCEL_TRANSFER = "CANCEL_TRANSFER"
    ASK_ACCOUNT = "ASK_ACCOUNT"
    SUBMIT_SURRENDER = "SUBMIT_SURRENDER"
    CONFIRM_SURRENDER = "CONFIRM_SURRENDER"
    FORCE_SURRENDER = "FORCE_SURRENDER"
    SETTLE_STATUS = "SETTLE_STATUS"
    PENALISE = "PENALISE"
    ASK_CARRY_OVER = "ASK_CARRY_OVER"
    CARRY_OVER = "CARRY_OVER"
    MOVE_DEADLINE = "MOVE_DEADLINE"
    PUBLISH = "PUBLISH"
    ERASE = "ERASE"
    ACKNOWLEDGE = "ACKNOWLEDGE"
    CONFIRM_RECEIPT = "CONFIRM_RECEIPT"
    READ_ALL = "READ_ALL"
    CHANGE_SIGN_IN = "CHANGE_SIGN_IN"
    PLEDGE = "PLEDGE"
    HOLD_FOR_COURT = "HOLD_FOR_COURT"
    CORRECT = "CORRECT"
    FREEZE = "FREEZE"
    LIFT_FREEZE = "LIFT_FREEZE"
    RESTRICT = "RESTRICT"
    ISSUE_PAPER = "ISSUE_PAPER"
    SEAL = "SEAL"


_OFFICER = frozenset({Role.OFFICER})
_REGISTRAR = frozenset({Role.OFFICER, Role.REGISTRAR})
_EXCHANGE = frozenset({Role.EXCHANGE_STAFF})
_REPRESENTATIVE = frozenset({Role.REPRESENTATIVE})
_HOLDER = frozenset({Role.REPRESENTATIVE, Role.TRADER})
_BANK = frozenset({Role.BANK_CLERK})
# Which of the two settles in a region says its rule book (`settlement.body`).
_SETTLEMENT_BODIES = frozenset({Role.EXCHANGE_STAFF, Role.REGISTRAR})
_PUBLIC_BODIES = frozenset({Role.OFFICER, Role.REGISTRAR, Role.EXCHANGE_STAFF})

MAY: Mapping[Act, frozenset[Role]] = MappingProxyType(
    {
        Act.REGISTER: _REGISTRAR,
        Act.OPEN_ACCOUNT: _REGISTRAR,
        Act.IMPORT: _REGISTRAR,
        Act.KEEP_DOCUMENT: _REGISTRAR | _REPRESENTATIVE,
        Act.PROPOSE: _PUBLIC_BODIES,
        Act.APPROVE: _PUBLIC_BODIES,
        Act.CONSULT: _OFFICER,
        Act.GIVE_OPINION: frozenset({Role.SECTOR_OFFICER}),
        Act.COVER: _OFFICER,
        Act.REGISTER_FACILITY: _REGISTRAR | _REPRESENTATIVE,
        Act.DECLARE_EVENT: _REPRESENTATIVE,
        Act.DECIDE_EVENT: _OFFICER,
        Act.SUBMIT_PLAN: _REPRESENTATIVE,
        Act.APPROVE_PLAN: _OFFICER,
        Act.ADOPT_PLAN: _OFFICER,
        Act.COMPUTE_ALLOCATION: _OFFICER,
        Act.ISSUE_BATCH: _OFFICER,
        Act.OBJECT: _REPRESENTATIVE,
        Act.DECIDE_OBJECTION: _OFFICER,
        Act.FILE_MONTH: _REPRESENTATIVE,
        Act.GIVE_MANDATE: _REPRESENTATIVE,
        Act.WRITE_REPORT: frozenset({Role.REPORT_WRITER}),
        Act.SUBMIT_REPORT: _REPRESENTATIVE,
        Act.SUBMIT_FOOTPRINT: _REPRESENTATIVE,
        Act.KEEP_INVENTORY: _OFFICER,
        Act.FIRST_CHECK: frozenset({Role.DISTRICT_OFFICER}),
        Act.WAIVE_CHECK: _OFFICER,
        Act.APPLY_FOR_REGISTER: frozenset({Role.VERIFIER, Role.ANALYST, Role.REPORT_WRITER}),
        Act.KEEP_REGISTER: _OFFICER,
        Act.ASSIGN_VERIFIER: _OFFICER,
        Act.ENTER_SAMPLES: frozenset({Role.ANALYST}),
        Act.SIGN_OPINION: frozenset({Role.VERIFIER}),
        Act.DETERMINE: _OFFICER,
        Act.OPEN_MARKET: _EXCHANGE,
        Act.TRADE: frozenset({Role.TRADER}),
        Act.CASH_IN: _EXCHANGE,
        Act.ANNOUNCE_AUCTION: _OFFICER | _EXCHANGE,
        Act.HAND_IN_SHARE: _OFFICER | _EXCHANGE | {Role.FINANCE_OFFICER},
        Act.CLOSE_AUCTION: _EXCHANGE,
        Act.RECORD_PROCEEDS: frozenset({Role.FINANCE_OFFICER}),
        Act.CLOSE_DAY: _EXCHANGE,
        Act.ASK_ENTRY: _REPRESENTATIVE,
        Act.REPORT_HOLDING: _HOLDER,
        Act.SUPERVISE: _EXCHANGE,
        Act.STOP_TRADING: _HOLDER | _EXCHANGE,
        Act.STABILISE: _OFFICER,
        Act.ISSUE_CREDITS: _REGISTRAR,
        Act.RETIRE: _REPRESENTATIVE,
        Act.TAKE_STATEMENT: _REGISTRAR | {Role.REPRESENTATIVE, Role.TRADER, Role.AUDITOR},
        Act.MOVE: _HOLDER,
        Act.TRANSFER: _REPRESENTATIVE,
        Act.TRANSFER_NON_TRADE: _REGISTRAR,
        Act.TRUST_ACCOUNT: _REPRESENTATIVE,
        Act.REGISTER_BANK_ACCOUNT: _HOLDER | _EXCHANGE,
        Act.CONFIRM_BANK_ACCOUNT: _EXCHANGE | frozenset({Role.REGISTRAR}),
        Act.KEEP_BANKS: _SETTLEMENT_BODIES,
        Act.SIGN_BANK_CONTRACT: _HOLDER,
        Act.CONFIRM_BANK_CONTRACT: _BANK,
        Act.LOAD_BANK_STATEMENT: _SETTLEMENT_BODIES | _BANK,
        Act.WITHDRAW: _HOLDER,
        Act.CANCEL_TRANSFER: _HOLDER | _PUBLIC_BODIES,
        Act.ASK_ACCOUNT: _REPRESENTATIVE,
        Act.SUBMIT_SURRENDER: _REPRESENTATIVE,
        Act.CONFIRM_SURRENDER: _OFFICER,
        Act.FORCE_SURRENDER: _OFFICER,
        Act.SETTLE_STATUS: _OFFICER,
        Act.PENALISE: _OFFICER,
        Act.ASK_CARRY_OVER: _REPRESENTATIVE,
        Act.CARRY_OVER: _OFFICER,
        Act.MOVE_DEADLINE: _OFFICER,
        Act.PUBLISH: _OFFICER,
        Act.ERASE: _OFFICER,
        Act.ACKNOWLEDGE: _PUBLIC_BODIES | {Role.AUDITOR},
        Act.CONFIRM_RECEIPT: _HOLDER | {Role.SECTOR_OFFICER},
        Act.READ_ALL: frozenset({Role.OFFICER, Role.AUDITOR}),
        Act.CHANGE_SIGN_IN: frozenset(Role),
        **dict.fromkeys((Act.PLEDGE, Act.HOLD_FOR_COURT, Act.CORRECT), _REGISTRAR),
        **dict.fromkeys((Act.FREEZE, Act.LIFT_FREEZE, Act.RESTRICT), _REGISTRAR),
        Act.ISSUE_PAPER: _REGISTRAR,
        Act.SEAL: _REGISTRAR | _REPRESENTATIVE,
    }
)

# What is done only right after its doer has proved a second factor (which acts: design choice, no legal source).
SIGNED_ACTS = frozenset(
    {
        Act.PROPOSE,
        Act.APPROVE,
        Act.CONFIRM_SURRENDER,
        Act.CHANGE_SIGN_IN,
        Act.TRANSFER,
        Act.TRUST_ACCOUNT,
        Act.REGISTER_BANK_ACCOUNT,
        Act.WITHDRAW,
        Act.RESTRICT,
        Act.RETIRE,
        Act.SIGN_OPINION,
        Act.CASH_IN,
    }
)

# How long one proof of a second factor counts (design choice, no legal source).
SIGNATURE_LIFETIME = timedelta(minutes=5)

# Roles that act on organisations other than their own.
PUBLIC_ROLES = _PUBLIC_BODIES | {Role.AUDITOR, Role.DISTRICT_OFFICER}

ROLES_OF: Mapping[OrganisationKind, frozenset[Role]] = MappingProxyType(
    {
        OrganisationKind.AUTHORITY: frozenset({Role.OFFICER, Role.REGISTRAR, Role.AUDITOR}),
        OrganisationKind.REGISTRY_BODY: frozenset({Role.REGISTRAR, Role.AUDITOR}),
        OrganisationKind.EXCHANGE: frozenset({Role.EXCHANGE_STAFF, Role.AUDITOR}),
        OrganisationKind.VERIFIER: frozenset({Role.VERIFIER}),
        OrganisationKind.ENTITY: frozenset({Role.REPRESENTATIVE, Role.TRADER}),
        OrganisationKind.INVESTOR: frozenset({Role.REPRESENTATIVE, Role.TRADER}),
        OrganisationKind.PROJECT_OWNER: frozenset({Role.REPRESENTATIVE, Role.TRADER}),
        OrganisationKind.DISTRICT_AUTHORITY: frozenset({Role.DISTRICT_OFFICER}),
        OrganisationKind.FINANCE_BUREAU: frozenset({Role.FINANCE_OFFICER}),
        OrganisationKind.SETTLEMENT_BANK: frozenset({Role.BANK_CLERK}),
        OrganisationKind.INCLUSION_CENTRE: frozenset({Role.INCLUSION_STAFF}),
        OrganisationKind.TECHNICAL_REVIEWER: frozenset({Role.REVIEWER}),
        OrganisationKind.LABORATORY: frozenset({Role.ANALYST}),
        OrganisationKind.REPORT_WRITER: frozenset({Role.REPORT_WRITER}),
        OrganisationKind.SECTOR_DEPARTMENT: frozenset({Role.SECTOR_OFFICER}),
    }
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking.

    Attributes:
        person: number such as "P-000012-34".
        organisation: unified social credit code.
        kind: what the organisation is.
        roles: what the person may do in it.
        region: where; empty for the system itself.
        district: of the organisation; what a district officer acts on.
        signed_at: the last instant at which the person proved a second factor; None when never in this session.
        remit: sectors a sector department looks after; empty for every other organisation.
    """

    person: str
    organisation: str
    kind: OrganisationKind
    roles: frozenset[Role]
    region: str
    district: str = ""
    signed_at: datetime | None = None
    remit: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody is about to sign: a command and exactly its arguments."""

    kind: str
    payload: Mapping[str, object]


class Unsigned(Refused):
    """A refusal for want of a second factor; it carries what is to be signed, so that a page can show it in words."""

    def __init__(self, act: Act, ask: Ask | None) -> None:
        """Build the refusal of one act."""
        minutes = SIGNATURE_LIFETIME // timedelta(minutes=1)
        super().__init__(AccessRefusal.SECOND_FACTOR_NEEDED, act=act.value, minutes=minutes)
        self.ask = ask


# Jobs, imports and the first set-up act as the system; it has no person behind it and so can approve nothing.
SYSTEM = Actor("SYSTEM", "", OrganisationKind.AUTHORITY, _PUBLIC_BODIES, "")


def is_public(actor: Actor) -> bool:
    """Say whether an actor acts on organisations other than their own."""
    return bool(actor.roles & PUBLIC_ROLES)


def is_district_only(actor: Actor) -> bool:
    """Say whether the one public role of an actor is that of a district officer, who sees no other district."""
    return actor.roles & PUBLIC_ROLES == {Role.DISTRICT_OFFICER}


def looks_after(actor: Actor, *, district: str, sector: str) -> bool:
    """Say whether an actor may look at a company of its region that is not its own.

    Args:
        actor: who asks.
        district: of the company.
        sector: of the company.

    Source: design choice, no legal source (features O20, O21).
    """
    if Role.SECTOR_OFFICER in actor.roles:
        return bool(sector) and sector in actor.remit
    return is_public(actor) and (not is_district_only(actor) or district == actor.district)


def check(
    actor: Actor, act: Act, *, organisation: str | None = None, region: str | None = None, district: str | None = None
) -> None:
    """Refuse what an actor may not do.

    Args:
        actor: who asks.
        act: what they want to do.
        organisation: for whom it is done (unified social credit code), None when for nobody in particular.
        region: the region it belongs to, None when it belongs to none.
        district: the district of the organisation, None where districts do not matter.

    Raises:
        Refused: NOT_PERMITTED when none of the actor's roles may do it, NOT_YOUR_REGION when it belongs to another
            region, NOT_YOUR_ORGANISATION when it is another organisation's and the actor's role is not public,
            NOT_YOUR_DISTRICT when only the role of a district officer allows it and it belongs to another district.

    Source: design choice, no legal source.
    """
    if not actor.roles & MAY[act]:
        roles, may = (", ".join(sorted(some)) for some in (actor.roles, MAY[act]))
        raise Refused(AccessRefusal.NOT_PERMITTED, roles=roles, act=act.value, may=may)
    if region is not None and actor.region not in ("", region):
        raise Refused(AccessRefusal.NOT_YOUR_REGION, region=region, own=actor.region)
    if organisation is not None and organisation != actor.organisation and not actor.roles & MAY[act] & PUBLIC_ROLES:
        raise Refused(AccessRefusal.NOT_YOUR_ORGANISATION, own=actor.organisation)
    own = actor.roles & MAY[act]
    if district is not None and own == {Role.DISTRICT_OFFICER} and district != actor.district:
        raise Refused(AccessRefusal.NOT_YOUR_DISTRICT, own=actor.district)


def check_signed(actor: Actor, act: Act, *, now: datetime, ask: Ask | None = None) -> None:
    """Refuse an act that is signed when its doer has not just proved a second factor.

    Args:
        actor: who asks.
        act: what they want to do.
        now: when.
        ask: the command and its arguments, for the page that shows what is signed.

    Raises:
        Refused: SECOND_FACTOR_NEEDED when the act is among `SIGNED_ACTS` and the last proof is older than
            `SIGNATURE_LIFETIME`, lies after `now` (a moved clock), or there is none.

    Source: design choice, no legal source (invariant A13, feature O2).
    """
    at = actor.signed_at
    if act in SIGNED_ACTS and (at is None or not at <= now < at + SIGNATURE_LIFETIME):
        raise Unsigned(act, ask)
