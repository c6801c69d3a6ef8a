"""Deny by default: every address names who may open it, and roles decide."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from cordboard.org import actions, permissions
from cordboard.org.models import User

permissions.declare("test.look", "look at the test")

# allauth's own views guard themselves; the internal ones answer the front's socket only.
OF_ALLAUTH = "allauth."
INTERNAL = "internal/"


def _views(resolver: URLResolver, prefix: str = "") -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += _views(pattern, route)
        elif isinstance(pattern, URLPattern):
            found.append((route, pattern.callback))
    return found


def test_every_address_says_who_may_open_it() -> None:
    open_doors = [
        route
        for route, view in _views(get_resolver())
        if not getattr(view, "access", None) and not view.__module__.startswith(OF_ALLAUTH) and not route.startswith(INTERNAL)
    ]
    assert open_doors == []


def test_every_permission_named_by_a_view_is_declared() -> None:
    named = {getattr(view, "access", None) for _, view in _views(get_resolver())} - {None, "public", "signed in", "internal"}
    assert named <= set(permissions.declared())


def user(name: str, **more: object) -> User:
    return actions.create_user(username=name, name=name.title(), email=f"{name}@centre.example", password="a long enough one", **more)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_alice_may_what_her_roles_give_and_dave_may_not() -> None:
    actions.set_role("looker", "Looker", {"test.look": "own"})
    actions.set_role("watcher", "Watcher", {"test.look": "all"})
    alice, dave = user("alice", roles=["looker"]), user("dave")
    carol = user("carol", roles=["looker", "watcher"])
    assert permissions.user_may(alice, "test.look") == "own"
    assert permissions.user_may(carol, "test.look") == "all", "the widest scope of several roles holds"
    assert permissions.user_may(dave, "test.look") is None
    assert permissions.user_may(AnonymousUser(), "test.look") is None
    with pytest.raises(PermissionDenied):
        permissions.require(dave, "test.look")


@pytest.mark.django_db
def test_somebody_who_left_may_nothing() -> None:
    actions.set_role("looker", "Looker", {"test.look": "all"})
    alice = user("alice", roles=["looker"])
    alice.is_active = False
    assert permissions.user_may(alice, "test.look") is None


def test_asking_for_what_nobody_declared_is_a_mistake_in_the_program() -> None:
    with pytest.raises(KeyError):
        permissions.user_may(AnonymousUser(), "test.never_declared")


@pytest.mark.django_db
def test_a_role_cannot_give_what_does_not_exist() -> None:
    with pytest.raises(actions.UnknownPermission):
        actions.set_role("odd", "Odd", {"moon.land": "all"})


@pytest.mark.django_db
def test_a_guarded_view_lets_in_whom_it_should(rf: RequestFactory) -> None:
    @permissions.permitted("test.look")
    def view(request: object) -> HttpResponse:
        return HttpResponse("seen")

    actions.set_role("looker", "Looker", {"test.look": "own"})
    request = rf.get("/somewhere/")
    request.user = user("alice", roles=["looker"])
    assert view(request).content == b"seen"
    request.user = user("dave")
    with pytest.raises(PermissionDenied):
        view(request)
    request.user = AnonymousUser()
    assert view(request).status_code == 302
