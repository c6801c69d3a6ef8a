"""What we begin ourselves: contacts that we call, and the callbacks that were promised."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Callback(models.Model):
    """A promise to call somebody: in the place that they had in the queue, or at a time that was agreed. Each try is an interaction of its own."""

    class Origin(models.TextChoices):
        VIRTUAL_HOLD = "virtual_hold", _("kept the place in the queue")
        AGENT = "agent", _("agreed with an agent")
        WEB = "web", _("asked on the web page")
        LOST_CALL = "lost_call", _("the call was lost")
        VOICEMAIL = "voicemail", _("left a message")

    class State(models.TextChoices):
        SCHEDULED = "scheduled", _("Planned")
        QUEUED = "queued", _("In the queue")
        DIALLING = "dialling", _("Being called")
        DONE = "done", _("Reached")
        FAILED = "failed", _("Not reached")
        EXPIRED = "expired", _("Too late")
        CANCELLED = "cancelled", _("Cancelled")

    CALLED_IN = "called_in"
    """The outcome of one whose customer called in before we did."""

    OPEN = (State.SCHEDULED, State.QUEUED, State.DIALLING)

    origin = models.CharField(max_length=12, choices=Origin.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SCHEDULED)
    number = models.CharField(max_length=20, help_text="E.164")
    party = models.ForeignKey("parties.Party", null=True, on_delete=models.PROTECT, related_name="callbacks")
    name = models.CharField(max_length=80, blank=True, default="", help_text="as given by somebody who is not known")
    language = models.CharField(max_length=10, blank=True, default="")
    queue = models.ForeignKey("routing.Queue", on_delete=models.PROTECT, related_name="callbacks")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="callbacks", help_text="whose promise it is; none: the queue's"
    )
    position = models.ForeignKey(
        "org.Position", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False, help_text="whose holders may take it while nobody owns it"
    )
    about = models.CharField(max_length=200, blank=True, default="", help_text="one line: what it is about")
    asked_in = models.ForeignKey("interactions.Interaction", null=True, on_delete=models.SET_NULL, related_name="callbacks", help_text="where it was asked for")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    not_before = models.DateTimeField(help_text="the customer's window: from")
    not_after = models.DateTimeField(help_text="the customer's window: to")
    due_at = models.DateTimeField(null=True, help_text="when it is tried next; none when it is over")
    waiting_since = models.DateTimeField(null=True, help_text="the place kept: since when the customer had waited")
    terms = models.JSONField(default=dict, help_text="of the queue entry whose place is kept: priority, requirements, relaxation, preferred")
    tries = models.PositiveSmallIntegerField(default=0, help_text="made so far, of those that count")
    outcome = models.CharField(max_length=20, blank=True, default="", help_text="of the last try")
    tried_at = models.DateTimeField(null=True)
    settled_in = models.ForeignKey(
        "interactions.Interaction", null=True, on_delete=models.SET_NULL, related_name="settled_callbacks", help_text="the call in by which it was settled"
    )
    attempt = models.ForeignKey("interactions.Interaction", null=True, on_delete=models.SET_NULL, related_name="+", help_text="the try at hand")
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "routing_callback"
        indexes = (
            models.Index(fields=("due_at",), name="callback_due", condition=models.Q(state="scheduled")),
            models.Index(fields=("queue", "due_at"), name="callback_of_queue", condition=models.Q(closed_at=None)),
            models.Index(fields=("owner", "due_at"), name="callback_of_owner", condition=models.Q(closed_at=None)),
            models.Index(fields=("position", "due_at"), name="callback_of_position", condition=models.Q(closed_at=None)),
            models.Index(fields=("number", "-created_at"), name="callback_number"),
            models.Index(fields=("party", "-created_at"), name="callback_of_party"),
        )


class Outgoing(models.Model):
    """A contact that we begin: whom we call, on whose behalf, and what came of it."""

    class Outcome(models.TextChoices):
        ANSWERED = "answered", _("answered")
        BUSY = "busy", _("busy")
        NO_ANSWER = "no_answer", _("no answer")
        REJECTED = "rejected", _("declined")
        UNKNOWN_NUMBER = "unknown_number", _("wrong number")
        UNREACHABLE = "unreachable", _("not reachable")
        VOICEMAIL = "voicemail", _("voicemail")
        CANCELLED = "cancelled", _("hung up before the answer")
        FAILED = "failed", _("could not be dialled")

    interaction = models.OneToOneField("interactions.Interaction", primary_key=True, on_delete=models.CASCADE, related_name="outgoing")
    number = models.CharField(max_length=20, help_text="E.164")
    caller_id = models.CharField(max_length=20, blank=True, default="", help_text="shown to the one called; empty for the trunk's own")
    trunk = models.CharField(max_length=40, blank=True, default="", db_default="", help_text="who carries and bills it, once it rings or was answered")
    queue = models.ForeignKey("routing.Queue", null=True, on_delete=models.PROTECT, related_name="+", help_text="on whose behalf")
    callback = models.ForeignKey(Callback, null=True, on_delete=models.SET_NULL, related_name="attempts")
    ring_seconds = models.PositiveSmallIntegerField(default=30)
    asked_at = models.DateTimeField(null=True, help_text="an agent is ready for it: it is to be dialled")
    begun_at = models.DateTimeField(null=True, help_text="a switch has taken it up")
    rang_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=14, choices=Outcome.choices, blank=True, default="")

    class Meta:
        db_table = "routing_outgoing"
        indexes = (models.Index(fields=("asked_at",), name="outgoing_not_begun", condition=models.Q(begun_at=None, outcome="")),)
