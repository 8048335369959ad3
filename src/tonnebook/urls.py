"""The addresses of the rooms, one line each."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.http import require_safe

from tonnebook import commands
from tonnebook.web.api import api
from tonnebook.web.views import approvals


@require_safe
def health(_request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns: list[URLPattern | URLResolver] = [
    path("health", health),
    # The table of commands stands above the rooms, so the page that executes an approval gets it from here.
    path("approvals/<str:number>", approvals.decide, {"execute": commands.execute}, name="decide_approval"),
    path("api/v1/", api.urls),
    path("members/", include("tonnebook.members.urls")),
    path("registry/", include("tonnebook.registry.urls")),
    path("market/", include("tonnebook.market.urls")),
    path("demo/", include("tonnebook.demo.urls")),
    path("public/", include("tonnebook.portal.urls")),
    path("", include("tonnebook.portal.log_urls")),
    path("", include("tonnebook.web.urls")),
]

handler403 = "tonnebook.web.errors.forbidden"
handler404 = "tonnebook.web.errors.not_found"
handler500 = "tonnebook.web.errors.server_error"
