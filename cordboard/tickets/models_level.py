"""Support levels as organisation: which unit serves which level, what the level wants to know, and every hand-off between them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SupportLevel(models.Model):
    """A unit at a level, for a family of products or for all of them."""

    class Rank(models.IntegerChoices):
        FIRST = 1, _("Level 1")
        SECOND = 2, _("Level 2")
        THIRD = 3, _("Level 3")
        TECHNICIAN = 4, _("Technician")

    rank = models.PositiveSmallIntegerField(choices=Rank.choices)
    family = models.SlugField(max_length=40, blank=True, default="", help_text="of products; empty: all")
    unit = models.ForeignKey("org.Unit", on_delete=models.PROTECT, related_name="support_levels")
    queue = models.ForeignKey("routing.Queue", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="for calls handed on live")

    class Meta:
        db_table = "tickets_support_level"
        ordering = ("rank", "family", "pk")
        constraints = (models.UniqueConstraint(fields=("rank", "family", "unit"), name="support_level_once"),)

    def __str__(self) -> str:
        return f"{self.get_rank_display()}, {self.unit}"


class LevelItem(models.Model):
    """Something that a level asks for before it takes a ticket."""

    class Asks(models.TextChoices):
        CHECK = "check", _("a tick: it was done")
        TEXT = "text", _("an answer in words")
        PRODUCT = "product", _("the customer's product on the ticket")
        REASON = "reason", _("the contact reason on the ticket")

    rank = models.PositiveSmallIntegerField(choices=SupportLevel.Rank.choices)
    family = models.SlugField(max_length=40, blank=True, default="", help_text="of products; empty: all")
    asks = models.CharField(max_length=8, choices=Asks.choices, default=Asks.CHECK)
    names = models.JSONField(default=dict, help_text="language -> what is asked for")
    required = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "tickets_level_item"
        ordering = ("rank", "order", "pk")

    def __str__(self) -> str:
        return self.name_in("en")

    def name_in(self, language: str) -> str:
        return str(self.names.get(language) or self.names.get("en") or next(iter(self.names.values()), ""))


class TicketLevel(models.Model):
    """At which level a ticket is, once it was handed on; before, its unit tells (levels.rank_of)."""

    ticket = models.OneToOneField("tickets.Ticket", on_delete=models.CASCADE, primary_key=True, related_name="level")
    rank = models.PositiveSmallIntegerField(choices=SupportLevel.Rank.choices)
    since = models.DateTimeField()

    class Meta:
        db_table = "tickets_level"
        indexes = (models.Index(fields=("rank", "since"), name="ticket_level_rank"),)


class LevelStep(models.Model):
    """One hand-off of a ticket between levels: who, when, from where to where, with what answers, and why."""

    class Way(models.TextChoices):
        SENT = "sent", _("sent on")
        LIVE = "live", _("handed on live")
        BACK = "back", _("handed back")
        RULE = "rule", _("sent on by a rule")

    class State(models.TextChoices):
        PENDING = "pending", _("the call is being handed on")
        DONE = "done", _("done")
        DROPPED = "dropped", _("nobody took the call")

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="level_steps")
    way = models.CharField(max_length=4, choices=Way.choices)
    state = models.CharField(max_length=7, choices=State.choices, default=State.DONE)
    from_rank = models.PositiveSmallIntegerField()
    to_rank = models.PositiveSmallIntegerField()
    from_unit = models.ForeignKey("org.Unit", null=True, on_delete=models.SET_NULL, related_name="+")
    to_unit = models.ForeignKey("org.Unit", null=True, on_delete=models.SET_NULL, related_name="+")
    from_owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    to_owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    interaction = models.ForeignKey("interactions.Interaction", null=True, on_delete=models.SET_NULL, related_name="+", help_text="the call handed on with it")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", help_text="empty: a rule")
    why = models.CharField(max_length=300, blank=True, default="")
    answers = models.JSONField(default=list, help_text='[{"names": {...}, "answer": "yes", "missing": false}]: as they were asked and answered')
    circle = models.BooleanField(default=False, help_text="it had been there twice already")
    at = models.DateTimeField()

    class Meta:
        db_table = "tickets_level_step"
        ordering = ("pk",)
        indexes = (
            models.Index(fields=("ticket", "at"), name="level_step_of_ticket"),
            models.Index(fields=("interaction",), name="level_step_pending", condition=models.Q(state="pending")),
        )
