"""What people read for the codes of a compliance year: where it stands, penalties, leaving."""

from django.utils.translation import gettext_noop

YEAR_LABELS: dict[str, dict[str, str]] = {
    "YearCode": {
        "NO_FIGURE": gettext_noop("no determined figure"),
        "DUE": gettext_noop("still due"),
        "COVERED": gettext_noop("surrendered in full"),
        "SHORT": gettext_noop("short after the last day"),
        "PENALISED": gettext_noop("short and penalised"),
        "COMPLIANT": gettext_noop("compliant"),
        "MADE_GOOD": gettext_noop("made good late"),
        "REOPENED": gettext_noop("more is due after a later figure"),
    },
    "Mark": {
        "OFFSET": gettext_noop("with credits"),
        "LATE": gettext_noop("surrendered late"),
        "REDETERMINED": gettext_noop("figure replaced"),
        "SETTLED": gettext_noop("settled"),
        "PENALISED": gettext_noop("penalised"),
        "CARRIED_OVER": gettext_noop("carried over"),
        "EXITED": gettext_noop("left the market"),
        "HANDED_OVER": gettext_noop("handed over to the national market"),
    },
    "EventKind": {
        "DETERMINED": gettext_noop("Emission determined"),
        "REDETERMINED": gettext_noop("Emission determined anew"),
        "RECALL_OWED": gettext_noop("Allowances to hand back were gone"),
        "SURRENDERED": gettext_noop("Surrender confirmed"),
        "LAST_DAY_OVER": gettext_noop("Last day for surrender over"),
        "SETTLED": gettext_noop("Year settled"),
        "PENALISED": gettext_noop("Penalty decided"),
        "CARRIED_OVER": gettext_noop("Carried over"),
        "EXITED": gettext_noop("Left the market"),
        "HANDED_OVER": gettext_noop("Handed over to the national market"),
    },
    "TransitionKind": {
        "CONVERT": gettext_noop("converted"),
        "CANCEL_FREE": gettext_noop("free allowances cancelled"),
        "HAND_OVER": gettext_noop("handed over"),
        "EXIT": gettext_noop("exit settled"),
    },
    "UseOrder": {
        "OWN_SURRENDER": gettext_noop("units for own surrender only"),
        "CREDIT": gettext_noop("credits within their limit"),
        "ALLOWANCE_OLDEST_FIRST": gettext_noop("allowances, the oldest first"),
    },
    "PenaltyStep": {
        "OPENED": gettext_noop("file opened"),
        "ORDERED": gettext_noop("order to correct"),
        "CORRECTED": gettext_noop("corrected"),
        "REFUSED": gettext_noop("refused to correct"),
        "NOTIFIED": gettext_noop("advance notice of the penalty"),
        "HEARD": gettext_noop("statement or hearing"),
        "WAIVED": gettext_noop("statement and hearing waived"),
        "DECIDED": gettext_noop("decision"),
        "PAID": gettext_noop("paid"),
        "CLOSED": gettext_noop("closed without penalty"),
    },
    "Regime": {
        "PRICE_MULTIPLE": gettext_noop("a multiple of the mean market price"),
        "FIXED_FINE": gettext_noop("a fine between fixed sums"),
        "NO_SUPPORT": gettext_noop("no fine; no preferential support for some years"),
    },
}
