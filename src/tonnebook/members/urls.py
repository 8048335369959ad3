"""The addresses of members."""

from django.urls import path

from tonnebook.members import views

app_name = "members"

urlpatterns = [path("documents/<str:number>", views.document, name="document")]
