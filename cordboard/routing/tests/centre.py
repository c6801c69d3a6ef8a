"""A small centre for stories: alice and bob answer calls, carol manages, dave may nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cordboard.events import presence
from cordboard.events.models import Event
from cordboard.interactions import actions as interactions
from cordboard.interactions.models import ContactReason, Interaction, Outcome, Segment
from cordboard.org.models import Role, Unit, User
from cordboard.parties.models import Party
from cordboard.routing import actions
from cordboard.routing.models import AgentState, Entry, NotReadyReason, Queue, QueueMember

START = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)

AGENT_RIGHTS = {"interactions.handle": "own", "interactions.view": "all", "routing.agent": "own", "routing.dial": "own", "routing.callbacks": "own"}
MANAGER_RIGHTS = {
    "interactions.handle": "all",
    "interactions.view": "all",
    "routing.watch": "all",
    "routing.supervise": "all",
    "routing.manage": "all",
    "routing.callbacks": "all",
}


@dataclass
class Centre:
    """The clock stands still until a story moves it with `later`."""

    unit: Unit
    support: Queue
    sales: Queue
    alice: User
    bob: User
    carol: User
    dave: User
    now: datetime = START
    people: dict[str, User] = field(default_factory=dict)

    def later(self, seconds: float) -> datetime:
        """The clock moves on; the pages of everybody who is signed in are heard meanwhile."""
        self.now += timedelta(seconds=seconds)
        here = AgentState.objects.exclude(state="offline").values_list("agent_id", flat=True)
        presence.heard(list(here), self.now)
        return self.now

    def agent(self, name: str, queues: Sequence[Queue] = ()) -> User:
        user = User.objects.create(username=name, name=name.capitalize(), unit=self.unit)
        user.roles.add(Role.objects.get(code="agent"))
        for queue in queues or (self.support, self.sales):
            QueueMember.objects.create(queue=queue, agent=user)
        return user

    def ready(self, *users: User) -> None:
        for user in users:
            actions.sign_in(user, now=self.now)
            assert actions.set_ready(user, now=self.now).done

    def call(self, queue: Queue | None = None, **terms: Any) -> Interaction:
        """A caller who waits in the queue."""
        opened = interactions.open_interaction(channel="voice", from_address="+31205550123", to_address="100", now=self.now)
        entered = actions.enqueue(opened.pk, (queue or self.support).code, now=self.now, **terms)
        assert entered.entry is not None
        return opened

    def offer(self, interaction: Interaction, user: User) -> None:
        """What the router would do when it chose this agent."""
        entry = Entry.objects.get(interaction=interaction, state="waiting")
        assert actions.reserve([actions.Match(entry.pk, user.pk)], self.now).won

    def talk(self, user: User) -> Interaction:
        """A call that this agent has accepted."""
        call = self.call()
        self.offer(call, user)
        assert actions.accept_offer(user, call.pk, now=self.now).done
        return call

    def state(self, user: User) -> AgentState:
        return AgentState.objects.select_related("reason", "pending_reason").get(agent=user)


def make_centre() -> Centre:
    unit = Unit.objects.create(name="Service", code="service")
    support = Queue.objects.create(code="support", name="Support", unit=unit, ring_seconds=20, wrapup_seconds=60)
    sales = Queue.objects.create(code="sales", name="Sales", unit=unit)
    agent = Role.objects.create(name="Agent", code="agent", permissions=AGENT_RIGHTS)
    manager = Role.objects.create(name="Manager", code="manager", permissions=MANAGER_RIGHTS)
    people = {name: User.objects.create(username=name, name=name.capitalize(), unit=unit) for name in ("alice", "bob", "carol", "dave")}
    for name in ("alice", "bob"):
        people[name].roles.add(agent)
        for queue in (support, sales):
            QueueMember.objects.create(queue=queue, agent=people[name])
    people["carol"].roles.add(manager)
    NotReadyReason.objects.create(code="break", names={"en": "Break"}, is_break=True, minutes=15)
    NotReadyReason.objects.create(code="meeting", names={"en": "Meeting"})
    parent = ContactReason.objects.create(code="product", names={"en": "Product"})
    ContactReason.objects.create(code="defect", parent=parent, names={"en": "Defect"})
    ContactReason.objects.create(code="noise", parent=parent, names={"en": "Noise"})
    Outcome.objects.create(code="solved", names={"en": "Solved"})
    return Centre(unit=unit, support=support, sales=sales, people=people, **people)


def party(name: str, **fields: Any) -> Party:
    return Party.objects.create(name=name, created_at=START, **fields)


def told(*kinds: str, since: int = 0) -> list[dict[str, Any]]:
    """The bodies of the events of these kinds, in order."""
    return [event.body for event in Event.objects.filter(kind__in=kinds, pk__gt=since).order_by("pk")]


def segment(interaction: Interaction, user: User) -> Segment:
    return Segment.objects.filter(interaction=interaction, agent=user).latest("pk")


def entry(interaction: Interaction) -> Entry:
    return Entry.objects.filter(interaction=interaction).latest("pk")
