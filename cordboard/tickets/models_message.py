"""A ticket's conversation: what was written, by whom, with what attached to it; and what is being written."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cordboard.tickets.models import Ticket


class TicketMessage(models.Model):
    class Kind(models.TextChoices):
        NOTE = "note", _("Internal note")
        REPLY = "reply", _("Reply")
        RECEIVED = "received", _("From the customer")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.NOTE)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", help_text="the colleague who wrote it")
    party = models.ForeignKey("parties.Party", null=True, on_delete=models.PROTECT, related_name="+", help_text="the customer who wrote it")
    text = models.TextField(help_text="plain text; HTML that comes in is taken down to it")
    address = models.CharField(max_length=254, blank=True, default="", help_text="to where a reply went, from where one came")
    message_id = models.CharField(max_length=250, blank=True, default="", help_text="of the mail that carried it")
    interaction = models.ForeignKey("interactions.Interaction", null=True, on_delete=models.SET_NULL, related_name="+")
    mentions = models.JSONField(default=list, blank=True, help_text="numbers of the colleagues named in it")
    at = models.DateTimeField()

    class Meta:
        db_table = "tickets_message"
        ordering = ("pk",)  # as they were written; the clock may have been set back in between
        indexes = (
            models.Index(fields=("ticket", "at"), name="ticket_message_at"),
            models.Index(fields=("at", "ticket"), name="ticket_message_when"),  # in which tickets something was written since
            models.Index(fields=("message_id",), name="ticket_message_mail", condition=~models.Q(message_id="")),
        )


class TicketAttachment(models.Model):
    """A file: of a message, or of what somebody is still writing (`message` None)."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="attachments")
    message = models.ForeignKey(TicketMessage, null=True, on_delete=models.CASCADE, related_name="attachments")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=200, help_text="as its giver called it")
    type = models.CharField(max_length=100, help_text="by its content, not by its name")
    size = models.PositiveBigIntegerField(help_text="bytes")
    file = models.CharField(max_length=80, unique=True, help_text="under the data folder, by a name of chance")
    at = models.DateTimeField()

    class Meta:
        db_table = "tickets_attachment"
        ordering = ("at", "pk")


class TicketDraft(models.Model):
    """What somebody is writing on a ticket, as typed. An older revision never takes the place of a newer one."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="drafts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=TicketMessage.Kind.choices, default=TicketMessage.Kind.REPLY)
    text = models.TextField(blank=True, default="")
    revision = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        db_table = "tickets_draft"
        constraints = (models.UniqueConstraint(fields=("ticket", "user"), name="ticket_draft_once"),)
