"""The customer's side of a ticket: the links by which customers read and answer, the public forms that open tickets, and what was given in them."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from cordboard.tickets.models import Ticket


class TicketAccess(models.Model):
    """Whoever has the link of this row reads what is public of the ticket and writes on it. The link is signed and says only which row it is (actions_access.py). One that was
    withdrawn opens nothing; the next reply to the same address makes another."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="accesses")
    address = models.CharField(max_length=254, help_text="the e-mail address to which the link goes, in small letters")
    party = models.ForeignKey("parties.Party", null=True, on_delete=models.PROTECT, related_name="+", help_text="the ticket's customer when the link was made")
    language = models.CharField(max_length=10, blank=True, default="", help_text="in which they asked; empty where it is not known")
    made_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        db_table = "tickets_access"
        constraints = (models.UniqueConstraint(fields=("ticket", "address"), condition=models.Q(withdrawn_at=None), name="ticket_access_valid_once"),)


class TicketForm(models.Model):
    """A public page on which anybody may open a ticket for a unit."""

    code = models.SlugField(max_length=40, unique=True, help_text="part of its address")
    names = models.JSONField(default=dict, help_text="language -> what stands over it")
    unit = models.ForeignKey("org.Unit", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, default=Ticket.Kind.REQUEST, help_text="code of a TicketKind: of the tickets that come of it")
    active = models.BooleanField(default=False)

    class Meta:
        db_table = "tickets_form"
        ordering = ("code",)

    def name_in(self, language: str) -> str:
        return str(self.names.get(language) or self.names.get("en") or self.code)


class TicketAsked(models.Model):
    """What a visitor gave in a form. Nobody has checked any of it: a customer found by it is a hint."""

    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, related_name="asked")
    form = models.ForeignKey(TicketForm, null=True, on_delete=models.SET_NULL, related_name="+")
    key = models.CharField(max_length=32, unique=True, help_text="of the page that was filled in: each is taken once")
    name = models.CharField(max_length=120)
    email = models.CharField(max_length=254, blank=True, default="")
    phone = models.CharField(max_length=40, blank=True, default="")
    serial = models.CharField(max_length=60, blank=True, default="", help_text="as typed")
    visitor = models.CharField(max_length=32, help_text="digest of the visitor's address: to count by, not to read")
    at = models.DateTimeField()

    class Meta:
        db_table = "tickets_asked"
        indexes = (
            models.Index(fields=("visitor", "at"), name="ticket_asked_visitor"),
            models.Index(fields=("at",), name="ticket_asked_at"),
            models.Index(fields=("email", "at"), name="ticket_asked_email"),
        )
