"""The addresses of the demo."""

from django.urls import path

from tonnebook.demo import views

app_name = "demo"

urlpatterns = [
    path("advance", views.advance, name="advance"),
    path("bank-file", views.bank_file, name="bank_file"),
    path("playing", views.playing, name="playing"),
    path("progress", views.progress, name="progress"),
]
