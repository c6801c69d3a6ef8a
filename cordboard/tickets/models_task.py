"""Tasks: something that somebody has to do by a moment, in the work list of a person, a position or a unit."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Task(models.Model):
    """One thing to do. Whose it is: `owner`; without one it waits in the list of `position` or `unit` for whoever takes it. `why` says what led to it,
    as a code and values (tasks.because puts it in words)."""

    class Kind(models.TextChoices):
        TRACK = "track", _("Follow a complaint")
        RESULT = "result", _("Tell the customer the result")
        CALL = "call", _("Call the customer")
        RATED = "rated", _("Follow up a low rating")
        OTHER = "other", _("Task")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Not needed any more")

    key = models.CharField(max_length=120, null=True, unique=True, help_text="of the act that wants it: done twice, it is one task")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.OTHER)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True, default="")
    ticket = models.ForeignKey("tickets.Ticket", null=True, blank=True, on_delete=models.CASCADE, related_name="tasks", help_text="what it is about")
    party = models.ForeignKey("parties.Party", null=True, blank=True, on_delete=models.CASCADE, related_name="tasks")
    after = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="followed_by", help_text="the task that it takes up again")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="tasks")
    unit = models.ForeignKey("org.Unit", null=True, blank=True, on_delete=models.PROTECT, related_name="tasks", help_text="in whose work list it stands")
    position = models.ForeignKey("org.Position", null=True, blank=True, on_delete=models.PROTECT, related_name="tasks")
    priority = models.PositiveSmallIntegerField(default=5, help_text="1 first, 9 last")
    due_at = models.DateTimeField(null=True, blank=True)
    why = models.JSONField(default=dict, help_text="code and values: which fact or rule led to it")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", help_text="empty: a rule or the system")
    made_at = models.DateTimeField()
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    done_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True, default="", help_text="what came of it, in the words of who did it")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "tickets_task"
        constraints = (
            models.CheckConstraint(
                name="task_stands_somewhere",
                condition=models.Q(owner__isnull=False) | models.Q(unit__isnull=False) | models.Q(position__isnull=False) | ~models.Q(state="open"),
            ),
        )
        indexes = (
            models.Index(fields=("owner", "due_at"), name="task_of_owner", condition=models.Q(state="open")),
            models.Index(fields=("unit", "due_at"), name="task_of_unit", condition=models.Q(state="open")),
            models.Index(fields=("position", "due_at"), name="task_of_position", condition=models.Q(state="open")),
        )

    def __str__(self) -> str:
        return self.title
