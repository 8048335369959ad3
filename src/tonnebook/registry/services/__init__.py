"""What may be done in the registry: open, post, hold, and the commands of people.

A function with an actor and a key is a command; one without runs inside the command of another room, or by a job.
"""

from tonnebook.core.ledger import Leg, Wanted
from tonnebook.registry.services.accounts import (
    CASH,
    AccountDraft,
    ensure_assets,
    open_accounts,
    open_region,
    set_state,
)
from tonnebook.registry.services.applications import (
    apply_for_account,
    apply_for_change,
    check_application,
    grant_application,
    refuse_application,
    withdraw_application,
)
from tonnebook.registry.services.bank_accounts import (
    confirm_bank_account,
    register_bank_account,
    remove_bank_account,
)
from tonnebook.registry.services.bank_statements import load_bank_statement, work_off_bank_entry
from tonnebook.registry.services.bulk import BulkDraft, post_bulk
from tonnebook.registry.services.corrections import require_reversible, reverse
from tonnebook.registry.services.courts import freeze_by_court, lift_court_freeze
from tonnebook.registry.services.deliveries import DeliveryDraft, deliver_trades
from tonnebook.registry.services.freezes import freeze, freeze_by_system, lift_freeze, settle_audit
from tonnebook.registry.services.holds import (
    HoldDraft,
    lower_holds,
    place_holds,
    release_expired,
    release_holds,
    reserve_each,
)
from tonnebook.registry.services.immobilised import immobilise, release_immobilised
from tonnebook.registry.services.moves import move_from_trading, move_to_trading, transfer_non_trade
from tonnebook.registry.services.openings import open_books
from tonnebook.registry.services.papers import Issued, check_block, issue_statement, keep_issued, take_document_number
from tonnebook.registry.services.payment_orders import order_payments
from tonnebook.registry.services.payments import cash_in
from tonnebook.registry.services.pending import (
    approve_transfer,
    cancel_transfer,
    carry_out_due,
    transfer_to_holder,
    withdraw,
)
from tonnebook.registry.services.restrictions import reopen_account, restrict_account
from tonnebook.registry.services.rights import require_right
from tonnebook.registry.services.settlement_banks import (
    confirm_bank_contract,
    end_bank_contract,
    open_settlement_bank,
    require_settlement_body,
    sign_bank_contract,
)
from tonnebook.registry.services.transfers import Posted, TransferDraft, post
from tonnebook.registry.services.trusted import distrust_account, trust_account
from tonnebook.registry.services.units import issue_credits, retire

__all__ = [
    "CASH",
    "AccountDraft",
    "BulkDraft",
    "DeliveryDraft",
    "HoldDraft",
    "Issued",
    "Leg",
    "Posted",
    "TransferDraft",
    "Wanted",
    "apply_for_account",
    "apply_for_change",
    "approve_transfer",
    "cancel_transfer",
    "carry_out_due",
    "cash_in",
    "check_application",
    "check_block",
    "confirm_bank_account",
    "confirm_bank_contract",
    "deliver_trades",
    "distrust_account",
    "end_bank_contract",
    "ensure_assets",
    "freeze",
    "freeze_by_court",
    "freeze_by_system",
    "grant_application",
    "immobilise",
    "issue_credits",
    "issue_statement",
    "keep_issued",
    "lift_court_freeze",
    "lift_freeze",
    "load_bank_statement",
    "lower_holds",
    "move_from_trading",
    "move_to_trading",
    "open_accounts",
    "open_books",
    "open_region",
    "open_settlement_bank",
    "order_payments",
    "place_holds",
    "post",
    "post_bulk",
    "refuse_application",
    "register_bank_account",
    "release_expired",
    "release_holds",
    "release_immobilised",
    "remove_bank_account",
    "reopen_account",
    "require_reversible",
    "require_right",
    "require_settlement_body",
    "reserve_each",
    "restrict_account",
    "retire",
    "reverse",
    "set_state",
    "settle_audit",
    "sign_bank_contract",
    "take_document_number",
    "transfer_non_trade",
    "transfer_to_holder",
    "trust_account",
    "withdraw",
    "withdraw_application",
    "work_off_bank_entry",
]
