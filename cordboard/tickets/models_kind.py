"""Kinds of tickets: the eight that stand in every installation, and those that managers add."""

from __future__ import annotations

from typing import Any

from django.db import models


class TicketKind(models.Model):
    """What a ticket of this kind has and may become. Its deadline and priority follow the built-in kind `like` until a policy says otherwise."""

    code = models.SlugField(max_length=20, unique=True)
    names = models.JSONField(default=dict, blank=True, help_text="language -> name; empty for a built-in kind, whose name the program translates")
    built_in = models.BooleanField(default=False)
    active = models.BooleanField(default=True, help_text="can be chosen for new tickets")
    like = models.CharField(max_length=20, default="request", help_text="the built-in kind whose deadlines and priority it takes")
    order = models.PositiveSmallIntegerField(default=50)
    fields = models.JSONField(default=list, blank=True, help_text="[{code, type, names, choices, required: [states]}] (tickets/kinds.py)")
    states = models.JSONField(default=list, blank=True, help_text="[{code, like, names, after}] (tickets/states.py); empty for the five of every ticket")

    class Meta:
        db_table = "tickets_kind"
        ordering = ("order", "code")

    def __str__(self) -> str:
        return self.name_in("en")

    def name_in(self, language: str) -> str:
        from cordboard.tickets.kinds import word_of

        return word_of(self.code, self.names, language)

    @property
    def terms(self) -> dict[str, Any]:
        return {"fields": self.fields, "states": self.states}
