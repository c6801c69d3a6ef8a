"""E-mail that goes out: kept as rows before it is sent, so that nothing is lost while the mail server is away."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class OutgoingMail(models.Model):
    """One message to one address. The worker sends it (sending.py), tries again with growing pauses, and gives up with a reason."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waits to be sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Not sent")

    key = models.CharField(max_length=200, null=True, unique=True, help_text="of the act that wants it sent: done twice, it is one message")
    interaction = models.ForeignKey("interactions.Interaction", null=True, on_delete=models.CASCADE, related_name="mail_sent")
    party = models.ForeignKey("parties.Party", null=True, on_delete=models.CASCADE, related_name="mail_sent")
    address = models.EmailField(max_length=254)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    language = models.CharField(max_length=10, blank=True, default="")
    purpose = models.CharField(max_length=20, blank=True, default="", help_text="survey, flow, ...: what it was sent for")
    headers = models.JSONField(default=dict, help_text="beside the usual ones: List-Unsubscribe, ...")
    files = models.JSONField(default=list, db_default=[], help_text="[{path, name, type}]: what goes with it, by its path in the data folder")
    message_id = models.CharField(max_length=120, unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, help_text="when it is tried next; while it is being sent, when another may try it")
    error = models.CharField(
        max_length=300, blank=True, default="", help_text="why it was not sent, the last time: a code of sending.py, or what the server said"
    )
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True, help_text="from then on it says nothing any more, and is not sent")

    class Meta:
        db_table = "mail_outgoing"
        indexes = (
            models.Index(fields=("next_at",), name="mail_due", condition=models.Q(state="queued")),
            models.Index(fields=("party", "-made_at"), name="mail_of_party"),
            models.Index(fields=("-made_at",), name="mail_newest"),
        )

    def __str__(self) -> str:
        return self.subject


class MailAttachment(models.Model):
    """What goes with a message: small things that we make ourselves (a calendar entry). They stand in the database, so that a message and what belongs to it are there or not
    as one."""

    message = models.ForeignKey(OutgoingMail, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=120, help_text="with its parameters: text/calendar; method=REQUEST")
    alternative = models.BooleanField(default=False, help_text="another form of the text itself (RFC 2046, 5.1.4), as invitations are sent (RFC 6047)")
    data = models.BinaryField()

    class Meta:
        db_table = "mail_attachment"
        ordering = ("pk",)


from cordboard.mail.models_visit import VisitTold  # noqa: E402, F401
