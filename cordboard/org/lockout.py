"""Guessing is stopped: after six failures a name at an address waits a quarter of an hour."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def client_address(request: HttpRequest) -> str:
    """The visitor's address as the front saw it: the front strips this header from outside and sets its own."""
    return str(request.META.get("HTTP_X_REAL_IP") or request.META.get("REMOTE_ADDR") or "")


def login_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The account that somebody tries, by whichever of its names: wrong tries on e-mail and user name count together.

    One query, on failures and sign-ins only."""
    from cordboard.org.models import User

    given = credentials or {}
    name = str(given.get("username") or given.get("email") or request.POST.get("login", "")).strip().lower()
    if "@" in name:
        return User.objects.filter(email=name).values_list("username", flat=True).first() or name
    return name


def locked_out(request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None) -> HttpResponse:
    return render(request, "account/locked_out.html", status=429)
