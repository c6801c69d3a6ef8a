"""The shapes that the description of the API names (JSON Schema 2020-12, as OpenAPI 3.1 has it), and the addresses of figures, which live in analytics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cordboard.flows.files import SURFACES

TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "integer"}
MOMENT: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
NAME: dict[str, Any] = {"type": ["string", "null"], "description": "A user name."}
CODE: dict[str, Any] = {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,59}$"}
COUNT: dict[str, Any] = {"type": ["integer", "null"]}


def _object(required: Sequence[str] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required or properties)}


def _list(of: str) -> dict[str, Any]:
    return _object(
        items={"type": "array", "items": {"$ref": f"#/components/schemas/{of}"}},
        next={"type": ["string", "null"], "description": "Cursor of the next page; null: this was all."},
    )


_SURFACES: dict[str, Any] = {"type": "array", "items": {"enum": list(SURFACES)}, "minItems": 1}
_GRAPH: dict[str, Any] = {"type": "object", "description": "The flow as it was drawn: steps by name, and how they follow one another."}
_BODY: dict[str, Any] = {"type": "object", "description": "The policy: mode, time zone, parameters and rules in their order.", "required": ["rules"]}
_OF_FLOW: dict[str, Any] = {
    "code": CODE, "name": TEXT, "version": NUMBER, "state": {"enum": ["draft", "published", "retired"]}, "surfaces": _SURFACES, "revision": NUMBER, "comment": TEXT,
    "changed_by": NAME, "changed_at": MOMENT, "published_by": NAME, "published_at": MOMENT,
}  # fmt: skip
_OF_POLICY: dict[str, Any] = {
    "area": TEXT, "code": CODE, "name": TEXT, "version": NUMBER, "state": {"enum": ["draft", "review", "approved", "published", "retired"]}, "revision": NUMBER,
    "comment": TEXT, "based_on": COUNT, "changed_by": NAME, "changed_at": MOMENT, "effective_at": MOMENT, "published_by": NAME, "published_at": MOMENT,
}  # fmt: skip
_LISTED: dict[str, Any] = {
    "number": NUMBER, "title": TEXT, "kind": TEXT, "state": {"enum": ["new", "open", "waiting", "resolved", "closed"]}, "stage": {"type": ["string", "null"]},
    "priority": {"type": "integer", "minimum": 1, "maximum": 9}, "customer": {"type": ["string", "null"], "description": "A customer number."},
    "customer_name": {"type": ["string", "null"]}, "owner": NAME, "unit": {"type": ["string", "null"], "description": "A unit's code."}, "opened_at": MOMENT,
    "due_at": MOMENT, "resolved_at": MOMENT, "version": NUMBER,
}  # fmt: skip
_TAGS: dict[str, Any] = {"type": "array", "items": TEXT}
_VALUES: dict[str, Any] = {"type": "object", "description": "Of the kind's own fields, by their codes."}
_TEST = _object(name=TEXT, passed={"type": "boolean"}, wrong={"type": "array", "items": TEXT})

SCHEMAS: dict[str, dict[str, Any]] = {
    "Problem": {
        **_object(("title", "status"), type=TEXT, title=TEXT, status=NUMBER, detail=TEXT, parameter=TEXT, code=TEXT, etag=TEXT),
        "description": "RFC 9457. `code` is for programs; `parameter` names the member that is wrong; `problems` and `tests` list what keeps a draft from being published.",
    },
    "Comment": {**_object(("comment",), comment=TEXT), "required": [], "x-optional": True},
    "FlowListed": _object(code=CODE, name=TEXT, surfaces=_SURFACES, published=COUNT, draft=COUNT, runs=NUMBER, running=NUMBER),
    "FlowList": _list("FlowListed"),
    "FlowVersion": _object(**_OF_FLOW),
    "FlowVersionList": _list("FlowVersion"),
    "FlowWithGraph": _object(**_OF_FLOW, graph=_GRAPH),
    "NewFlow": _object(("code", "name", "surfaces"), code=CODE, name=TEXT, surfaces=_SURFACES, graph=_GRAPH, comment=TEXT),
    "FlowDraft": _object(("graph",), graph=_GRAPH, name=TEXT, surfaces=_SURFACES),
    "FlowCheck": {**_object(("graph",), graph=_GRAPH), "required": [], "x-optional": True},
    "FlowChecked": _object(
        good={"type": "boolean"},
        problems={"type": "array", "items": _object(step=TEXT, code=TEXT, level={"enum": ["error", "note"]}, message=TEXT)},
        tests={"type": "array", "items": _TEST},
    ),
    "FlowFile": _object(
        ("code", "surfaces", "graph"), cordboard={"const": "flow"}, schema=NUMBER, code=CODE, name=TEXT, surfaces=_SURFACES, graph=_GRAPH,
        tests={"type": "array", "items": {"type": "object"}},
    ),
    "PolicyListed": _object(area=TEXT, code=CODE, name=TEXT, published=COUNT, draft=COUNT, state=TEXT),
    "PolicyList": _list("PolicyListed"),
    "PolicyVersion": _object(**_OF_POLICY),
    "PolicyVersionList": _list("PolicyVersion"),
    "PolicyWithBody": _object(**_OF_POLICY, body=_BODY),
    "NewPolicy": _object(("area", "code", "name"), area=TEXT, code=CODE, name=TEXT, body=_BODY, comment=TEXT),
    "PolicyDraft": _object(("body",), body=_BODY, name=TEXT, comment=TEXT),
    "PolicyCheck": {**_object(("body",), body=_BODY), "required": [], "x-optional": True},
    "PolicyChecked": _object(
        good={"type": "boolean"},
        problems={"type": "array", "items": _object(path=TEXT, message=TEXT)},
        findings={"type": "array", "items": {"type": "object", "properties": {"code": TEXT, "rule": TEXT}}, "description": "Rules that can never hold, or are at odds."},
    ),
    "TicketListed": _object(**_LISTED),
    "TicketList": _list("TicketListed"),
    "Ticket": _object(**_LISTED, text=TEXT, opened_by=NAME, tags=_TAGS, values=_VALUES),
    "NewTicket": _object(("title",), title=TEXT, text=TEXT, kind=TEXT, customer=TEXT, owner=TEXT, unit=TEXT, values=_VALUES),
    "TicketChange": {
        **_object(("title",), title=TEXT, text=TEXT, kind=TEXT, priority=NUMBER, state=TEXT, owner=TEXT, unit=TEXT, tags=_TAGS, values=_VALUES),
        "required": [], "x-optional": True,
    },
    "TicketMessage": _object(id=NUMBER, kind={"enum": ["note", "reply", "received"]}, author=NAME, text=TEXT, address={"type": ["string", "null"]}, at=MOMENT),
    "TicketMessageList": _list("TicketMessage"),
    "NewTicketMessage": _object(("kind", "text"), kind={"enum": ["note", "reply", "received"]}, text=TEXT, to=TEXT, then=TEXT),
    "PolicyFile": _object(("area", "code", "rules"), area=TEXT, code=CODE, name=TEXT, schema=NUMBER, mode={"enum": ["first", "all"]}, rules={"type": "array", "items": {"type": "object"}}),
}  # fmt: skip


def _read(id: str, summary: str, names: Sequence[str], kind: str = "application/json") -> dict[str, Any]:
    parameters = [{"name": name, "in": "query", "schema": TEXT} for name in names]
    refused = {status: {"$ref": f"#/components/responses/{status}"} for status in ("401", "403", "422")}
    done = {"200": {"description": summary, "content": {kind: {"schema": {"type": "object"} if kind == "application/json" else TEXT}}}}
    return {
        "get": {
            "operationId": id,
            "summary": summary,
            "tags": ["figures"],
            "parameters": parameters,
            "description": "Needs the permission analytics.view.",
            "responses": done | refused,
        }
    }


_KINDS = ("queue", "agent", "skill", "reason", "channel")
FIGURES: dict[str, Any] = {
    "/api/v1/figures": _read("figures_get", "Figures by interval", ("from", "to", "interval", "rows", *_KINDS, "level", "zone", "cursor")),
    "/api/v1/figures.csv": _read("figures_file_get", "Figures by interval as a file", ("from", "to", "interval", "rows", *_KINDS, "level", "zone"), "text/csv"),
    "/api/v1/agent-states": _read("agent_states_get", "The log of agents' states", ("from", "to", "agent", "zone", "cursor")),
    "/api/v1/agent-states.csv": _read("agent_states_file_get", "The log of agents' states as a file", ("from", "to", "agent", "zone"), "text/csv"),
}
