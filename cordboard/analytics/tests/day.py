"""A day of a small centre, drawn by seed: contacts of every sort and end, on two channels, in two queues, with skills and reasons."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from cordboard.analytics.actions import recount
from cordboard.interactions.models import ContactReason, Interaction, InteractionReason, Segment
from cordboard.routing.models import Entry, Skill
from cordboard.routing.tests.centre import Centre


def skills() -> list[Skill]:
    return [Skill.objects.get_or_create(code=code, defaults={"kind": "language", "names": {"en": code.upper()}})[0] for code in ("nl", "en")]


def draw(centre: Centre, begin: datetime, contacts: int = 120, seed: int = 7, hours: float = 24) -> list[int]:
    """Make a day of contacts from `begin` on and count them. Returns their numbers."""
    rng = random.Random(seed)
    known, reasons = skills(), list(ContactReason.objects.exclude(parent=None))
    agents = [centre.alice, centre.bob]
    made = []
    for _ in range(contacts):
        at = begin + timedelta(seconds=round(rng.uniform(0, hours * 3600 - 1), 3))
        channel = rng.choice(["voice", "voice", "chat"])
        row = Interaction.objects.create(channel=channel, state="ended", started_at=at, queued_at=at, closed_at=at)
        made.append(row.pk)
        asked = [{"skill": skill.code, "proficiency": 3} for skill in rng.sample(known, rng.randint(0, 2))]
        for _ in range(rng.choice([0, 0, 0, 1, 2])):  # rang in vain
            cause = rng.choice(["no_answer", "no_answer", "rejected", "withdrawn"])
            Segment.objects.create(interaction=row, agent=rng.choice(agents), state="ended", offered_at=at + timedelta(seconds=1), ended_at=at, end_cause=cause)
        waited = timedelta(seconds=round(rng.expovariate(1 / 25), 3))
        terms = {"interaction": row, "queue": rng.choice([centre.support, centre.sales]), "channel": channel, "entered_at": at, "waiting_since": at}
        terms |= {"left_at": at + waited, "requirements": asked}
        fate = rng.random()
        if fate < 0.2:
            Entry.objects.create(state="abandoned", short=waited.total_seconds() < 5, in_target=waited.total_seconds() <= 20, **terms)
        elif fate < 0.25:
            Entry.objects.create(state="left", **terms)
        else:
            talked, wrapped = timedelta(seconds=rng.randint(20, 900)), timedelta(seconds=rng.randint(0, 60))
            part = Segment.objects.create(
                interaction=row, agent=rng.choice(agents), state="ended", offered_at=at, accepted_at=at + waited, ended_at=at + waited + talked,
                wrapped_up_at=at + waited + talked + wrapped, held_seconds=rng.choice([0, 0, 12.25]),
                end_cause=rng.choice(["hung_up", "customer_gone", "transferred"]),
            )  # fmt: skip
            Entry.objects.create(state="answered", segment=part, in_target=waited.total_seconds() <= 20, **terms)
            for reason in rng.sample(reasons, rng.randint(0, 2)):
                InteractionReason.objects.create(interaction=row, reason=reason, by=part.agent, at=at)
    recount(made)
    return made
