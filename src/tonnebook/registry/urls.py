"""The addresses of the registry."""

from django.urls import path

from tonnebook.registry import views

app_name = "registry"

urlpatterns = [
    path("", views.holdings, name="holdings"),
    path("accounts/<str:number>", views.account, name="account"),
    path("accounts/<str:number>/statement", views.statement, name="statement"),
    path("accounts/<str:number>/cash-in", views.cash_in, name="cash_in"),
    path("accounts/<str:number>/retire", views.retire, name="retire"),
]
