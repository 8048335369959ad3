"""Who finds which door open: every address × everybody × whose it is, written down as data.

A sign stands for a role; an address says to which signs it opens, what it names, and who may look at what belongs to
others; an operation of the API also which scope a key needs. What follows for each person and each subject is worked
out in `test_matrix`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tonnebook.core.api_keys import Scope
from tonnebook.core.roles import Role

SIGNS: Mapping[Role, str] = dict(zip(Role, "ORXVETADFBICLW", strict=True))  # in the order of the enum
ALL = "ORXVETADFBICLW"
PUBLIC = "-"
EVERYBODY = ALL + PUBLIC


@dataclass(frozen=True)
class Endpoint:
    """One address.

    Attributes:
        opens: signs of whom its door opens to.
        methods: what it offers.
        subject: what its address names that has an owner, such as "account"; "none" where nothing of the name exists.
        keepers: signs of those who may look at what belongs to others of their region.
        is_for_owners: whether an owner may look at their own.
        scope: what a program's key must open; None for pages and for operations without a key.
        sent: the query of a GET, or the body of a change, with `{subject}` for what has an owner.
    """

    opens: str
    methods: str = "GET"
    subject: str = ""
    keepers: str = ""
    is_for_owners: bool = True
    scope: Scope | None = None
    sent: str = ""


_POST, _BOTH = "POST", "GET POST"
_YEAR_LONG = "from_at=2026-01-01T00:00:00Z&to_at=2027-01-01T00:00:00Z"
_ORDER = "instrument=SHEA&side=SELL&price_fen_per_t=5000&quantity_t=1"
_PLACING = '{"instrument": "SHEA", "side": "BUY", "price_fen_per_t": 1, "quantity_t": 1, "shown_total_fen": 1}'
_BIDDING = f'{{"envelope": "{"00" * 79}", "mark": "{"0" * 32}", "deposit_fen": 1}}'
_MOVING = '{"debit": "{subject}", "credit": "{subject}", "asset": "SHEA-2026", "quantity_t": 1}'
_RETIRING = '{"asset": "SHEA-2026", "quantity_t": 1, "beneficiary": "Lin", "purpose": "a quiet birthday"}'
_SETTING = '{"state": "FROZEN", "barred": [], "reason": "a doubt"}'
_REOPENING = '{"state": "OPEN", "barred": [], "reason": "no doubt", "approval": "AP-0"}'
_FREEZING = '{"scope": "REGION", "subject": "shanghai", "reason": "a doubt"}'
_APPROVING = f'{{"digest": "{"0" * 64}"}}'

MATRIX: Mapping[str, Endpoint] = {
    "health": Endpoint(EVERYBODY),
    "decide_approval": Endpoint("ORX", _POST, "none"),
    "members:document": Endpoint(ALL, subject="none"),
    "registry:holdings": Endpoint(ALL),
    "registry:account": Endpoint(ALL, "GET", "account", "ORA"),
    "registry:statement": Endpoint(ALL, "GET", "account", "ORA"),
    "registry:issue_statement": Endpoint(ALL, _POST, "account", "ORA"),
    "registry:issued": Endpoint(ALL, subject="none"),
    "registry:cash_in": Endpoint("X", _BOTH, "account", is_for_owners=False),
    "registry:retire": Endpoint("E", _BOTH, "account"),
    "registry:move": Endpoint("ET", _BOTH, "account", is_for_owners=False),
    "registry:transfer": Endpoint("E", _BOTH, "account", is_for_owners=False),
    "registry:trusted": Endpoint("E", _BOTH, "account", is_for_owners=False),
    "registry:distrust": Endpoint("E", _POST, "account"),
    "registry:hand_on": Endpoint("OR", _BOTH, "account", "OR", is_for_owners=False),
    "registry:withdraw": Endpoint("ET", _BOTH, "account"),
    "registry:bank_accounts": Endpoint("EORAXT", _BOTH),
    "registry:confirm_bank_account": Endpoint("RX", _POST, "none"),
    "registry:remove_bank_account": Endpoint("EXT", _POST, "none"),
    "members:api_keys": Endpoint(ALL, _BOTH),
    "members:revoke_api_key": Endpoint(ALL, _POST, "none"),
    "members:webhooks": Endpoint("T", _BOTH),
    "members:webhook_secret": Endpoint("T", _POST, "none"),
    "members:try_webhook": Endpoint("T", _POST, "none"),
    "members:remove_webhook": Endpoint("T", _POST, "none"),
    "members:send_message_again": Endpoint("T", _POST, "none"),
    "portal:verifier": Endpoint(EVERYBODY),
    "registry:holds": Endpoint(ALL, "GET", "account", "ORA"),
    "registry:freeze_by_court": Endpoint("OR", _BOTH, "account", "OR", is_for_owners=False),
    "registry:lift_court_freeze": Endpoint("OR", _POST, "account", "OR", is_for_owners=False),
    "registry:account_state": Endpoint("OR", _BOTH, "account", "OR", is_for_owners=False),
    "registry:freezes": Endpoint("ORXA", _BOTH),
    "registry:lift_freeze": Endpoint("OR", _POST, "none"),
    "registry:applications": Endpoint("ORETA"),
    "registry:apply": Endpoint("E", _BOTH),
    "registry:apply_for_change": Endpoint("E", _BOTH, "account", is_for_owners=False),
    "registry:application": Endpoint("OREA", subject="none"),
    "registry:withdraw_application": Endpoint("E", _POST, "none"),
    "registry:check_application": Endpoint("OR", _POST, "none"),
    "registry:refuse_application": Endpoint("OR", _POST, "none"),
    "registry:reverse": Endpoint("OR", _BOTH, "none"),
    "web:looks": Endpoint("A"),
    "web:acknowledge": Endpoint("ORXA", _POST, "none"),
    "web:alerts": Endpoint("ORXA"),
    "web:confirm_receipt": Endpoint("ET", _POST, "none"),
    "web:dossier": Endpoint("ORADE", "GET", "entity", "ORAD"),
    "web:inbox": Endpoint(ALL),
    "web:inbox_badge": Endpoint(ALL),
    "web:notices": Endpoint(ALL),
    "web:portal": Endpoint(EVERYBODY),
    "web:portal_callback": Endpoint(EVERYBODY),
    "registry:waiting": Endpoint("EORAXT"),
    "registry:cancel_transfer": Endpoint("EORXT", _POST, "none"),
    "market:market": Endpoint(EVERYBODY),
    "market:auctions": Endpoint(EVERYBODY),
    "market:announce": Endpoint("OX", _BOTH),
    "market:auction": Endpoint(EVERYBODY, subject="none"),
    "market:auction_state": Endpoint(EVERYBODY, subject="none"),
    "market:place_bid": Endpoint("T", _POST, "none"),
    "market:hand_in_share": Endpoint("OXF", _POST, "none"),
    "market:auction_file": Endpoint(EVERYBODY, subject="none"),
    "market:withdraw_bid": Endpoint("T", _POST, "none"),
    "market:cancel_order": Endpoint("T", _POST, "none"),
    "market:board": Endpoint(EVERYBODY, subject="none"),
    "market:place_order": Endpoint("T", _POST, "none"),
    "demo:advance": Endpoint(EVERYBODY, _POST),
    "demo:playing": Endpoint(EVERYBODY),
    "demo:progress": Endpoint(EVERYBODY),
    "portal:deadlines": Endpoint(EVERYBODY),
    "portal:tables": Endpoint(EVERYBODY),
    "portal:table": Endpoint(EVERYBODY, subject="none"),
    "portal:open_data": Endpoint(EVERYBODY),
    "portal:receipt": Endpoint(EVERYBODY, _BOTH),
    "portal:leaf": Endpoint(EVERYBODY, subject="none"),
    "portal:leaf_file": Endpoint(EVERYBODY, subject="none"),
    "portal:document": Endpoint(EVERYBODY, _BOTH),
    "portal:log": Endpoint(EVERYBODY),
    "portal:consistency": Endpoint(EVERYBODY),
    "portal:consistency_file": Endpoint(EVERYBODY),
    "portal:unit": Endpoint(EVERYBODY),
    "portal:instructions": Endpoint(EVERYBODY),
    "portal:rules": Endpoint(EVERYBODY),
    "portal:rule": Endpoint(EVERYBODY, subject="none"),
    "portal:rules_data": Endpoint(EVERYBODY),
    "portal:compared": Endpoint(EVERYBODY),
    "portal:overdue": Endpoint(EVERYBODY),
    "portal:cap_path": Endpoint(EVERYBODY),
    "portal:releases": Endpoint(EVERYBODY),
    "portal:release": Endpoint("O", _POST),
    "portal:release_note": Endpoint(EVERYBODY, subject="none"),
    "log:checkpoint": Endpoint(EVERYBODY),
    "log:bundle": Endpoint(EVERYBODY, subject="none"),
    "log:tile": Endpoint(EVERYBODY, subject="none"),
    "web:home": Endpoint(EVERYBODY),
    "web:sign_in": Endpoint(EVERYBODY, _BOTH),
    "web:second_step": Endpoint(EVERYBODY, _BOTH),
    "web:sign_out": Endpoint(EVERYBODY, _POST),
    "web:security": Endpoint(ALL),
    "web:enrol_codes": Endpoint(ALL, _BOTH),
    "web:enrol_passkey": Endpoint(ALL, _BOTH),
    "web:recovery_codes": Endpoint(ALL, _POST),
    "web:remove_factor": Endpoint(ALL, _POST, "none"),
    "web:end_others": Endpoint(ALL, _POST),
    "web:password": Endpoint(ALL, _BOTH),
    "web:prove": Endpoint(ALL, _POST),
    "web:region": Endpoint(EVERYBODY, _POST),
    "web:language": Endpoint(EVERYBODY, _POST),
    "web:role": Endpoint(EVERYBODY, _POST),
    "web:search": Endpoint(EVERYBODY),
    "web:coverage": Endpoint("O"),
    "web:draft_list": Endpoint("O", _BOTH),
    "web:coverage_facts": Endpoint("O", _BOTH),
    "web:correct_line": Endpoint("O", _BOTH, "entity", "O", is_for_owners=False),
    "web:own_coverage": Endpoint("E"),
    "web:progress": Endpoint("O"),
    "web:late": Endpoint("O"),
    "web:year": Endpoint("O"),
    "web:plans": Endpoint("O", _BOTH),
    "web:plan_list": Endpoint("O"),
    "web:deadlines": Endpoint("O", _BOTH),
    "web:adopt_plan": Endpoint("O", _BOTH),
    "web:plan_table": Endpoint("O"),
    "web:batch": Endpoint("O"),
    "web:act": Endpoint("O", _POST),
    "web:surrenders": Endpoint("O", _BOTH),
    "web:entity": Endpoint("ORAD", "GET", "entity", "ORAD", is_for_owners=False),
    "web:standing": Endpoint("EORA", "GET", "entity", "ORA"),
    "web:forced": Endpoint("O", _BOTH, "entity", "O", is_for_owners=False),
    "web:outlook": Endpoint("EORA", "GET", "entity", "ORA"),
    "web:outlooks": Endpoint("OA"),
    "web:certificate": Endpoint("EOR", _POST, "entity", "OR"),
    "web:redetermine": Endpoint("O", _BOTH, "entity", "O", is_for_owners=False),
    "web:open_recheck": Endpoint("O", _POST, "entity", "O", is_for_owners=False),
    "web:cancellations": Endpoint("OR", _BOTH),
    "web:changes": Endpoint("O", _BOTH),
    "web:headroom": Endpoint("O", _BOTH),
    "web:leaving": Endpoint("O", _BOTH),
    "web:stability": Endpoint(EVERYBODY),
    "web:propose_set_aside": Endpoint("O", _POST),
    "web:propose_intervention": Endpoint("O", _POST),
    "web:intervention": Endpoint(EVERYBODY, subject="none"),
    "web:take_part": Endpoint("T", _POST, "none"),
    "web:withdraw_request": Endpoint("T", _POST, "none"),
    "web:settle_intervention": Endpoint("O", _POST, "none"),
    "web:penalties": Endpoint("OA"),
    "web:open_penalty_file": Endpoint("O", _POST),
    "web:penalty_file": Endpoint("OAE", _BOTH, "none"),
    "web:surrender": Endpoint("E", _BOTH),
    "web:withdraw": Endpoint("E", _POST, "none"),
    "web:allocation": Endpoint("E"),
    "web:own_facts": Endpoint("E", _BOTH),
    "web:facts": Endpoint("O", _BOTH),
    "web:file_objection": Endpoint("E", _POST),
    "web:objections": Endpoint("O"),
    "web:decide_objection": Endpoint("O", _POST, "none"),
    "web:data_quality_plan": Endpoint("E", _BOTH),
    "web:filings": Endpoint("E"),
    "web:file_month": Endpoint("E", _BOTH, "facility"),
    "web:reports": Endpoint("E"),
    "web:submit_report": Endpoint("E", _BOTH),
    "web:mandates": Endpoint("E", _BOTH),
    "web:withdraw_mandate": Endpoint("E", _POST, "none"),
    "web:writing": Endpoint("W"),
    "web:write_draft": Endpoint("W", _BOTH, "entity", is_for_owners=False),
    "web:board": Endpoint("V"),
    "web:report": Endpoint("V", _BOTH, "report", is_for_owners=False),
    "web:district": Endpoint("D"),
    "web:first_check": Endpoint("D", _POST, "report", "D", is_for_owners=False),
    "web:proceeds": Endpoint("F"),
    "web:client_money": Endpoint("B"),
    "web:approvals": Endpoint("ORX"),
    "web:trading_day": Endpoint("X"),
    "web:close_day": Endpoint("X", _POST),
    "web:close_auction": Endpoint("X", _POST, "none"),
    "web:explain": Endpoint(EVERYBODY, "GET", "allocation", "ORAD"),
    "web:audit": Endpoint("OA", _BOTH),
    "members:seal_keys": Endpoint("OR", _BOTH),
    "members:withdraw_seal_key": Endpoint("OR", _POST),
    "members:identity_links": Endpoint("OR", _BOTH),
    "members:unlink_identity": Endpoint("OR", _POST),
    "members:barred": Endpoint("ORX", _BOTH),
    "members:lift_bar": Endpoint("OR", _POST),
    "members:controlled": Endpoint("OR", _BOTH),
    "members:end_controller": Endpoint("OR", _POST),
    "web:dossier_pdf": Endpoint("ORADE", "GET", "entity", "ORAD"),
    "web:papers": Endpoint("ORAET"),
    "web:draft_paper": Endpoint("OR", _BOTH),
    "web:waiting_paper": Endpoint("OR", subject="none"),
    "web:paper": Endpoint("ORAET", subject="none"),
    "web:paper_file": Endpoint("ORAET", subject="none"),
    "web:seal_paper": Endpoint("OR", _POST, "none"),
    "web:bind_print": Endpoint("OR", _POST, "none"),
    "api:me": Endpoint(ALL, scope=Scope.READ_ACCOUNTS),
    "api:accounts": Endpoint(ALL, scope=Scope.READ_ACCOUNTS),
    "api:account": Endpoint(ALL, "GET", "account", "ORA", scope=Scope.READ_ACCOUNTS),
    "api:holdings": Endpoint(ALL, "GET", "account", "ORA", scope=Scope.READ_ACCOUNTS),
    "api:balances": Endpoint(ALL, "GET", "account", "ORA", scope=Scope.READ_ACCOUNTS, sent="at=2026-01-01T00:00:00Z"),
    "api:statement": Endpoint(ALL, "GET", "account", "ORA", scope=Scope.READ_ACCOUNTS, sent=_YEAR_LONG),
    "api:states": Endpoint(ALL, "GET", "account", "ORA", scope=Scope.READ_ACCOUNTS),
    "api:restrict": Endpoint(
        "OR", _POST, "account", "OR", is_for_owners=False, scope=Scope.WRITE_FREEZES, sent=_SETTING
    ),
    "api:propose_reopening": Endpoint(
        "ORX", _POST, "account", "OR", is_for_owners=False, scope=Scope.WRITE_FREEZES, sent=_SETTING
    ),
    "api:reopen": Endpoint(
        "OR", _POST, "account", "OR", is_for_owners=False, scope=Scope.WRITE_FREEZES, sent=_REOPENING
    ),
    "api:freezes": Endpoint("OR", scope=Scope.READ_ACCOUNTS),
    "api:freeze": Endpoint("OR", _POST, scope=Scope.WRITE_FREEZES, sent=_FREEZING),
    "api:freeze_switch": Endpoint("OR", "GET", "none", scope=Scope.READ_ACCOUNTS),
    "api:propose_lifting": Endpoint("OR", _POST, "none", scope=Scope.WRITE_FREEZES),
    "api:lift_freeze": Endpoint("OR", _POST, "none", scope=Scope.WRITE_FREEZES, sent='{"approval": "AP-0"}'),
    "api:retire": Endpoint("E", _POST, "account", scope=Scope.WRITE_UNITS, sent=_RETIRING),
    "api:move_to_trading": Endpoint("ET", _POST, "account", scope=Scope.WRITE_UNITS, sent=_MOVING),
    "api:move_from_trading": Endpoint("ET", _POST, "account", scope=Scope.WRITE_UNITS, sent=_MOVING),
    "api:transfer": Endpoint("E", _POST, "account", scope=Scope.WRITE_UNITS, sent=_MOVING),
    "api:transfers": Endpoint(ALL, scope=Scope.READ_ACCOUNTS),
    "api:transfer_asked": Endpoint(ALL, "GET", "pending", scope=Scope.READ_ACCOUNTS),
    "api:cancel_transfer": Endpoint("EORXT", "DELETE", "pending", scope=Scope.WRITE_UNITS),
    "api:outlook": Endpoint(ALL, scope=Scope.READ_ACCOUNTS, sent="year=2026"),
    "api:outlooks": Endpoint("OA", scope=Scope.READ_ACCOUNTS, sent="year=2026"),
    "api:tasks": Endpoint(ALL, scope=Scope.READ_ACCOUNTS, sent="year=2026"),
    "api:explanation": Endpoint(ALL, "GET", "allocation", "ORAD", scope=Scope.READ_ACCOUNTS),
    "api:orders": Endpoint(ALL, scope=Scope.READ_ORDERS),
    "api:total": Endpoint(ALL, scope=Scope.READ_ORDERS, sent=_ORDER),
    "api:order": Endpoint(ALL, "GET", "order", scope=Scope.READ_ORDERS),
    "api:place": Endpoint("T", _POST, scope=Scope.WRITE_ORDERS, sent=_PLACING),
    "api:cancel": Endpoint("T", "DELETE", "order", scope=Scope.WRITE_ORDERS),
    "api:auctions": Endpoint(EVERYBODY),
    "api:auction": Endpoint(EVERYBODY, subject="none"),
    "api:bids": Endpoint(ALL, "GET", "none", scope=Scope.READ_ORDERS),
    "api:bid": Endpoint("T", _POST, "none", scope=Scope.WRITE_ORDERS, sent=_BIDDING),
    "api:withdraw_bid": Endpoint("T", "DELETE", "none", scope=Scope.WRITE_ORDERS),
    "api:approvals": Endpoint("ORX", scope=Scope.READ_APPROVALS),
    "api:approval": Endpoint("ORX", "GET", "approval", "ORX", scope=Scope.READ_APPROVALS),
    "api:approve": Endpoint("ORX", _POST, "approval", "ORX", scope=Scope.WRITE_APPROVALS, sent=_APPROVING),
    "api:reject": Endpoint("ORX", _POST, "approval", "ORX", scope=Scope.WRITE_APPROVALS, sent='{"reason": "late"}'),
    "api:papers": Endpoint(ALL, scope=Scope.READ_PAPERS),
    "api:paper": Endpoint(ALL, "GET", "none", scope=Scope.READ_PAPERS),
    "api:paper_file": Endpoint(ALL, "GET", "none", scope=Scope.READ_PAPERS),
    "api:instruments": Endpoint(EVERYBODY),
    "api:bars": Endpoint(EVERYBODY, subject="none"),
    "api:composite": Endpoint(EVERYBODY, subject="none"),
    "api:history_csv": Endpoint(EVERYBODY, subject="none"),
    "api:history_parquet": Endpoint(EVERYBODY, subject="none"),
    "api:quote": Endpoint(EVERYBODY, subject="none"),
    "api:depth": Endpoint(EVERYBODY, subject="none"),
    "api:trades": Endpoint(EVERYBODY),
    "api:checkpoint": Endpoint(EVERYBODY),
    "api:receipt": Endpoint(EVERYBODY, subject="none"),
    "api:consistency": Endpoint(EVERYBODY, sent="old_size=1&new_size=1"),
    "api:findings": Endpoint(EVERYBODY),
    "api:interventions": Endpoint(EVERYBODY),
    "api:tables": Endpoint(EVERYBODY),
    "api:table": Endpoint(EVERYBODY, subject="none"),
}
