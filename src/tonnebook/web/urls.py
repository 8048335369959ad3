"""The addresses of the shell."""

from django.urls import path

from tonnebook.web.views import session

app_name = "web"

urlpatterns = [
    path("sign-in", session.sign_in, name="sign_in"),
    path("sign-out", session.sign_out, name="sign_out"),
    path("switch/region", session.region, name="region"),
    path("switch/language", session.language, name="language"),
    path("switch/role", session.role, name="role"),
]
