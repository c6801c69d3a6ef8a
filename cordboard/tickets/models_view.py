"""Views of the ticket list that people keep and share; the words by which tickets are found; bulk changes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class TicketView(models.Model):
    """A kept filter of the list. Its owner sees it, and whoever has the role or is in the unit that it is shared with."""

    name = models.CharField(max_length=60)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="ticket_views")
    role = models.ForeignKey("org.Role", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    unit = models.ForeignKey("org.Unit", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    condition = models.JSONField(default=dict, help_text="as in rules, over the facts of a ticket (filter_facts.py)")
    sort = models.CharField(max_length=10, default="due")
    columns = models.JSONField(default=list, help_text="codes of the columns shown; empty: the usual ones")
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "tickets_view"
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name


class SearchWord(models.Model):
    """A word that stands in some ticket, and in how many: a search begins with the rarest."""

    word = models.CharField(max_length=40, unique=True)
    tickets = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table = "tickets_search_word"
        # the operator class makes LIKE 'vri%' use the index in PostgreSQL whatever the collation; the index of `unique` serves SQLite
        indexes = (models.Index(fields=("word",), name="ticket_search_word", opclasses=("varchar_pattern_ops",)),)


class SearchPosting(models.Model):
    """In which tickets a word stands: an inverted index. It can be made anew from the tickets at any time, so nothing refers to it and the database checks nothing."""

    pk = models.CompositePrimaryKey("word_id", "ticket_id")
    word = models.ForeignKey(SearchWord, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)

    class Meta:
        db_table = "tickets_search_posting"


class BulkChange(models.Model):
    """One change of many tickets: what was asked, of which, and how far it is. The worker does it, one ticket at a time, each in a transaction of its own."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        STOPPED = "stopped", _("Stopped")
        DONE = "done", _("Done")

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    change = models.JSONField(help_text="what becomes of each ticket: {'what': 'state', 'to': 'open'}; {'what': 'undo'}: what `undoes` did is put back")
    tickets = models.JSONField(help_text="ids of the tickets, in the order in which they are done")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    undoes = models.OneToOneField("self", null=True, blank=True, on_delete=models.CASCADE, related_name="undone_by")
    asked_at = models.DateTimeField()
    beat_at = models.DateTimeField(help_text="when the worker last took some up: much later, nobody does, and it is taken up anew")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tickets_bulk"
        indexes = (
            models.Index(fields=("by", "-asked_at"), name="ticket_bulk_of"),
            models.Index(fields=("beat_at",), name="ticket_bulk_going", condition=models.Q(ended_at=None)),
        )


class BulkItem(models.Model):
    """What came of one ticket in a bulk change, written with the change itself. `old` and `version`: how it stood before, and which version came of it."""

    class Result(models.TextChoices):
        DONE = "done", _("Changed")
        SAME = "same", _("Was so already")
        LEFT = "left", _("Left as it is")

    bulk = models.ForeignKey(BulkChange, on_delete=models.CASCADE, related_name="items", db_index=False)
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="+")
    result = models.CharField(max_length=4, choices=Result.choices)
    why = models.CharField(max_length=300, blank=True, default="", help_text="what was in the way, in the words of whoever asked")
    old = models.JSONField(default=dict)
    version = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "tickets_bulk_item"
        constraints = (models.UniqueConstraint(fields=("bulk", "ticket"), name="ticket_bulk_once"),)
        indexes = (models.Index(fields=("bulk", "result", "id"), name="ticket_bulk_result"),)
