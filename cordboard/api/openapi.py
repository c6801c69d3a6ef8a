"""The description of the API (OpenAPI 3.1), made of what the addresses themselves say."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern

from cordboard.api import schemas, wire
from cordboard.org.permissions import public

_PART = re.compile(r"<(?:(slug|int):)?(\w+)>")
_ERRORS = {
    "400": "The request cannot be read.", "401": "Nobody says who asks, or the token does not hold.", "403": "The token or its user does not reach so far.",
    "404": "There is no such thing.", "409": "It does not go as things stand.", "412": "Somebody else was quicker: it is not what was seen any more.",
    "415": "This is no JSON.", "422": "Something in the request is wrong.", "428": "The request does not say what was seen.",
}  # fmt: skip


@public
def document(request: HttpRequest) -> HttpResponse:
    return wire.answer(described())


@cache
def described() -> dict[str, Any]:
    """The whole description."""
    from cordboard.api.urls import urlpatterns

    paths: dict[str, Any] = {}
    for pattern in urlpatterns:
        endpoints = getattr(pattern.callback, "endpoints", None)
        if endpoints:
            paths["/" + _PART.sub(r"{\2}", str(pattern.pattern))] = _address(pattern, endpoints)
    paths |= schemas.FIGURES
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Cordboard",
            "version": "1",
            "description": "Flows, policies, tickets and figures of an interaction centre. docs/api.md tells more, with examples.",
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "A token made under one's own settings: cb_..."}},
            "schemas": schemas.SCHEMAS,
            "responses": {status: _problem(words) for status, words in _ERRORS.items()},
            "headers": {"ETag": {"description": "What was seen: send it back as If-Match.", "schema": {"type": "string"}}},
        },
    }


def _problem(words: str) -> dict[str, Any]:
    return {"description": words, "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def _address(pattern: URLPattern, endpoints: dict[str, wire.Endpoint]) -> dict[str, Any]:
    parts = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "integer" if kind == "int" else "string"}}
        for kind, name in _PART.findall(str(pattern.pattern))
    ]
    made: dict[str, Any] = {"parameters": parts} if parts else {}
    for method, one in endpoints.items():
        made[method.lower()] = _operation(f"{pattern.name}_{method.lower()}", method, one)
    return made


def _operation(id: str, method: str, one: wire.Endpoint) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [{"name": name, "in": "query", "description": words, "schema": {"type": "string"}} for name, words in one.query.items()]
    if one.match:
        parameters.append({"name": "If-Match", "in": "header", "description": "The ETag of what was seen.", "schema": {"type": "string"}})
    if method not in wire.READS:
        parameters.append({
            "name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": wire.MOST_KEY},
            "description": "The same key within a day gives the same answer, and nothing is done twice.",
        })  # fmt: skip
    done: dict[str, Any] = {"description": one.summary}
    if one.gives:
        done |= {"content": {wire.JSON: {"schema": {"$ref": f"#/components/schemas/{one.gives}"}}}, "headers": {"ETag": {"$ref": "#/components/headers/ETag"}}}
    refused = {"401", "403", *({"400", "409", "415", "422"} if method not in wire.READS else {"404"}), *({"404", "412", "428"} if one.match else set())}
    operation: dict[str, Any] = {
        "operationId": id, "summary": one.summary, "tags": [id.partition("_")[0].removesuffix("s").replace("policie", "policy")], "parameters": parameters,
        "description": f"Needs the permission {one.code}.",
        "responses": {str(one.status): done, **{status: {"$ref": f"#/components/responses/{status}"} for status in sorted(refused)}},
    }  # fmt: skip
    if one.takes:
        required = not schemas.SCHEMAS[one.takes].get("x-optional", False)
        operation["requestBody"] = {"required": required, "content": {wire.JSON: {"schema": {"$ref": f"#/components/schemas/{one.takes}"}}}}
    return operation
