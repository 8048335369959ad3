"""The addresses of the shell."""

from django.urls import path

from tonnebook.web.views import (
    approvals,
    auditing,
    company,
    exchange,
    explaining,
    home,
    monitoring,
    officer,
    reporting,
    search,
    session,
    verifier,
    year,
)

app_name = "web"

urlpatterns = [
    path("", home.home, name="home"),
    path("sign-in", session.sign_in, name="sign_in"),
    path("sign-out", session.sign_out, name="sign_out"),
    path("switch/region", session.region, name="region"),
    path("switch/language", session.language, name="language"),
    path("switch/role", session.role, name="role"),
    path("search", search.search, name="search"),
    path("coverage", officer.coverage, name="coverage"),
    path("progress", officer.progress, name="progress"),
    path("late", officer.late, name="late"),
    path("year", year.year, name="year"),
    path("year/plans", year.plans, name="plans"),
    path("year/<int:year>/plan", year.adopt_plan, name="adopt_plan"),
    path("year/<int:year>/batch/<str:batch>", year.batch, name="batch"),
    path("year/<int:year>/act/<slug:code>", year.act, name="act"),
    path("surrenders", officer.surrenders, name="surrenders"),
    path("entity/<str:uscc>", company.entity, name="entity"),
    path("company/surrender", company.surrender, name="surrender"),
    path("company/surrender/<str:number>/withdraw", company.withdraw, name="withdraw"),
    path("company/allocation", company.allocation, name="allocation"),
    path("company/plan", monitoring.data_quality_plan, name="data_quality_plan"),
    path("company/filings", reporting.filings, name="filings"),
    path("company/filings/<str:facility>/<int:year>/<int:month>", reporting.file_month, name="file_month"),
    path("company/reports", reporting.reports, name="reports"),
    path("company/reports/<int:year>", reporting.submit_report, name="submit_report"),
    path("board", verifier.board, name="board"),
    path("board/<str:number>", verifier.report, name="report"),
    path("approvals", approvals.approvals, name="approvals"),
    path("exchange/day", exchange.trading_day, name="trading_day"),
    path("exchange/day/close", exchange.close_day, name="close_day"),
    path("exchange/auction/<str:number>/close", exchange.close_auction, name="close_auction"),
    path("explain/<slug:kind>/<str:key>", explaining.explain, name="explain"),
    path("audit", auditing.audit, name="audit"),
]
