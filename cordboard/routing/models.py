"""Who gets it: queues, skills, agent states, the waiting and their offers."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Skill(models.Model):
    """What an agent can do: a language, a product family, a process."""

    code = models.SlugField(max_length=40, unique=True)
    kind = models.CharField(max_length=12, default="process", help_text="language, product, process")
    names = models.JSONField(default=dict, help_text="language -> name")

    class Meta:
        db_table = "routing_skill"
        ordering = ("kind", "code")

    def name_in(self, language: str) -> str:
        return str(self.names.get(language) or self.names.get("en") or self.code)


class AgentSkill(models.Model):
    """How well an agent does it: proficiency 1 (learning) to 5 (teaches others)."""

    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="skills")
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="agents")
    proficiency = models.PositiveSmallIntegerField(default=3)
    until = models.DateTimeField(null=True, help_text="for a while only: then it is as before again")
    before = models.PositiveSmallIntegerField(null=True, help_text="the proficiency that comes back after `until`; none: the skill goes")

    class Meta:
        db_table = "routing_agent_skill"
        constraints = (
            models.UniqueConstraint(fields=("agent", "skill"), name="agent_skill_once"),
            models.CheckConstraint(condition=models.Q(proficiency__gte=1, proficiency__lte=5), name="proficiency_1_to_5"),
        )

    def at(self, now: datetime) -> int | None:
        """The proficiency that holds at this moment; None when the skill's time is over. The worker makes the row follow."""
        return self.proficiency if self.until is None or self.until > now else self.before


class Queue(models.Model):
    """Where contacts wait for people. Requirements and their relaxation come from the routing policy; these are the queue's own terms."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    unit = models.ForeignKey("org.Unit", null=True, on_delete=models.PROTECT, related_name="queues")
    greeting = models.JSONField(default=dict, help_text="greeting standard: language -> sentence with {customer} {agent} {daypart}")
    target_percent = models.PositiveSmallIntegerField(default=80)
    target_seconds = models.PositiveSmallIntegerField(default=20)
    short_abandon_seconds = models.PositiveSmallIntegerField(default=5)
    ring_seconds = models.PositiveSmallIntegerField(default=20)
    wrapup_seconds = models.PositiveSmallIntegerField(default=60)
    wrapup_extension_seconds = models.PositiveSmallIntegerField(default=60)
    auto_answer = models.BooleanField(default=False)
    requirements = models.JSONField(default=list, help_text='[{"skill": code, "proficiency": 3}, ...]')
    relaxation = models.JSONField(default=list, help_text='[{"after": 30, "lower": 1}, {"after": 90, "drop": "product"}]')
    hours = models.JSONField(default=dict, help_text='{"timezone": ..., "mon": [["08:00","18:00"]], ..., "holidays": "NL"}')
    music = models.CharField(max_length=40, default="default")
    open = models.BooleanField(default=True, help_text="closed by hand when false")
    caller_id = models.CharField(max_length=20, blank=True, default="", help_text="E.164, shown when the queue's agents call out; empty for the trunk's own")

    class Notice(models.TextChoices):
        BY_COUNTRY = "country", _("where the country asks for it")
        ALWAYS = "always", _("always")
        NEVER = "never", _("never")

    supervision_notice = models.CharField(
        max_length=8, choices=Notice.choices, default=Notice.BY_COUNTRY, help_text="whether callers are told before a supervisor listens in"
    )
    park_seconds = models.PositiveSmallIntegerField(default=120, help_text="how long a parked call waits until it rings back")

    class Meta:
        db_table = "routing_queue"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class QueueMember(models.Model):
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="members")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="queues")

    class Meta:
        db_table = "routing_queue_member"
        constraints = (models.UniqueConstraint(fields=("queue", "agent"), name="queue_member_once"),)


class NotReadyReason(models.Model):
    code = models.SlugField(max_length=40, unique=True)
    names = models.JSONField(default=dict, help_text="language -> name")
    is_break = models.BooleanField(default=False)
    minutes = models.PositiveSmallIntegerField(null=True, help_text="expires after so long: the agent is reminded and shown as over")
    by_system = models.BooleanField(default=False, help_text="set by the router only: no answer, media gone")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "routing_not_ready_reason"
        ordering = ("order", "code")

    def name_in(self, language: str) -> str:
        return str(self.names.get(language) or self.names.get("en") or self.code)


class AgentState(models.Model):
    """The present state of one agent. `load` counts what the agent has, by channel; the router reserves by conditional UPDATE on it."""

    class State(models.TextChoices):
        OFFLINE = "offline", _("Offline")
        READY = "ready", _("Ready")
        NOT_READY = "not_ready", _("Not ready")
        OFFERED = "offered", _("Ringing")
        TALKING = "talking", _("Talking")
        WRAPUP = "wrapup", _("Wrap-up")

    agent = models.OneToOneField(settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="state")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OFFLINE)
    reason = models.ForeignKey(NotReadyReason, null=True, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, help_text="expiry of a not-ready state")
    over_told_at = models.DateTimeField(null=True, help_text="when it was told that `until` has passed")
    over_seen_at = models.DateTimeField(null=True, help_text="when the agent acknowledged that")
    idle_since = models.DateTimeField(null=True, help_text="ready and free since: the longest idle is first")
    pending = models.BooleanField(default=False, help_text="goes not ready when the present work is done")
    pending_reason = models.ForeignKey(NotReadyReason, null=True, on_delete=models.PROTECT, related_name="+")
    voice_load = models.PositiveSmallIntegerField(default=0)
    voice_capacity = models.PositiveSmallIntegerField(default=1)
    media_lost_at = models.DateTimeField(null=True, help_text="in a call, and nothing heard from the agent's side since")
    signed_out_at = models.DateTimeField(null=True, help_text="a manager did it: it holds until the agent comes back by an act of their own")
    signed_out_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "routing_agent_state"


class StateLog(models.Model):
    """Every state an agent was in, to the second."""

    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10)
    reason = models.ForeignKey(NotReadyReason, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "routing_state_log"
        indexes = (models.Index(fields=("agent", "-at"), name="state_log_agent"),)


class Entry(models.Model):
    """A contact in a queue. One open entry an interaction; a contact that comes back (no answer, media gone) keeps its first wait."""

    class State(models.TextChoices):
        WAITING = "waiting"
        OFFERED = "offered"
        ANSWERED = "answered"
        ABANDONED = "abandoned"
        LEFT = "left"  # sent elsewhere: other queue, closed, ended by us

    interaction = models.ForeignKey("interactions.Interaction", on_delete=models.CASCADE, related_name="entries")
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="entries", db_index=False)  # entry_by_interval begins with it
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    kind = models.CharField(max_length=10, default="offer", help_text="as the segment it will make: offer, transfer, consult")
    asked_by = models.ForeignKey("interactions.Segment", null=True, on_delete=models.SET_NULL, related_name="+", help_text="whose transfer or consult it is")
    joins = models.BooleanField(default=False, help_text="of a consult: joins the conversation on accepting, nobody is on hold meanwhile")
    channel = models.CharField(max_length=8, default="voice")
    priority = models.SmallIntegerField(default=5, help_text="1 first, 9 last; below 1 when a manager moved it before all others")
    requirements = models.JSONField(default=list)
    relaxation = models.JSONField(default=list)
    preferred = models.JSONField(default=list, help_text='[{"agent": 7, "as": "owner"}, ...] asked in this order')
    preferred_until = models.DateTimeField(null=True)
    excluded = models.JSONField(default=list, help_text='[{"agent": 7, "until": seconds since 1970}, ...] who rejected or did not answer it')
    counted = models.BooleanField(
        default=True, help_text="a new contact of the queue in its figures; not one that came back, was given in person, or is a consult"
    )
    target_seconds = models.PositiveIntegerField(null=True, help_text="to be answered within; none: the queue's target holds")
    earlier = models.IntegerField(default=0, db_default=0, help_text="stands so many seconds further forward, its target being shorter than the queue's")
    in_target = models.BooleanField(null=True, help_text="answered within the target, as the target was then")
    short = models.BooleanField(null=True, help_text="abandoned so soon that it does not count against the queue")
    only = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+", help_text="transferred to this agent and no other"
    )
    entered_at = models.DateTimeField(help_text="into this queue")
    waiting_since = models.DateTimeField(help_text="the wait that counts: kept on return")
    left_at = models.DateTimeField(null=True)
    offered_to = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    segment = models.ForeignKey("interactions.Segment", null=True, on_delete=models.SET_NULL, related_name="+")
    offered_at = models.DateTimeField(null=True)
    offer_until = models.DateTimeField(null=True)
    estimate_low = models.PositiveSmallIntegerField(null=True, help_text="wait promised on entering, minutes; what is announced later is what is left of it")
    estimate_high = models.PositiveSmallIntegerField(null=True)

    class Meta:
        db_table = "routing_entry"
        indexes = (
            # SQLite uses a partial index only where the query says the same: whoever looks for open entries says left_at=None
            models.Index(fields=("queue", "priority", "waiting_since"), name="entry_waiting", condition=models.Q(left_at=None)),
            models.Index(fields=("queue", "entered_at"), name="entry_by_interval"),
            models.Index(fields=("offer_until",), name="entry_ringing", condition=models.Q(state="offered")),
        )
        constraints = (models.UniqueConstraint(fields=("interaction",), condition=models.Q(state__in=("waiting", "offered")), name="entry_open_once"),)


class Parked(models.Model):
    """A call that an agent set aside for anybody to pick up by its place. After a while it rings back, then it goes to its queue."""

    class Outcome(models.TextChoices):
        PICKED_UP = "picked_up", _("picked up")
        RUNG_BACK = "rung_back", _("rang back")
        QUEUED = "queued", _("went to its queue")
        GONE = "gone", _("the customer hung up")

    interaction = models.ForeignKey("interactions.Interaction", on_delete=models.CASCADE, related_name="parked")
    place = models.PositiveSmallIntegerField(help_text="what one says to pick it up: 701, 702, ...")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="+", help_text="where it goes when nobody wants it; its music plays")
    note = models.CharField(max_length=120, blank=True, default="")
    parked_at = models.DateTimeField()
    until = models.DateTimeField(help_text="rings back then")
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True, default="")

    class Meta:
        db_table = "routing_parked"
        constraints = (
            models.UniqueConstraint(fields=("place",), condition=models.Q(ended_at=None), name="parked_place_once"),
            models.UniqueConstraint(fields=("interaction",), condition=models.Q(ended_at=None), name="parked_once"),
        )


from cordboard.routing.models_broadcast import Broadcast as Broadcast  # noqa: E402
from cordboard.routing.models_broadcast import BroadcastReceipt as BroadcastReceipt  # noqa: E402
from cordboard.routing.models_outbound import Callback as Callback  # noqa: E402  they refer to the models above
from cordboard.routing.models_outbound import Outgoing as Outgoing  # noqa: E402
