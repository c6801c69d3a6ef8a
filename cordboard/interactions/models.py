"""The contact itself, on whatever channel: who, about whom, what was said and done, by whom, with what outcome."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ContactReason(models.Model):
    """Why somebody contacts us, in two levels; shared by interactions, mail, tickets and orders."""

    code = models.SlugField(max_length=40, unique=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    names = models.JSONField(default=dict, help_text="language -> name")
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "interactions_contact_reason"
        ordering = ("order", "code")

    def name_in(self, language: str) -> str:
        return str(self.names.get(language) or self.names.get("en") or self.code)

    def path_in(self, language: str) -> str:
        """With what it stands under: Delivery › Too late. The parent comes with it, or is asked for."""
        return f"{self.parent.name_in(language)} › {self.name_in(language)}" if self.parent is not None else self.name_in(language)


class Outcome(models.Model):
    """How a contact ended, chosen in wrap-up (wrap-up code)."""

    code = models.SlugField(max_length=40, unique=True)
    names = models.JSONField(default=dict, help_text="language -> name")
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "interactions_outcome"
        ordering = ("order", "code")

    def name_in(self, language: str) -> str:
        return str(self.names.get(language) or self.names.get("en") or self.code)


class Thread(models.Model):
    """The messages of one matter over several interactions."""

    subject = models.CharField(max_length=200, blank=True, default="")
    party = models.ForeignKey("parties.Party", null=True, on_delete=models.PROTECT, related_name="threads")
    opened_at = models.DateTimeField()

    class Meta:
        db_table = "interactions_thread"


class Interaction(models.Model):
    """One contact on one channel, from arrival to wrap-up."""

    class Channel(models.TextChoices):
        VOICE = "voice", _("Call")
        EMAIL = "email", _("E-mail")
        CHAT = "chat", _("Chat")
        SMS = "sms", _("SMS")
        LETTER = "letter", _("Letter")
        FAX = "fax", _("Fax")
        SOCIAL = "social", _("Social")
        VIDEO = "video", _("Video")
        WEB = "web", _("Web form")

    class Direction(models.TextChoices):
        INBOUND = "inbound"
        OUTBOUND = "outbound"

    class State(models.TextChoices):
        AUTOMATED = "automated", _("With the automated service")  # IVR, bot
        WAITING = "waiting", _("Waiting")  # in a queue
        OFFERED = "offered", _("Offered")  # ringing at an agent
        ACTIVE = "active", _("With an agent")
        WRAPUP = "wrapup", _("Wrap-up")  # the customer is gone, the agent is not done
        ENDED = "ended", _("Ended")

    class IdentifiedBy(models.TextChoices):
        NOBODY = "", _("Not identified")
        ANI = "ani", _("Caller's number")
        CUSTOMER_NUMBER = "customer_number", _("Customer number keyed")
        AGENT = "agent", _("Confirmed by the agent")

    channel = models.CharField(max_length=8, choices=Channel.choices)
    direction = models.CharField(max_length=8, choices=Direction.choices, default=Direction.INBOUND)
    state = models.CharField(max_length=10, choices=State.choices)
    reporter = models.ForeignKey("parties.Party", null=True, on_delete=models.PROTECT, related_name="reported")
    subject = models.ForeignKey("parties.Party", null=True, on_delete=models.PROTECT, related_name="interactions")
    identified_by = models.CharField(max_length=16, choices=IdentifiedBy.choices, blank=True, default="")
    confirmed_at = models.DateTimeField(null=True, help_text="when an agent confirmed the subject")
    thread = models.ForeignKey(Thread, null=True, on_delete=models.SET_NULL, related_name="interactions")
    from_address = models.CharField(max_length=254, blank=True, default="", help_text="ANI in E.164, e-mail address, handle; empty when withheld")
    to_address = models.CharField(max_length=254, blank=True, default="", help_text="DNIS as dialled, our mailbox")
    language = models.CharField(max_length=10, blank=True, default="")
    headline = models.CharField(max_length=200, blank=True, default="", help_text="one line for lists, in the customer's or agent's own words")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", help_text="who has it now or had it last")
    outcome = models.ForeignKey(Outcome, null=True, on_delete=models.PROTECT, related_name="+")
    reasons = models.ManyToManyField(ContactReason, through="InteractionReason", related_name="interactions")
    end_cause = models.CharField(max_length=20, blank=True, default="", help_text="customer, agent, abandoned, closed, failed, ...")
    started_at = models.DateTimeField()
    queued_at = models.DateTimeField(null=True, help_text="first entry into a queue")
    answered_at = models.DateTimeField(null=True, help_text="first answer by an agent")
    ended_at = models.DateTimeField(null=True, help_text="the customer left")
    closed_at = models.DateTimeField(null=True, help_text="wrap-up was done")

    class Meta:
        db_table = "interactions_interaction"
        indexes = (
            models.Index(fields=("subject", "-started_at"), name="interaction_of_party"),
            models.Index(fields=("agent", "-started_at"), name="interaction_of_agent"),
            models.Index(fields=("state",), name="interaction_open", condition=~models.Q(state="ended")),
            models.Index(fields=("from_address", "-started_at"), name="interaction_from"),
        )


class ContextValue(models.Model):
    """A named value of an interaction, with who set it and when. The newest of a name holds; earlier ones are its history."""

    class By(models.TextChoices):
        IVR = "ivr", _("keyed by the caller")
        LOOKUP = "lookup", _("looked up")
        AGENT = "agent", _("agent")
        RULE = "rule", _("rule")
        BOT = "bot", _("bot")
        SURVEY = "survey", _("survey")
        SYSTEM = "system", _("system")

    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="context")
    name = models.CharField(max_length=60)
    value = models.JSONField()
    by = models.CharField(max_length=8, choices=By.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "interactions_context_value"
        indexes = (models.Index(fields=("interaction", "name", "-id"), name="context_newest"),)


class Segment(models.Model):
    """One agent's part of an interaction: offered, accepted, held, ended."""

    class Kind(models.TextChoices):
        OFFER = "offer"  # from a queue
        TRANSFER = "transfer"  # given by a colleague
        CONSULT = "consult"  # asked by a colleague while the customer waits
        OUTBOUND = "outbound"  # the agent calls the customer
        CALLBACK = "callback"  # the same, as it was promised
        MESSAGE = "message"  # a message that a caller left: heard, then the caller is called back
        CONFERENCE = "conference"  # talks with the customer beside the one who has the call
        SUPERVISE = "supervise"  # listens in, with the mode below; no part of the work

    class Mode(models.TextChoices):
        LISTEN = "listen"  # silent monitoring
        WHISPER = "whisper"  # whisper coaching
        BARGE = "barge"  # barge-in

    class State(models.TextChoices):
        OFFERED = "offered"
        ACTIVE = "active"
        HELD = "held"
        WRAPUP = "wrapup"
        ENDED = "ended"

    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="segments")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="segments")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.OFFER)
    mode = models.CharField(max_length=8, choices=Mode.choices, blank=True, default="", help_text="of a supervisor")
    supervises = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="supervisors", help_text="whose part a supervisor listens to")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OFFERED)
    offered_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True, help_text="since when it is on hold now")
    held_seconds = models.FloatField(default=0)
    away_at = models.DateTimeField(null=True, help_text="since when the customer's own side keeps us on hold")
    away_seconds = models.FloatField(default=0, db_default=0.0)
    ended_at = models.DateTimeField(null=True, help_text="the agent's part of the talk ended")
    end_cause = models.CharField(max_length=20, blank=True, default="", help_text="hung_up, rejected, no_answer, transferred, withdrawn, media_lost, ...")
    end_reason = models.CharField(
        max_length=40, blank=True, default="", db_default="", help_text="why the agent rejected it, where one was given (routing/rejection.py)"
    )
    wrapup_until = models.DateTimeField(null=True)
    wrapup_extended = models.BooleanField(default=False)
    wrapped_up_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "interactions_segment"
        indexes = (
            models.Index(fields=("agent", "state"), name="segment_open", condition=~models.Q(state="ended")),
            models.Index(fields=("agent", "-offered_at"), name="segment_of_agent"),
            models.Index(fields=("wrapup_until",), name="segment_in_wrapup", condition=models.Q(state="wrapup")),
        )


class OutsideParty(models.Model):
    """Somebody outside who was dialled in the course of a contact: to be asked, to take the customer over, or to join."""

    class Purpose(models.TextChoices):
        CONSULT = "consult", _("asked, the customer waits")
        TRANSFER = "transfer", _("takes the customer over")
        CONFERENCE = "conference", _("joins the conversation")

    class State(models.TextChoices):
        DIALLED = "dialled", _("Dialled")
        RINGING = "ringing", _("Ringing")
        ACTIVE = "active", _("On the line")
        HELD = "held", _("On hold")
        ENDED = "ended", _("Ended")

    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="outside_parties")
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="outside_parties", help_text="whose agent dialled")
    number = models.CharField(max_length=40, help_text="E.164")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DIALLED)
    caller_id = models.CharField(max_length=40, blank=True, default="", help_text="number shown; empty: the trunk's own")
    trunk = models.CharField(max_length=40, blank=True, default="", help_text="who carries and bills it; empty: the first that is up")
    ring_seconds = models.PositiveSmallIntegerField(default=30)
    cause = models.CharField(max_length=20, blank=True, default="", help_text="why it came to nothing, or how it ended")
    dialled_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "interactions_outside_party"
        indexes = (models.Index(fields=("interaction", "state"), name="outside_open", condition=~models.Q(state="ended")),)

    @property
    def part(self) -> int:
        """How the switch calls it: parts of agents are their segments, parts of others minus their rows."""
        return -self.pk


class InteractionReason(models.Model):
    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="given_reasons")
    reason = models.ForeignKey(ContactReason, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "interactions_reason"
        indexes = (models.Index(fields=("by", "-at"), name="reason_given_by"), models.Index(fields=("reason", "-at"), name="reason_given"))
        constraints = (models.UniqueConstraint(fields=("interaction", "reason"), name="interaction_reason_once"),)


class Note(models.Model):
    """The scratch pad: what an agent typed, kept as it is typed. Without an interaction it is the agent's own loose pad."""

    interaction = models.ForeignKey(Interaction, null=True, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField(blank=True, default="")
    revision = models.PositiveIntegerField(default=0, help_text="counts what the pad sent; an older one never overwrites a newer")
    filed = models.BooleanField(default=False, help_text="put into the interaction's record")
    saved_at = models.DateTimeField()

    class Meta:
        db_table = "interactions_note"
        constraints = (
            models.UniqueConstraint(fields=("interaction", "author"), name="note_once"),
            models.UniqueConstraint(fields=("author",), condition=models.Q(interaction=None), name="loose_pad_once"),
        )


class Decision(models.Model):
    """What the system decided and why: which policy and rules, which facts. `sentences` is data (code and values) put into words by the screen."""

    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="decisions")
    kind = models.CharField(max_length=20, help_text="routing, match, recording, ...")
    policy = models.CharField(max_length=60, blank=True, default="", help_text="code of the policy")
    policy_version = models.PositiveIntegerField(null=True)
    sentences = models.JSONField(default=list, help_text='[{"code": ..., "values": {...}, "rule": ...}, ...]')
    trace = models.JSONField(default=dict, help_text="the whole of rules/evaluate.py's trace")
    at = models.DateTimeField()

    class Meta:
        db_table = "interactions_decision"


class SubjectChange(models.Model):
    """The subject was confirmed, changed or cleared; what had been noted meanwhile follows the interaction, never a wrong customer."""

    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="subject_changes")
    old = models.ForeignKey("parties.Party", null=True, on_delete=models.PROTECT, related_name="+")
    new = models.ForeignKey("parties.Party", null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    why = models.CharField(max_length=40, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        db_table = "interactions_subject_change"


from cordboard.interactions.models_rules import Approval as Approval  # noqa: E402  they refer to the models above
from cordboard.interactions.models_rules import Deed as Deed  # noqa: E402
from cordboard.interactions.models_rules import InteractionTag as InteractionTag  # noqa: E402
from cordboard.interactions.models_rules import Prohibition as Prohibition  # noqa: E402
