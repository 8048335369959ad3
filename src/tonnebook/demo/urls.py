"""The addresses of the demo."""

from django.urls import path

from tonnebook.demo import views

app_name = "demo"

urlpatterns = [
    path("advance", views.advance, name="advance"),
    path("playing", views.playing, name="playing"),
    path("progress", views.progress, name="progress"),
]
