"""Pages for people outside of the centre."""

from __future__ import annotations

from django.urls import path

from cordboard.portals import views_survey, views_ticket

app_name = "portals"
urlpatterns = [
    path("survey/<str:token>/", views_survey.survey, name="survey"),
    path("survey/<str:token>/stop/", views_survey.stop, name="survey_stop"),
    path("ticket/<str:token>/", views_ticket.ticket, name="ticket"),
    path("ticket/<str:token>/file/<int:number>/", views_ticket.file, name="ticket_file"),
    path("ask/<slug:code>/", views_ticket.ask, name="ask"),
]
