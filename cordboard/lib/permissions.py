"""What may be allowed, and whether somebody is.

Each package declares its operations in its own ``permissions.py``; roles give them to users with a scope. Deny by default:
what no role gives is refused, and an undeclared code is a programming error. It stands down here so that the engines' own
screens (flows, rules) can ask too; who has which role is told by org (`granted_by`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Scope = Literal["own", "unit", "all"]
P = ParamSpec("P")
_ORDER: dict[str, int] = {"own": 1, "unit": 2, "all": 3}


@dataclass(frozen=True, slots=True)
class Permission:
    code: str
    words: str | StrPromise


_declared: dict[str, Permission] = {}
_roles_of: Callable[[int], Iterable[tuple[dict[str, Scope], bool]]] | None = None


def granted_by(roles_of: Callable[[int], Iterable[tuple[dict[str, Scope], bool]]]) -> None:
    """Who knows the roles of a user, by id: of each role its permissions and whether it masks customers' details."""
    global _roles_of
    _roles_of = roles_of


def declare(code: str, words: str | StrPromise) -> None:
    """Make an operation known, as '<package>.<operation>', with what it lets one do in words for the role editor."""
    known = _declared.get(code)
    if known is not None and str(known.words) != str(words):
        raise ValueError(f"permission {code} is declared twice, differently")
    _declared[code] = Permission(code, words)


def declared() -> dict[str, Permission]:
    return dict(_declared)


def granted(user: Any) -> dict[str, Scope]:
    """All that the user's roles give: code -> widest scope. One query a request, kept on the user object."""
    kept: dict[str, Scope] | None = getattr(user, "_granted", None)
    if kept is None:
        kept = {}
        if user.is_authenticated and user.is_active and _roles_of is not None:
            for permissions, masks in _roles_of(user.pk):
                for code, scope in permissions.items():
                    if _ORDER[scope] > _ORDER.get(kept.get(code, ""), 0):
                        kept[code] = scope
                user._masks = getattr(user, "_masks", False) or masks
        user._granted = kept
    return kept


def masks(user: Any) -> bool:
    """Whether a role of the user's keeps customers' details masked until their identity was checked. The query of `granted`."""
    if not user.is_authenticated or user.is_superuser:
        return False
    granted(user)
    return bool(getattr(user, "_masks", False))


def user_may(user: Any, code: str) -> Scope | None:
    """The scope in which `user` may do `code`, or None. Superusers may do everything."""
    if code not in _declared:
        raise KeyError(f"permission {code!r} is not declared")
    if not user.is_authenticated or not user.is_active:
        return None
    if user.is_superuser:
        return "all"
    return granted(user).get(code)


def require(user: Any, code: str) -> Scope:
    """As user_may, but refuses: raises PermissionDenied, with the operation in words."""
    scope = user_may(user, code)
    if scope is None:
        raise PermissionDenied(str(_declared[code].words))
    return scope


def permitted(code: str) -> Callable[[Callable[Concatenate[HttpRequest, P], HttpResponse]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    """A view for signed-in people who may do `code`. Every view bears this, `signed_in` or `public`: a test looks."""

    def decorate(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            require(request.user, code)
            return view(request, *args, **kwargs)

        result = login_required(guarded)
        result.access = code  # type: ignore[attr-defined]
        return result

    return decorate


def signed_in(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A view for everybody who is signed in (own settings, say)."""
    result = login_required(view)
    result.access = "signed in"  # type: ignore[attr-defined]
    return result


def public(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A view for anybody, on purpose."""
    view.access = "public"  # type: ignore[attr-defined]
    return view
