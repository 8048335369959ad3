"""The static addresses of the public log (C2SP tlog-tiles) at the root of the site."""

from django.urls import path, re_path

from tonnebook.portal import views

app_name = "log"

urlpatterns = [
    path("checkpoint", views.checkpoint, name="checkpoint"),
    path("tile/entries/<path:place>", views.bundle, name="bundle"),
    re_path(r"^tile/(?P<level>[0-9]|[1-5][0-9]|6[0-3])/(?P<place>.+)$", views.tile, name="tile"),
]
