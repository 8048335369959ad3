"""The addresses of the registry."""

from django.urls import path

from tonnebook.registry.views import holdings, statements

app_name = "registry"

urlpatterns = [
    path("", holdings.holdings, name="holdings"),
    path("accounts/<str:number>", holdings.account, name="account"),
    path("accounts/<str:number>/statement", statements.statement, name="statement"),
    path("accounts/<str:number>/statement.pdf", statements.issue, name="issue_statement"),
    path("accounts/<str:number>/documents/<str:document>.pdf", statements.issued, name="issued"),
    path("accounts/<str:number>/cash-in", holdings.cash_in, name="cash_in"),
    path("accounts/<str:number>/retire", holdings.retire, name="retire"),
]
