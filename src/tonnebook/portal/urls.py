"""The addresses of the public pages."""

from django.urls import path, re_path

from tonnebook.portal import method_views, rule_views, views

app_name = "portal"

urlpatterns = [
    path("deadlines", views.deadlines, name="deadlines"),
    path("tables", views.tables, name="tables"),
    path("tables/<int:year>/<slug:code>", views.table, name="table"),
    re_path(
        r"^tables/(?P<year>\d{4})/(?P<code>[\w-]+)\.(?P<form>csv|json)$",
        lambda request, year, code, form: views.open_data(request, code, int(year), form),
        name="open_data",
    ),
    path("receipt", views.receipt, name="receipt"),
    re_path(r"^leaf/(?P<leaf_hash>[0-9a-f]{64})$", views.leaf, name="leaf"),
    re_path(r"^leaf/(?P<leaf_hash>[0-9a-f]{64})\.json$", views.leaf_file, name="leaf_file"),
    path("verify.html", views.verifier, name="verifier"),
    path("document", views.document, name="document"),
    path("log", views.log, name="log"),
    path("log/consistency", views.log_consistency, name="consistency"),
    path("log/consistency.json", views.log_consistency_file, name="consistency_file"),
    path("unit", views.unit, name="unit"),
    path("methods", method_views.methods, name="methods"),
    path("methods.json", method_views.methods_data, name="methods_data"),
    re_path(r"^methods/(?P<method>[a-z0-9_]+)$", method_views.method, name="method"),
    path("rules", rule_views.rules, name="rules"),
    path("rules.json", rule_views.rules_data, name="rules_data"),
    path("rules/compared", rule_views.compared, name="compared"),
    path("rules/overdue", rule_views.overdue, name="overdue"),
    path("rules/caps", rule_views.cap_path, name="cap_path"),
    path("rules/release", rule_views.release, name="release"),
    path("rules/releases", rule_views.releases, name="releases"),
    re_path(r"^rules/releases/(?P<digest>[0-9a-f]{64})\.txt$", rule_views.release_note, name="release_note"),
    re_path(r"^rules/(?P<path>[a-z0-9_]+(?:\.[a-z0-9_]+)+)$", rule_views.rule, name="rule"),
    path("check-it-yourself", views.instructions, name="instructions"),
]
