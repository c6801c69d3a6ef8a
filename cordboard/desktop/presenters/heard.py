"""How well the legs of a call were heard, in words: for whoever asks why a customer complained of the line."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cordboard.channels.voice import queries
from cordboard.channels.voice.models import LegQuality

GOOD, FAIR = 3.6, 3.1
"""Mean opinion scores below which many, and nearly all, are dissatisfied (ITU-T G.107 annex B)."""


def legs(interaction: int) -> list[dict[str, str]]:
    """One line a leg that has ended, with a fixed number of queries."""
    return [line(one) for one in queries.qualities(interaction)]


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
