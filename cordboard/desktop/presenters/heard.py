"""How well the legs of a call were heard, in words: for whoever asks why a customer complained of the line."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from cordboard.channels.voice import queries
from cordboard.channels.voice.models import LegQuality, Trunk
from cordboard.channels.voice.permissions import MANAGE
from cordboard.desktop.presenters import say
from cordboard.interactions.models import OutsideParty
from cordboard.org.permissions import user_may
from cordboard.routing.models import Outgoing
from cordboard.routing.permissions import LISTEN_IN

GOOD, FAIR = 3.6, 3.1
"""Mean opinion scores below which many, and nearly all, are dissatisfied (ITU-T G.107 annex B)."""


def legs(interaction: int) -> list[dict[str, str]]:
    """One line a leg that has ended, with a fixed number of queries."""
    return [line(one) for one in queries.qualities(interaction)]


def ways(user: Any, interaction: int) -> list[dict[str, str]]:
    """Over which trunk each number outside was called in this contact, for who looks after calls or listens in. Three queries; none for others."""
    if user_may(user, MANAGE) is None and user_may(user, LISTEN_IN) is None:
        return []
    trunks = list(Trunk.objects.filter(active=True).order_by("position", "code"))
    called = [(one.number, one.trunk, one.get_outcome_display()) for one in Outgoing.objects.filter(interaction=interaction)]
    called += [(one.number, one.trunk, one.get_state_display()) for one in OutsideParty.objects.filter(interaction=interaction).order_by("id")]
    return [_way(number, trunk, outcome, trunks) for number, trunk, outcome in called]


def _way(number: str, code: str, outcome: str, trunks: list[Trunk]) -> dict[str, str]:
    """`trunk` carried it; where that is not the first in the order, it is said which one was passed over."""
    names = {one.code: one.name or one.code for one in trunks}
    note = ""
    if code and trunks and trunks[0].code != code:
        note = _("{first} stands first in the order; it was down or full, or the order has changed since").format(first=names[trunks[0].code])
    return {
        "number": say.telephone(number),
        "words": _("over {trunk}").format(trunk=names.get(code, code)) if code else _("no trunk carried it"),
        "more": ", ".join(part for part in (str(outcome), note) if part),
    }


def line(leg: LegQuality) -> dict[str, str]:
    missed = leg.loss if leg.far_loss is None else max(leg.loss, leg.far_loss)
    figures = {"lost": f"{100 * missed:.1f}", "jitter": round(1000 * leg.jitter), "codec": leg.codec}
    if leg.round_trip is None:
        more = _("{lost}% lost, jitter {jitter} ms, {codec}").format(**figures)
    else:
        more = _("{lost}% lost, jitter {jitter} ms, round trip {trip} ms, {codec}").format(**figures, trip=round(1000 * leg.round_trip))
    return {
        "who": leg.segment.agent.name if leg.segment is not None else _("Customer"),
        "grade": "good" if leg.mos >= GOOD else "fair" if leg.mos >= FAIR else "bad",
        "words": _("{mos} of 4.4, at worst {lowest}").format(mos=f"{leg.mos:.1f}", lowest=f"{leg.lowest:.1f}"),
        "more": more,
    }
