"""The addresses of the registry."""

from django.urls import path

from tonnebook.registry.views import (
    applications,
    corrections,
    freezes,
    holdings,
    holds,
    moves,
    payouts,
    statements,
    states,
)

app_name = "registry"

urlpatterns = [
    path("", holdings.holdings, name="holdings"),
    path("accounts/<str:number>", holdings.account, name="account"),
    path("accounts/<str:number>/statement", statements.statement, name="statement"),
    path("accounts/<str:number>/statement.pdf", statements.issue, name="issue_statement"),
    path("accounts/<str:number>/documents/<str:document>.pdf", statements.issued, name="issued"),
    path("accounts/<str:number>/state", states.account_state, name="account_state"),
    path("accounts/<str:number>/holds", holds.holds, name="holds"),
    path("accounts/<str:number>/freeze", holds.freeze, name="freeze_by_court"),
    path("accounts/<str:number>/holds/<str:hold>/lift", holds.lift, name="lift_court_freeze"),
    path("accounts/<str:number>/cash-in", holdings.cash_in, name="cash_in"),
    path("accounts/<str:number>/retire", holdings.retire, name="retire"),
    path("accounts/<str:number>/move", moves.move, name="move"),
    path("accounts/<str:number>/transfer", moves.transfer, name="transfer"),
    path("accounts/<str:number>/trusted", moves.trusted, name="trusted"),
    path("accounts/<str:number>/distrust", moves.distrust, name="distrust"),
    path("accounts/<str:number>/hand-on", moves.hand_on, name="hand_on"),
    path("accounts/<str:number>/transfers/<str:transfer>/reverse", corrections.reverse, name="reverse"),
    path("accounts/<str:number>/withdraw", payouts.withdraw, name="withdraw"),
    path("accounts/<str:number>/apply/<str:kind>", applications.apply_for_change, name="apply_for_change"),
    path("applications", applications.applications, name="applications"),
    path("applications/new", applications.apply, name="apply"),
    path("applications/<str:number>", applications.application, name="application"),
    path("applications/<str:number>/withdraw", applications.withdraw, name="withdraw_application"),
    path("applications/<str:number>/check", applications.check, name="check_application"),
    path("applications/<str:number>/refuse", applications.refuse, name="refuse_application"),
    path("bank-accounts", payouts.bank_accounts, name="bank_accounts"),
    path("bank-accounts/<str:number>/confirm", payouts.confirm_bank_account, name="confirm_bank_account"),
    path("bank-accounts/<str:number>/remove", payouts.remove_bank_account, name="remove_bank_account"),
    path("freezes", freezes.freezes, name="freezes"),
    path("freezes/<str:number>/lift", freezes.lift, name="lift_freeze"),
    path("waiting", payouts.waiting, name="waiting"),
    path("waiting/<str:number>/cancel", payouts.cancel, name="cancel_transfer"),
]
