"""A year of past contacts of a demo customer: calls (and some mails and chats) with agents, reasons, outcomes, notes; tickets that came of them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cordboard.catalogue.models import RegisteredProduct
from cordboard.demo.draw import Person
from cordboard.demo.sources import data
from cordboard.interactions.models import ContactReason, Interaction, InteractionReason, Note, Outcome, Segment
from cordboard.knowledge.models import Article, ArticleUse
from cordboard.org.models import User
from cordboard.parties.models import Party
from cordboard.routing.models import Entry, Queue
from cordboard.tickets.models import Ticket, TicketInteraction, TicketMessage

QUEUE_OF = {"product": "service", "return": "orders", "delivery": "orders", "account": "collections", "purchase": "orders", "opinion": "service"}
KIND_OF = {"product": "incident", "return": "return", "delivery": "request", "account": "question", "purchase": "question", "opinion": "complaint"}


@dataclass(slots=True)
class World:
    """What contacts refer to, read once."""

    agents: list[User]
    speaks: dict[int, set[str]]
    works: dict[int, set[str]]
    reasons: dict[str, ContactReason]
    outcomes: dict[str, Outcome]
    queues: dict[str, Queue]
    articles: dict[str, Article]
    ticket_number: int = 20_000

    @classmethod
    def read(cls) -> World:
        agents = list(
            User.objects.filter(queues__isnull=False).distinct().order_by("pk").prefetch_related("skills__skill", "queues__queue").select_related("unit")
        )
        last = Ticket.objects.order_by("-number").values_list("number", flat=True).first()
        return cls(
            agents=agents,
            speaks={user.pk: {row.skill.code for row in user.skills.all() if row.skill.kind == "language"} for user in agents},
            works={
                user.pk: {
                    row.queue.code
                    for row in user.queues.all()
                    if {need["skill"] for need in row.queue.requirements} <= {own.skill.code for own in user.skills.all()}
                }
                for user in agents
            },
            reasons={reason.code: reason for reason in ContactReason.objects.select_related("parent")},
            outcomes={outcome.code: outcome for outcome in Outcome.objects.all()},
            queues={queue.code: queue for queue in Queue.objects.all()},
            articles={article.code: article for article in Article.objects.all()},
            ticket_number=max(20_000, last or 0),
        )

    def agent_for(self, language: str, queue: str, rng: random.Random) -> User:
        fitting = [user for user in self.agents if language in self.speaks[user.pk] and queue in self.works[user.pk]]
        return rng.choice(fitting or [user for user in self.agents if queue in self.works[user.pk]])

    def named(self, username: str) -> User:
        return next(user for user in self.agents if user.username == username)


@dataclass(slots=True)
class Contacts:
    interactions: list[Interaction] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    reasons: list[InteractionReason] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    links: list[TicketInteraction] = field(default_factory=list)
    ticket_notes: list[TicketMessage] = field(default_factory=list)
    uses: list[ArticleUse] = field(default_factory=list)

    def contact(
        self, world: World, party: Party, person: Person, at: datetime, *, reason: str, outcome: str, headline: str, note: str, agent: User,
        minutes: float, wait: float, channel: str = "voice", language: str = "",
    ) -> Interaction:  # fmt: skip
        """One finished contact: waited, answered, talked, wrapped up."""
        voice = channel == "voice"
        answered = at + timedelta(seconds=12 + wait)
        ended = answered + timedelta(minutes=minutes)
        closed = ended + timedelta(seconds=40)
        group = world.reasons[reason].parent
        queue = world.queues[QUEUE_OF[group.code if group else "product"]]
        interaction = Interaction(
            channel=channel, direction="inbound", state=Interaction.State.ENDED, reporter=party, subject=party,
            identified_by=Interaction.IdentifiedBy.ANI if voice else Interaction.IdentifiedBy.AGENT, confirmed_at=answered,
            from_address=person.phones[0] if voice else person.email, to_address=data("names")[person.country]["line"] if voice else f"service@{'lampketel.example'}",
            language=language or person.languages[0], headline=headline, agent=agent, outcome=world.outcomes[outcome], end_cause="customer",
            started_at=at, queued_at=at + timedelta(seconds=12), answered_at=answered, ended_at=ended, closed_at=closed,
        )  # fmt: skip
        self.interactions.append(interaction)
        self.segments.append(
            Segment(
                interaction=interaction,
                agent=agent,
                state=Segment.State.ENDED,
                offered_at=answered - timedelta(seconds=min(6, wait)),
                accepted_at=answered,
                ended_at=ended,
                end_cause="hung_up",
                wrapped_up_at=closed,
            )
        )
        if voice:
            self.entries.append(
                Entry(
                    interaction=interaction,
                    queue=queue,
                    state=Entry.State.ANSWERED,
                    channel=channel,
                    entered_at=at + timedelta(seconds=12),
                    waiting_since=at + timedelta(seconds=12),
                    left_at=answered,
                    offered_to=agent,
                    segment=self.segments[-1],
                    in_target=(answered - at).total_seconds() - 12 <= queue.target_seconds,
                )
            )
        self.reasons.append(InteractionReason(interaction=interaction, reason=world.reasons[reason], by=agent, at=closed))
        if note:
            self.notes.append(Note(interaction=interaction, author=agent, text=note, revision=1, filed=True, saved_at=closed))
        return interaction

    def solved(self, world: World, interaction: Interaction, code: str) -> None:
        """This solution helped in that contact."""
        self.uses.append(
            ArticleUse(
                article=world.articles[code],
                interaction=interaction,
                kind=ArticleUse.Kind.HELPED,
                by=interaction.agent,
                at=interaction.ended_at or interaction.started_at,
            )
        )

    def abandoned(self, world: World, party: Party, person: Person, at: datetime, *, reason: str, wait: float) -> None:
        """A call that was given up while waiting."""
        gone = at + timedelta(seconds=12 + wait)
        group = world.reasons[reason].parent
        interaction = Interaction(
            channel="voice", direction="inbound", state=Interaction.State.ENDED, reporter=party, subject=party, identified_by=Interaction.IdentifiedBy.ANI,
            from_address=person.phones[0], to_address=data("names")[person.country]["line"], language=person.languages[0], end_cause="abandoned",
            started_at=at, queued_at=at + timedelta(seconds=12), ended_at=gone, closed_at=gone,
        )  # fmt: skip
        self.interactions.append(interaction)
        self.entries.append(
            Entry(
                interaction=interaction,
                queue=world.queues[QUEUE_OF[group.code if group else "product"]],
                state=Entry.State.ABANDONED,
                entered_at=at + timedelta(seconds=12),
                waiting_since=at + timedelta(seconds=12),
                left_at=gone,
                short=wait < world.queues[QUEUE_OF[group.code if group else "product"]].short_abandon_seconds,
            )
        )

    def ticket(
        self, world: World, party: Party, interaction: Interaction | None, *, title: str, text: str, reason: str, owner: User, at: datetime,
        state: str = "resolved", product: RegisteredProduct | None = None, days: float = 2, kind: str = "", note: str = "", now: datetime,
    ) -> Ticket:  # fmt: skip
        """A ticket, opened from a contact where one is given, due `days` after its opening and resolved then unless still open."""
        world.ticket_number += 1
        group = world.reasons[reason].parent
        done = state in (Ticket.State.RESOLVED, Ticket.State.CLOSED)
        due = at + timedelta(days=days)
        ticket = Ticket(
            number=world.ticket_number, kind=kind or KIND_OF[group.code if group else "product"], state=state, title=title, text=text, party=party, product=product,
            reason=world.reasons[reason], owner=owner, unit=owner.unit, opened_by=owner, opened_at=at, due_at=due, resolved_at=min(due, now) if done else None,
        )  # fmt: skip
        self.tickets.append(ticket)
        if interaction is not None:
            self.links.append(TicketInteraction(ticket=ticket, interaction=interaction, at=at))
        if note:
            self.ticket_notes.append(TicketMessage(ticket=ticket, author=owner, text=note, at=at))
        return ticket


def contacts(party: Party, person: Person, owned: list[RegisteredProduct], world: World, now: datetime, rng: random.Random) -> Contacts:
    """A customer's past contacts, oldest first."""
    made = Contacts()
    families = {one.product.family for one in owned}
    topics: list[dict[str, Any]] = [topic for topic in data("topics") if not topic["family"] or topic["family"] in families]
    ages = sorted((rng.random() ** 1.6 * 360 for _ in range(person.contacts)), reverse=True)
    for age in ages:
        at = now - timedelta(days=age + 0.1)
        at = at.replace(hour=rng.randint(7, 17), minute=rng.randint(0, 59), second=rng.randint(0, 59))
        if at > now - timedelta(hours=2):
            at = now - timedelta(hours=3 + rng.random() * 3)
        topic = rng.choice(topics)
        language = person.languages[0]
        if rng.random() < 0.05:
            made.abandoned(world, party, person, at, reason=topic["reason"], wait=rng.uniform(6, 150))
            continue
        group = world.reasons[topic["reason"]].parent
        agent = world.agent_for(language, QUEUE_OF[group.code if group else "product"], rng)
        channel = rng.choices(("voice", "email", "chat"), (78, 15, 7))[0] if person.email else "voice"
        outcome = rng.choice(topic["outcomes"])
        interaction = made.contact(
            world, party, person, at, reason=topic["reason"], outcome=outcome, headline=topic["headline"][language], note=topic["note"][language], agent=agent,
            minutes=rng.uniform(*topic["minutes"]), wait=rng.choices((rng.uniform(2, 18), rng.uniform(18, 140)), (82, 18))[0], channel=channel, language=language,
        )  # fmt: skip
        if outcome in ("ticket", "technician", "not-solved"):
            product = next((one for one in owned if one.product.family == topic["family"]), None)
            fresh = age < 4
            made.ticket(
                world, party, interaction, title=topic["headline"][language], text=topic["note"][language], reason=topic["reason"], owner=agent,
                at=interaction.closed_at or at, state="open" if fresh else rng.choice(("resolved", "closed")), product=product, now=now,
            )  # fmt: skip
    return made
