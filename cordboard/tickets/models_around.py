"""What stands around a ticket: who looks at it and who follows it, tags, a checklist, ties to other tickets, merges and splits."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cordboard.tickets.models import Ticket


class TicketWatcher(models.Model):
    """Somebody who hears of what becomes of a ticket."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="watchers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "tickets_watcher"
        constraints = (models.UniqueConstraint(fields=("ticket", "user"), name="ticket_watcher_once"),)


class TicketTold(models.Model):
    """What those who follow a ticket were told: each event of the log once."""

    event = models.BigIntegerField(primary_key=True, help_text="its number in the log")
    at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "tickets_told"


class TicketViewer(models.Model):
    """Somebody who has the ticket open now: heard of within the last minute (actions_viewing.EXPIRY)."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="viewers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()
    writes = models.BooleanField(default=False, help_text="a reply or note, just now")

    class Meta:
        db_table = "tickets_viewer"
        constraints = (models.UniqueConstraint(fields=("ticket", "user"), name="ticket_viewer_once"),)


class TicketTag(models.Model):
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="tags")
    word = models.CharField(max_length=40)

    class Meta:
        db_table = "tickets_tag"
        ordering = ("word",)
        constraints = (models.UniqueConstraint(fields=("ticket", "word"), name="ticket_tag_once"),)
        indexes = (models.Index(fields=("word", "ticket"), name="ticket_of_tag"),)


class TicketCheck(models.Model):
    """One line of a ticket's checklist."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="checks")
    text = models.CharField(max_length=200)
    order = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        db_table = "tickets_check"
        ordering = ("order", "pk")


class TicketLink(models.Model):
    """`ticket` is tied to `other`: the other is its parent, its original, or its cause."""

    class Kind(models.TextChoices):
        PARENT = "parent", _("part of")
        DUPLICATE = "duplicate", _("duplicate of")
        CAUSE = "cause", _("caused by")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="links")
    other = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="linked_from")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "tickets_link"
        constraints = (models.UniqueConstraint(fields=("ticket", "other", "kind"), name="ticket_link_once"),)


class TicketMove(models.Model):
    """What a merge or a split moved from one ticket to another, so that it can be taken back."""

    class Kind(models.TextChoices):
        MERGE = "merge", _("Merged")
        SPLIT = "split", _("Split off")

    kind = models.CharField(max_length=5, choices=Kind.choices)
    source = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="moved_out")
    target = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="moved_in")
    plan = models.JSONField(help_text="rows that moved, were dropped and were made, and how the source stood (tickets/merging.py)")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tickets_move"
        ordering = ("-at", "-pk")
