"""Figures, and the agent's own day."""

from __future__ import annotations

from django.urls import path

from cordboard.analytics import api, views, views_complaints, views_day, views_guidance, views_scripts, views_surveys

app_name = "analytics"
urlpatterns = [
    path("figures/", views.figures, name="figures"),
    path("figures/contacts/", views.contacts, name="contacts"),
    path("figures/export.csv", views.as_file, name="export"),
    path("figures/agents/<int:number>/", views_day.agent_day, name="agent_day"),
    path("figures/guidance/", views_guidance.guidance, name="guidance"),
    path("figures/surveys/", views_surveys.results, name="surveys"),
    path("figures/surveys/answers/", views_surveys.answers, name="survey_answers"),
    path("figures/surveys/export.csv", views_surveys.as_file, name="survey_file"),
    path("figures/scripts/", views_scripts.scripts, name="scripts"),
    path("figures/scripts/contacts/", views_scripts.contacts, name="script_contacts"),
    path("figures/scripts/export.csv", views_scripts.as_file, name="scripts_csv"),
    path("figures/complaints/", views_complaints.figures, name="complaints"),
    path("figures/complaints/tickets/", views_complaints.listed, name="complaint_list"),
    path("figures/complaints/export.csv", views_complaints.as_file, name="complaint_file"),
    path("my-day/", views_day.my_day, name="my_day"),
    path("my-day/contacts/", views_day.my_contacts, name="my_contacts"),
    path("api/v1/figures", api.figures, name="api_figures"),
    path("api/v1/figures.csv", api.as_file, name="api_file"),
    path("api/v1/agent-states", api.agent_states, name="api_states"),
    path("api/v1/agent-states.csv", api.states_as_file, name="api_states_file"),
]
