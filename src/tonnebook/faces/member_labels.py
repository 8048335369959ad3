"""What people read for official papers, their seals, and second factors."""

from django.utils.translation import gettext_noop

MEMBER_LABELS: dict[str, dict[str, str]] = {
    "PaperKind": {
        "ACCOUNT_STATE": gettext_noop("notice of account state"),
        "FREEZE": gettext_noop("notice of freeze"),
        "ALLOCATION": gettext_noop("notice of allocation"),
        "DEADLINE": gettext_noop("reminder of a deadline"),
        "ORDER_TO_SURRENDER": gettext_noop("order to surrender"),
        "PENALTY": gettext_noop("decision on a penalty"),
        "ANNOUNCEMENT": gettext_noop("announcement"),
        "AUCTION_NOTICE": gettext_noop("notice of the exchange"),
        "AUCTION_RESULT": gettext_noop("result of an auction"),
    },
    "SealKind": {
        "ELECTRONIC": gettext_noop("electronic seal"),
        "PAPER": gettext_noop("stamped on paper"),
    },
    "FactorKind": {
        "CODE": gettext_noop("one-time codes (authenticator app)"),
        "PASSKEY": gettext_noop("passkey"),
        "RECOVERY": gettext_noop("recovery codes"),
    },
}
