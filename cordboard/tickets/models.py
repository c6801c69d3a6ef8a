"""Service tickets: the first true form of the service desk."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Ticket(models.Model):
    class Kind(models.TextChoices):
        REQUEST = "request", _("Request")
        QUESTION = "question", _("Question")
        INCIDENT = "incident", _("Incident")
        COMPLAINT = "complaint", _("Complaint")
        WISH = "wish", _("Wish")
        PRAISE = "praise", _("Praise")
        RETURN = "return", _("Return")
        TASK = "task", _("Task")

    class State(models.TextChoices):
        NEW = "new", _("New")
        OPEN = "open", _("Open")
        WAITING = "waiting", _("Waiting for the customer")
        RESOLVED = "resolved", _("Resolved")
        CLOSED = "closed", _("Closed")

    number = models.PositiveBigIntegerField(unique=True)
    kind = models.CharField(
        max_length=20, choices=Kind.choices, default=Kind.INCIDENT, help_text="code of a TicketKind: one of these, or one that managers added"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.NEW)
    priority = models.PositiveSmallIntegerField(default=5, help_text="1 first, 9 last")
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True, default="")
    party = models.ForeignKey("parties.Party", null=True, on_delete=models.PROTECT, related_name="tickets")
    product = models.ForeignKey("catalogue.RegisteredProduct", null=True, blank=True, on_delete=models.PROTECT, related_name="tickets")
    reason = models.ForeignKey("interactions.ContactReason", null=True, blank=True, on_delete=models.PROTECT, related_name="tickets")
    order = models.ForeignKey("sales.Order", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="tickets")
    unit = models.ForeignKey("org.Unit", null=True, blank=True, on_delete=models.PROTECT, related_name="tickets")
    position = models.ForeignKey(
        "org.Position",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        help_text="whose holders may take it while nobody owns it",
    )
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    stage = models.CharField(
        max_length=20, blank=True, default="", help_text="the kind's own state, one like `state`; empty where the kind has none of its own"
    )
    values = models.JSONField(default=dict, blank=True, help_text="of the kind's own fields, by their codes")
    unanswered_since = models.DateTimeField(null=True, blank=True, help_text="the first message of the customer's that nobody has answered yet")
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged")

    class Meta:
        db_table = "tickets_ticket"
        indexes = (
            models.Index(fields=("party", "-opened_at"), name="ticket_of_party"),
            models.Index(fields=("owner", "state"), name="ticket_of_owner"),
            # the list, in its orders
            models.Index(fields=("opened_at", "id"), name="ticket_by_opened"),
            models.Index(fields=("resolved_at", "id"), name="ticket_by_resolved"),
            models.Index(fields=("due_at", "id"), name="ticket_open_due", condition=models.Q(resolved_at=None)),
            models.Index(fields=("priority", "id"), name="ticket_open_priority", condition=models.Q(resolved_at=None)),
            models.Index(fields=("unanswered_since", "id"), name="ticket_unanswered", condition=models.Q(unanswered_since__isnull=False)),
            # the work lists: open ones of a person, a position, a unit, in the order of their time
            models.Index(fields=("owner", "due_at", "priority"), name="ticket_work_owner", condition=models.Q(resolved_at=None)),
            models.Index(fields=("position", "due_at", "priority"), name="ticket_work_position", condition=models.Q(resolved_at=None)),
            models.Index(fields=("unit", "due_at", "priority"), name="ticket_work_unit", condition=models.Q(resolved_at=None)),
        )

    def __str__(self) -> str:
        return self.title

    def get_kind_display(self) -> str:  # type: ignore[no-redef]
        """In the reader's language, of a kind that managers added too. Django's own knows the built-in kinds only."""
        from cordboard.tickets.kinds import kind_name

        return kind_name(self.kind)

    def get_state_display(self) -> str:  # type: ignore[no-redef]
        """The kind's own word for the state where it has one."""
        from cordboard.tickets.kinds import state_name

        return state_name(self.kind, self.state, self.stage)


class TicketInteraction(models.Model):
    """The contacts that belong to a ticket."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="contacts")
    interaction = models.ForeignKey("interactions.Interaction", on_delete=models.PROTECT, related_name="tickets")
    at = models.DateTimeField()

    class Meta:
        db_table = "tickets_interaction"
        constraints = (models.UniqueConstraint(fields=("ticket", "interaction"), name="ticket_interaction_once"),)


# nouns of their own; Django looks for models here
from cordboard.tickets.models_appointment import TicketAppointment as TicketAppointment  # noqa: E402
from cordboard.tickets.models_around import TicketCheck as TicketCheck  # noqa: E402
from cordboard.tickets.models_around import TicketLink as TicketLink  # noqa: E402
from cordboard.tickets.models_around import TicketMove as TicketMove  # noqa: E402
from cordboard.tickets.models_around import TicketTag as TicketTag  # noqa: E402
from cordboard.tickets.models_around import TicketTold as TicketTold  # noqa: E402
from cordboard.tickets.models_around import TicketViewer as TicketViewer  # noqa: E402
from cordboard.tickets.models_around import TicketWatcher as TicketWatcher  # noqa: E402
from cordboard.tickets.models_case import Case, CaseDocument, CaseEntry, CaseFile, CasePerson, TicketArticle  # noqa: E402, F401
from cordboard.tickets.models_change import TicketChange as TicketChange  # noqa: E402
from cordboard.tickets.models_complaint import Complaint as Complaint  # noqa: E402
from cordboard.tickets.models_complaint import ComplaintScheme as ComplaintScheme  # noqa: E402
from cordboard.tickets.models_goodwill import Grant as Grant  # noqa: E402
from cordboard.tickets.models_goodwill import GrantStep as GrantStep  # noqa: E402
from cordboard.tickets.models_incident import IncidentResult, IncidentRule, IncidentRun, IncidentSuggestion, IncidentTicket, MassIncident  # noqa: E402, F401
from cordboard.tickets.models_kind import TicketKind as TicketKind  # noqa: E402
from cordboard.tickets.models_level import LevelItem as LevelItem  # noqa: E402
from cordboard.tickets.models_level import LevelStep as LevelStep  # noqa: E402
from cordboard.tickets.models_level import SupportLevel as SupportLevel  # noqa: E402
from cordboard.tickets.models_level import TicketLevel as TicketLevel  # noqa: E402
from cordboard.tickets.models_message import TicketAttachment as TicketAttachment  # noqa: E402
from cordboard.tickets.models_message import TicketDraft as TicketDraft  # noqa: E402
from cordboard.tickets.models_message import TicketMessage as TicketMessage  # noqa: E402
from cordboard.tickets.models_order import OrderLine, OrderSignature, ServiceOrder  # noqa: E402, F401
from cordboard.tickets.models_portal import TicketAccess as TicketAccess  # noqa: E402
from cordboard.tickets.models_portal import TicketAsked as TicketAsked  # noqa: E402
from cordboard.tickets.models_portal import TicketForm as TicketForm  # noqa: E402
from cordboard.tickets.models_similar import ClosingCount, RequestCount, SolvedTerm, SolvedTicket, TermCount, TicketSolution, TicketWords  # noqa: E402, F401
from cordboard.tickets.models_sla import BusinessCalendar, CalendarException, ClockChange, EscalationStep, ServicePlan, TicketClock, TicketPause  # noqa: E402, F401
from cordboard.tickets.models_task import Task as Task  # noqa: E402  a noun of its own; Django looks for models here
from cordboard.tickets.models_view import BulkChange, BulkItem, SearchPosting, SearchWord, TicketView  # noqa: E402, F401
