"""Contacts as rows of the packages below, read in bulk and made into what `parts.cut` takes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from cordboard.analytics.parts import Contact, Promise, Stint, Visit
from cordboard.interactions.models import Interaction, InteractionReason, Segment
from cordboard.routing.models import Entry, Skill
from cordboard.routing.models_outbound import Callback, Outgoing


def contacts(interactions: Collection[int]) -> dict[int, Contact]:
    """These contacts, as far as they are there. Seven queries, however many."""
    ids = sorted(interactions)
    skills = dict(Skill.objects.values_list("code", "pk"))
    visits: dict[int, list[Visit]] = {}
    rows = Entry.objects.filter(interaction_id__in=ids).values_list(
        "interaction_id", "pk", "queue_id", "counted", "kind", "state", "entered_at", "left_at", "in_target", "short", "segment_id",
        "queue__target_seconds", "queue__short_abandon_seconds", "requirements",
    )  # fmt: skip
    for interaction, pk, queue, counted, kind, state, entered, left, within, short, segment, target, limit, asked in rows:
        wanted = tuple(sorted({skills[one["skill"]] for one in asked if one.get("skill") in skills}))
        visits.setdefault(interaction, []).append(
            Visit(pk, queue, counted, kind == Segment.Kind.CONSULT, state, entered, left, within, short, segment, target, limit, wanted)
        )
    stints: dict[int, list[Stint]] = {}
    values: Any
    for interaction, *values in Segment.objects.filter(interaction_id__in=ids).values_list(
        "interaction_id", "pk", "agent_id", "kind", "offered_at", "accepted_at", "ended_at", "wrapped_up_at", "held_seconds", "end_cause"
    ):
        stints.setdefault(interaction, []).append(Stint(*values))
    reasons: dict[int, set[int]] = {}
    for interaction, reason, group in InteractionReason.objects.filter(interaction_id__in=ids).values_list("interaction_id", "reason_id", "reason__parent_id"):
        reasons.setdefault(interaction, set()).update({reason} if group is None else {reason, group})
    promised: dict[int, list[Promise]] = {}
    for interaction_, pk, queue, made in Callback.objects.filter(asked_in_id__in=ids).values_list("asked_in_id", "pk", "queue_id", "created_at"):
        promised.setdefault(interaction_ or 0, []).append(Promise(pk, queue, made))
    dialled = {one[0]: one[1:] for one in Outgoing.objects.filter(interaction_id__in=ids).values_list("interaction_id", "queue_id", "answered_at")}
    return {
        interaction: Contact(
            channel,
            visits.get(interaction, ()),
            stints.get(interaction, ()),
            promised.get(interaction, ()),
            tuple(sorted(reasons.get(interaction, ()))),
            dialled.get(interaction, (None, None))[0],
            interaction in dialled,
            dialled.get(interaction, (None, None))[1],
        )
        for interaction, channel in Interaction.objects.filter(pk__in=ids).values_list("pk", "channel")
    }


def promises(callbacks: Collection[int]) -> dict[int, Contact]:
    """Callbacks that were asked for outside any contact (on a web page). One query."""
    rows = Callback.objects.filter(pk__in=sorted(callbacks), asked_in=None).values_list("pk", "queue_id", "created_at")
    return {pk: Contact(Interaction.Channel.WEB, promises=(Promise(pk, queue, made),)) for pk, queue, made in rows}
