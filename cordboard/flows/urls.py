"""Flows: the list, the designer, and what it asks for."""

from __future__ import annotations

from django.urls import path

from cordboard.flows import views, views_designer

app_name = "flows"
urlpatterns = [
    path("flows/", views.listing, name="list"),
    path("flows/new/", views.create, name="create"),
    path("flows/import/", views.take_in, name="import"),
    path("flows/<slug:code>/", views.designer, name="designer"),
    path("flows/<slug:code>/standing/", views_designer.standing, name="standing"),
    path("flows/<slug:code>/save/", views_designer.save, name="save"),
    path("flows/<slug:code>/check/", views_designer.check, name="check"),
    path("flows/<slug:code>/publish/", views_designer.publish, name="publish"),
    path("flows/<slug:code>/delete/", views_designer.delete, name="delete"),
    path("flows/<slug:code>/retire/", views_designer.retire, name="retire"),
    path("flows/<slug:code>/version/", views_designer.version, name="version"),
    path("flows/<slug:code>/figures/", views_designer.numbers, name="figures"),
    path("flows/<slug:code>/play/", views_designer.play_it, name="play"),
    path("flows/<slug:code>/tests/", views_designer.tests, name="tests"),
    path("flows/<slug:code>/tests/save/", views_designer.test_save, name="test_save"),
    path("flows/<slug:code>/tests/delete/", views_designer.test_delete, name="test_delete"),
    path("flows/<slug:code>/export.json", views.export, name="export"),
    path("flows/<slug:code>/outline.txt", views_designer.as_outline, name="outline"),
]
