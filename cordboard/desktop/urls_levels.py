"""Addresses of support levels, solutions, goodwill and mass incidents."""

from __future__ import annotations

from django.urls import path

from cordboard.desktop import views_incidents, views_ticket_help

patterns = [
    path("tickets/<int:number>/level/<slug:verb>/", views_ticket_help.level, name="ticket_level"),
    path("tickets/<int:number>/solution/", views_ticket_help.solution, name="ticket_solution"),
    path("tickets/<int:number>/grants/", views_ticket_help.grants, name="ticket_grants"),
    path("tickets/<int:number>/grants/<slug:verb>/", views_ticket_help.grant, name="ticket_grant"),
    path("tickets/<int:number>/incident/<slug:verb>/", views_ticket_help.incident, name="ticket_incident"),
    path("incidents/", views_incidents.listing, name="incidents"),
    path("incidents/new/", views_incidents.make, name="incident_make"),
    path("incidents/<int:number>/", views_incidents.page, name="incident"),
    path("incidents/<int:number>/progress/", views_incidents.progress, name="incident_progress"),
    path("incidents/<int:number>/<slug:verb>/", views_incidents.act, name="incident_act"),
]
