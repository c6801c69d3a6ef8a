"""The policy workbench."""

from __future__ import annotations

from django.urls import path

from cordboard.workbench import views, views_acts, views_replay, views_why

app_name = "workbench"
urlpatterns = [
    path("policies/", views.policies, name="policies"),
    path("policies/new/", views_acts.new, name="new"),
    path("policies/why/<int:interaction>/", views_why.interaction, name="why"),
    path("policies/replay/<int:policy>/", views_replay.panel, name="replay"),
    path("policies/replay/<int:policy>/ask/", views_replay.ask, name="replay_ask"),
    path("policies/replay/<int:policy>/<int:replay>/stop/", views_replay.stop, name="replay_stop"),
    path("policies/<slug:code>/", views.policy, name="policy"),
    path("policies/<slug:code>/difference/", views.differences, name="difference"),
    path("policies/<slug:code>/history/", views.history, name="history"),
    path("policies/<slug:code>/tried/", views_why.tried, name="tried"),
    path("policies/<slug:code>/export.json", views.as_file, name="export"),
    path("policies/<slug:code>/draft/", views_acts.begin, name="begin"),
    path("policies/<slug:code>/save/", views_acts.save, name="save"),
    path("policies/<slug:code>/act/<slug:what>/", views_acts.act, name="act"),
]
