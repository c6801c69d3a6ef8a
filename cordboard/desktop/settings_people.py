"""People in the settings: accounts, what they may do, what they serve as agents, their desk telephones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from cordboard.channels.voice.models import Phone
from cordboard.channels.voice.permissions import MANAGE as VOICE
from cordboard.desktop.forms_people import PersonForm
from cordboard.desktop.settings_base import Kind, Listed, language, unit_pairs
from cordboard.lib.keeping import Changed, mark
from cordboard.org import actions_people as people
from cordboard.org import handover
from cordboard.org.actions_settings import MANAGE
from cordboard.org.models import Position, Role, User
from cordboard.org.permissions import HAND_OVER, user_may
from cordboard.routing import actions_seat as seats
from cordboard.routing.models import Queue, Skill
from cordboard.routing.permissions import SUPERVISE
from cordboard.routing.scopes import sets


class People(Kind):
    code, permission, icon, name, new = "people", MANAGE, "users", later("People"), later("New person")
    template = "desktop/settings_person.html"

    def columns(self) -> list[str]:
        return [_("Name"), _("User name"), _("Roles"), _("Position"), _("Unit"), _("Account")]

    def lines(self, user: Any) -> list[Listed]:
        rows = User.objects.select_related("unit", "position").prefetch_related("roles").order_by("-is_active", "name")
        return [
            Listed(
                row.pk,
                (str(row), row.username, ", ".join(role.name for role in row.roles.all()), str(row.position or ""), str(row.unit or ""), _account(row)),
                soft=not row.is_active,
            )
            for row in rows
        ]

    def find(self, user: Any, number: int) -> User | None:
        return User.objects.filter(pk=number).first()

    def values(self, row: User) -> dict[str, Any]:
        return {**people.person_values(row), "seat": seats.seat_values(row.pk)}

    def initial(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return PersonForm.initial_of(values)

    def blank(self, user: Any) -> dict[str, Any]:
        return {"language": user.language, "timezone": user.timezone, "unit_id": user.unit_id, "capacity": 1}

    def form(self, data: Any, initial: dict[str, Any], row: User | None, user: Any) -> PersonForm:
        skills = [(one.code, one.name_in(language())) for one in Skill.objects.all()] if _may_seat(user, row) else None
        return PersonForm(
            data, initial=initial, new=row is None, units=unit_pairs(), positions=list(Position.objects.values_list("pk", "name")),
            roles=list(Role.objects.values_list("pk", "name")), queues=list(Queue.objects.values_list("pk", "name")), skills=skills,
        )  # fmt: skip

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> Model:
        """The account and what the agent serves, both or neither: each action compares with its own part of what was shown."""
        with transaction.atomic():
            if number is not None:
                now = self.values(User.objects.select_for_update().get(pk=number))
                if seen != mark(now):
                    raise Changed(now)
                row = people.keep_person(user, number, form.person(), seen=mark({name: value for name, value in now.items() if name != "seat"}))
                seat = now["seat"]
            else:
                row = people.keep_person(user, None, form.person(), username=form.cleaned_data["username"])
                seat = seats.seat_values(row.pk)
            if form.seat:
                seats.keep_seat(user, row.pk, form.place(), seen=mark(seat))
        return row

    def after(self, made: Any) -> str:
        """Somebody new needs a way in."""
        return reverse("desktop:settings_edit", args=[self.code, made.pk]) + "?made=1"

    def beside(self, user: Any, row: Any) -> dict[str, Any]:
        if row is None:
            return {}
        may_phones = bool(user_may(user, VOICE))
        return {
            "account": _account(row),
            "own": row.pk == user.pk,
            "barred": row.is_superuser and not user.is_superuser,
            "waits": len(handover.owned(row.pk)) if not row.is_active else 0,
            "may_hand_over": bool(user_may(user, HAND_OVER)),
            "may_phones": may_phones,
            "phones": _phones(row) if may_phones else [],
        }


def _account(row: User) -> str:
    if not row.is_active:
        return _("closed")
    if not row.has_usable_password():
        return _("has no password yet")
    return _("open")


def _may_seat(user: Any, row: User | None) -> bool:
    """Whether the reader may set what this person serves; of somebody new, whether anybody's."""
    return bool(user_may(user, SUPERVISE)) if row is None else sets(user, row.pk)


def _phones(row: User) -> list[dict[str, Any]]:
    """The desk telephones of a person. Two queries."""
    found = Phone.objects.filter(user=row).prefetch_related("contacts")
    now = timezone.now()
    return [{"row": one, "telephones": [contact.agent or contact.address for contact in one.contacts.all() if contact.until > now]} for one in found]
