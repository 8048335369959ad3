"""What people read for the codes of the core: one English sentence id per enum member, its Chinese in the catalogue."""

from enum import Enum

from django.utils.translation import gettext, gettext_noop

_LABELS: dict[str, dict[str, str]] = {
    "Role": {
        "OFFICER": gettext_noop("Officer"),
        "REGISTRAR": gettext_noop("Registrar"),
        "EXCHANGE_STAFF": gettext_noop("Exchange staff"),
        "VERIFIER": gettext_noop("Verifier"),
        "REPRESENTATIVE": gettext_noop("Company representative"),
        "TRADER": gettext_noop("Trader"),
        "AUDITOR": gettext_noop("Auditor"),
    },
    "OrganisationKind": {
        "AUTHORITY": gettext_noop("Authority"),
        "REGISTRY_BODY": gettext_noop("Registry administrator"),
        "EXCHANGE": gettext_noop("Exchange"),
        "VERIFIER": gettext_noop("Verification body"),
        "ENTITY": gettext_noop("Company"),
        "INVESTOR": gettext_noop("Investor"),
        "PROJECT_OWNER": gettext_noop("Project owner"),
    },
    "Stage": {
        "OUT": gettext_noop("outside"),
        "REPORTING": gettext_noop("reports only"),
        "MANAGED": gettext_noop("covered"),
        "ALLOWANCES": gettext_noop("covered, receives allowances"),
    },
    "StatusCode": {
        "COMPLIANT": gettext_noop("compliant"),
        "SHORT": gettext_noop("short of allowances"),
        "NO_FIGURE": gettext_noop("no determined figure"),
        "A": gettext_noop("A: surrendered at least what was verified"),
        "B": gettext_noop("B: surrendered less than was verified"),
        "C": gettext_noop("C: no verified emission was entered"),
    },
    "ApprovalState": {
        "OPEN": gettext_noop("waits for the second person"),
        "APPROVED": gettext_noop("approved, not yet executed"),
        "REJECTED": gettext_noop("rejected"),
        "EXECUTED": gettext_noop("executed"),
        "EXPIRED": gettext_noop("expired"),
    },
    "AccountType": {
        "ISSUANCE": gettext_noop("issuance"),
        "RESERVE": gettext_noop("reserve"),
        "AUCTION": gettext_noop("auction"),
        "HOLDING": gettext_noop("holding account"),
        "PROJECT": gettext_noop("project"),
        "CLIENT_CASH": gettext_noop("client cash"),
        "BANK": gettext_noop("bank"),
        "TREASURY": gettext_noop("treasury"),
        "FEES": gettext_noop("fees"),
        "SURRENDER": gettext_noop("surrendered"),
        "RETIREMENT": gettext_noop("retired"),
        "CANCELLATION": gettext_noop("cancelled"),
    },
    "AccountState": {
        "OPEN": gettext_noop("open for use"),
        "FROZEN": gettext_noop("frozen: receives, gives nothing"),
        "CLOSED": gettext_noop("closed for good"),
    },
    "AssetKind": {
        "ALLOWANCE": gettext_noop("allowance"),
        "CREDIT": gettext_noop("credit"),
        "CASH": gettext_noop("money"),
    },
    "TransferType": {
        "ALLOCATE": gettext_noop("first batch issued"),
        "TRUE_UP": gettext_noop("true-up issued"),
        "RECALL": gettext_noop("recalled"),
        "FILL_RESERVE": gettext_noop("put into the reserve"),
        "ISSUE_TO_AUCTION": gettext_noop("put up for auction"),
        "DELIVER_AUCTION": gettext_noop("delivered from an auction"),
        "RETURN_UNSOLD": gettext_noop("unsold, returned"),
        "DELIVER_TRADE": gettext_noop("traded"),
        "CASH_IN": gettext_noop("cash paid in"),
        "CASH_OUT": gettext_noop("cash paid out"),
        "SURRENDER": gettext_noop("surrender confirmed"),
        "RETIRE": gettext_noop("retired for good"),
        "CANCEL": gettext_noop("cancelled for good"),
        "CARRY_OVER": gettext_noop("carried over"),
        "ISSUE_CREDITS": gettext_noop("credits issued"),
        "OPENING_ENTRY": gettext_noop("opening entry"),
        "CORRECTION": gettext_noop("correction"),
    },
    "HoldReason": {
        "ORDER": gettext_noop("for an order"),
        "BID": gettext_noop("for a bid"),
        "SURRENDER": gettext_noop("for a surrender"),
        "COURT": gettext_noop("by a court"),
        "PLEDGE": gettext_noop("as a pledge"),
    },
    "Side": {"BUY": gettext_noop("buy"), "SELL": gettext_noop("sell")},
    "OrderState": {
        "OPEN": gettext_noop("open"),
        "FILLED": gettext_noop("filled"),
        "CANCELLED": gettext_noop("withdrawn"),
        "EXPIRED": gettext_noop("expired at the close"),
    },
    "AuctionKind": {
        "EARLY": gettext_noop("early auction"),
        "LAST_RESORT": gettext_noop("last-resort auction before the surrender deadline"),
    },
    "AuctionState": {
        "ANNOUNCED": gettext_noop("announced"),
        "OPEN": gettext_noop("takes bids"),
        "CLOSED": gettext_noop("closed, not yet cleared"),
        "CLEARED": gettext_noop("cleared"),
    },
    "BidState": {
        "STANDING": gettext_noop("standing"),
        "WITHDRAWN": gettext_noop("withdrawn by the bidder"),
        "FILLED": gettext_noop("awarded in full"),
        "PARTLY_FILLED": gettext_noop("awarded in part"),
        "UNFILLED": gettext_noop("not awarded"),
        "VOID": gettext_noop("void"),
    },
    "LineKind": {
        "COMBUSTION": gettext_noop("fuel combustion"),
        "PROCESS": gettext_noop("industrial process"),
        "ELECTRICITY": gettext_noop("purchased electricity"),
        "HEAT": gettext_noop("purchased heat"),
        "GREEN_POWER": gettext_noop("green power"),
        "NON_FOSSIL_POWER": gettext_noop("non-fossil power"),
    },
    "SurrenderState": {
        "SUBMITTED": gettext_noop("waits for confirmation"),
        "CONFIRMED": gettext_noop("confirmed for good"),
        "WITHDRAWN": gettext_noop("withdrawn"),
    },
    "Batch": {"FIRST": gettext_noop("First batch"), "SECOND": gettext_noop("Second batch (true-up)")},
    "AllocationState": {
        "PREVIEWED": gettext_noop("computed, not yet issued"),
        "WITHHELD": gettext_noop("withheld"),
        "ISSUED": gettext_noop("issued"),
    },
    "ReportState": {
        "SUBMITTED": gettext_noop("submitted"),
        "ASSIGNED": gettext_noop("waits for the verifier"),
        "VERIFIED": gettext_noop("verified"),
        "NOT_VERIFIED": gettext_noop("not verified"),
        "SUPERSEDED": gettext_noop("superseded by a newer version"),
        "DETERMINED": gettext_noop("determined"),
    },
    "PlanState": {
        "SUBMITTED": gettext_noop("submitted"),
        "APPROVED": gettext_noop("approved"),
        "SUPERSEDED": gettext_noop("superseded by a newer version"),
    },
    "Verdict": {
        "VERIFIED_AS_SATISFACTORY": gettext_noop("verified as satisfactory"),
        "VERIFIED_WITH_COMMENTS": gettext_noop("verified with comments"),
        "NOT_VERIFIED": gettext_noop("not verified"),
    },
    "FindingKind": {
        "MISSTATEMENT": gettext_noop("misstatement"),
        "NONCONFORMITY": gettext_noop("non-conformity"),
        "NONCOMPLIANCE": gettext_noop("non-compliance"),
        "IMPROVEMENT": gettext_noop("recommendation"),
        "PRIOR_YEAR": gettext_noop("open from the year before"),
    },
    "Status": {
        "enacted": gettext_noop("enacted"),
        "draft": gettext_noop("draft"),
        "recalled": gettext_noop("to be checked"),
        "conflict": gettext_noop("sources differ"),
        "scenario": gettext_noop("scenario"),
    },
    "rule_value": {
        "ALL": gettext_noop("all of it"),
        "ALLOWANCE_OLDEST_FIRST": gettext_noop("allowances, oldest first"),
        "BAND": gettext_noop("limit of the gap"),
        "BASE": gettext_noop("base amount"),
        "BENCHMARK": gettext_noop("benchmark method"),
        "CONTROL_COEFFICIENT": gettext_noop("control coefficient"),
        "CREDIT": gettext_noop("credits"),
        "CUMULATIVE": gettext_noop("over all years together"),
        "DETERMINED": gettext_noop("determined emission"),
        "EXPONENTIALS_2025": gettext_noop("exponential method of 2025"),
        "HISTORICAL_EMISSIONS": gettext_noop("historical emissions method"),
        "HISTORICAL_INTENSITY": gettext_noop("historical intensity method"),
        "INCENTIVE": gettext_noop("incentives"),
        "INDUSTRY_COEFFICIENT": gettext_noop("industry coefficient"),
        "ISSUED": gettext_noop("allowances issued"),
        "LAST_YEAR_EMISSION": gettext_noop("last year's emission"),
        "MAY": gettext_noop("may be published"),
        "MONTH_BEFORE_DEADLINE": gettext_noop("the month before the deadline"),
        "MUST": gettext_noop("must be published"),
        "NON_FOSSIL": gettext_noop("non-fossil power"),
        "NOT": gettext_noop("is not published"),
        "NO_ALLOWANCE": gettext_noop("no allowances"),
        "OWN_SURRENDER": gettext_noop("units for own surrender only"),
        "PAID_SHARE": gettext_noop("paid share"),
        "PAY_AS_BID": gettext_noop("each pays its own bid"),
        "RESERVE": gettext_noop("goes into the reserve"),
        "RETURN": gettext_noop("is returned"),
        "ROUND_DOWN": gettext_noop("rounding down"),
        "UNIFORM_LOWEST_ACCEPTED": gettext_noop("one price, the lowest accepted bid"),
        "UP_TO_SHORTFALL": gettext_noop("up to the own shortfall"),
        "YEARLY": gettext_noop("year by year"),
        "half_up": gettext_noop("half up"),
        "yes": gettext_noop("yes"),
        "no": gettext_noop("no"),
    },
    "section": {
        "boundary": gettext_noop("Boundary and facilities"),
        "sources": gettext_noop("Emission sources"),
        "data": gettext_noop("How each quantity is measured"),
        "missing_data": gettext_noop("What is done when data are missing"),
    },
    "subject": {
        "allocation": gettext_noop("Allocation"),
        "obligation": gettext_noop("Obligation"),
        "credit_limit": gettext_noop("Credits usable at most"),
        "coverage": gettext_noop("Coverage"),
        "report": gettext_noop("Emission report"),
        "floor_price": gettext_noop("Auction"),
    },
    "command": {
        "compliance.cover": gettext_noop("Publish the coverage list"),
        "compliance.adopt_plan": gettext_noop("Adopt the allocation plan"),
        "compliance.issue_batch": gettext_noop("Issue a batch of allowances"),
        "compliance.carry_over": gettext_noop("Carry allowances over"),
        "emissions.determine": gettext_noop("Determine verified emissions"),
        "market.announce_auction": gettext_noop("Announce an auction"),
        "registry.issue_credits": gettext_noop("Issue credits"),
    },
}


def label(code: Enum | str, kind: str = "") -> str:
    """Say a code in the current language; a code without words is shown as it is.

    Args:
        code: member of an enum of the core, or its text.
        kind: name of the enum where the code is only a text.
    """
    text = str(code.value) if isinstance(code, Enum) else code
    words = _LABELS.get(kind or type(code).__name__, {})
    return gettext(words[text]) if text in words else text


def has_label(code: Enum) -> bool:
    """Say whether a code has words."""
    return str(code.value) in _LABELS.get(type(code).__name__, {})
