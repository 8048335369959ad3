"""What may be done in the registry: open, post, hold, and the commands of people.

`open_accounts`, `open_region`, `ensure_assets`, `set_state`, `post`, `post_bulk`, `place_holds` and `release_holds` run
inside the command of another room; `open_books`, `cash_in`, `retire` and `issue_credits` are commands;
`release_expired` is run by a job.
"""

from tonnebook.core.ledger import Leg
from tonnebook.registry.services.accounts import (
    AccountDraft,
    ensure_assets,
    open_accounts,
    open_region,
    set_state,
)
from tonnebook.registry.services.bulk import BulkDraft, post_bulk
from tonnebook.registry.services.holds import HoldDraft, place_holds, release_expired, release_holds
from tonnebook.registry.services.openings import open_books
from tonnebook.registry.services.payments import cash_in
from tonnebook.registry.services.transfers import Posted, TransferDraft, post
from tonnebook.registry.services.units import issue_credits, retire

__all__ = [
    "AccountDraft",
    "BulkDraft",
    "HoldDraft",
    "Leg",
    "Posted",
    "TransferDraft",
    "cash_in",
    "ensure_assets",
    "issue_credits",
    "open_accounts",
    "open_books",
    "open_region",
    "place_holds",
    "post",
    "post_bulk",
    "release_expired",
    "release_holds",
    "retire",
    "set_state",
]
