"""The addresses of members."""

from django.urls import path

from tonnebook.members import views

app_name = "members"

urlpatterns = [
    path("documents/<str:number>", views.document, name="document"),
    path("api-keys", views.api_keys, name="api_keys"),
    path("api-keys/<str:number>/revoke", views.revoke_api_key, name="revoke_api_key"),
]
