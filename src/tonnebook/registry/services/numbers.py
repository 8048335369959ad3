"""Numbers of accounts, transfers and holds: names of the sequences, and numbers with check digits."""

from tonnebook.core import identity
from tonnebook.journal import rows
from tonnebook.journal import services as journal
from tonnebook.registry.models import Transfer

ACCOUNT, TRANSFER, HOLD = "registry_account_number", "registry_transfer_number", "registry_hold_number"
PENDING, BANK_ACCOUNT = "registry_pending_number", "registry_bank_account_number"
SETTLEMENT_BANK, CONTRACT = "registry_settlement_bank_number", "registry_contract_number"
BANK_STATEMENT, BANK_ENTRY = "registry_bank_statement_number", "registry_bank_entry_number"
PAYMENT_FILE, PAYMENT_ORDER = "registry_payment_file_number", "registry_payment_order_number"
DOCUMENT, APPLICATION = "registry_document_number", "registry_application_number"


def take_numbers(sequence: str, prefix: str, quantity: int) -> list[str]:
    """Draw numbers such as "T-000042-17", in order; gaps after a rollback are harmless."""
    return [identity.numbered(prefix, count) for count in journal.next_counts(sequence, quantity)]


def take_transfers(quantity: int) -> list[tuple[int, str]]:
    """Draw ids and numbers of transfers with one statement."""
    pairs = rows.next_pairs(rows.ids_of(Transfer), TRANSFER, quantity)
    return [(transfer_id, identity.numbered("T", count)) for transfer_id, count in pairs]
