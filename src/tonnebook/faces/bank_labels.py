"""What people read for money at the banks and the papers about it: accounts, contracts, entries, orders."""

from django.utils.translation import gettext_noop

BANK_LABELS: dict[str, dict[str, str]] = {
    "BankAccountState": {
        "ASKED": gettext_noop("waits for confirmation"),
        "CONFIRMED": gettext_noop("confirmed by two people"),
        "REMOVED": gettext_noop("no longer in use"),
    },
    "EntrySide": {"CREDIT": gettext_noop("money in"), "DEBIT": gettext_noop("money out")},
    "EntryState": {
        "BOOKED": gettext_noop("credited"),
        "PAID": gettext_noop("paid as ordered"),
        "SUSPENSE": gettext_noop("in suspense"),
        "ASSIGNED": gettext_noop("credited by two people"),
        "RETURNED": gettext_noop("to be returned to the payer"),
        "OFFSET": gettext_noop("offset with its opposite"),
    },
    "SuspenseReason": {
        "ACCOUNT_NOT_NAMED": gettext_noop("names no cash account under contract with this bank"),
        "PAYER_DIFFERS": gettext_noop("comes from another bank account than the contracted one"),
        "ACCOUNT_CLOSED": gettext_noop("the cash account takes no money now"),
        "REFERENCE_USED": gettext_noop("the bank reference was booked for something else"),
        "IS_REVERSAL": gettext_noop("takes back an earlier payment"),
        "NOT_ORDERED": gettext_noop("answers no order of ours"),
        "AMOUNT_DIFFERS": gettext_noop("is not the amount that was ordered"),
    },
    "ContractState": {
        "ASKED": gettext_noop("waits for the bank"),
        "SIGNED": gettext_noop("signed"),
        "ENDED": gettext_noop("ended"),
    },
    "PaymentState": {"ORDERED": gettext_noop("ordered"), "PAID": gettext_noop("paid")},
    "DocumentKind": {
        "STATEMENT": gettext_noop("statement of account"),
        "COMPLIANCE": gettext_noop("certificate of compliance"),
        "DELIVERY_SLIP": gettext_noop("delivery slip"),
        "INVOICE": gettext_noop("invoice"),
    },
}
