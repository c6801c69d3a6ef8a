"""What programs write and read of flows, policies and tickets. The figures are in analytics/api.py."""

from __future__ import annotations

from django.urls import path

from cordboard.api import flows, openapi, policies, tickets

app_name = "api"
urlpatterns = [
    path("api/v1/openapi.json", openapi.document, name="openapi"),
    path("api/v1/flows", flows.flows, name="flows"),
    path("api/v1/flows/import", flows.flow_import, name="flow_import"),
    path("api/v1/flows/<slug:code>/versions", flows.flow_versions, name="flow_versions"),
    path("api/v1/flows/<slug:code>/versions/<int:number>", flows.flow_version, name="flow_version"),
    path("api/v1/flows/<slug:code>/draft", flows.flow_draft, name="flow_draft"),
    path("api/v1/flows/<slug:code>/draft/check", flows.flow_check, name="flow_check"),
    path("api/v1/flows/<slug:code>/draft/publish", flows.flow_publish, name="flow_publish"),
    path("api/v1/flows/<slug:code>/export", flows.flow_export, name="flow_export"),
    path("api/v1/policies", policies.policies, name="policies"),
    path("api/v1/policies/import", policies.policy_import, name="policy_import"),
    path("api/v1/policies/<slug:code>/versions", policies.policy_versions, name="policy_versions"),
    path("api/v1/policies/<slug:code>/versions/<int:number>", policies.policy_version, name="policy_version"),
    path("api/v1/policies/<slug:code>/draft", policies.policy_draft, name="policy_draft"),
    path("api/v1/policies/<slug:code>/draft/check", policies.policy_check, name="policy_check"),
    path("api/v1/policies/<slug:code>/draft/submit", policies.policy_submit, name="policy_submit"),
    path("api/v1/policies/<slug:code>/draft/publish", policies.policy_publish, name="policy_publish"),
    path("api/v1/policies/<slug:code>/export", policies.policy_export, name="policy_export"),
    path("api/v1/tickets", tickets.tickets, name="tickets"),
    path("api/v1/tickets/<int:number>", tickets.ticket, name="ticket"),
    path("api/v1/tickets/<int:number>/messages", tickets.ticket_messages, name="ticket_messages"),
]
