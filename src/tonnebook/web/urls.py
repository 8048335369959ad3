"""The addresses of the shell."""

from django.urls import path

from tonnebook.web.views import approvals, auditing, exchange, home, search, session

app_name = "web"

urlpatterns = [
    path("", home.home, name="home"),
    path("sign-in", session.sign_in, name="sign_in"),
    path("sign-out", session.sign_out, name="sign_out"),
    path("switch/region", session.region, name="region"),
    path("switch/language", session.language, name="language"),
    path("switch/role", session.role, name="role"),
    path("search", search.search, name="search"),
    path("approvals", approvals.approvals, name="approvals"),
    path("exchange/day", exchange.trading_day, name="trading_day"),
    path("exchange/day/close", exchange.close_day, name="close_day"),
    path("exchange/auction/<str:number>/close", exchange.close_auction, name="close_auction"),
    path("audit", auditing.audit, name="audit"),
]
