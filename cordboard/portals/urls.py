"""Pages for people outside of the centre."""

from __future__ import annotations

from django.urls import path

from cordboard.portals import views_survey

app_name = "portals"
urlpatterns = [
    path("survey/<str:token>/", views_survey.survey, name="survey"),
    path("survey/<str:token>/stop/", views_survey.stop, name="survey_stop"),
]
