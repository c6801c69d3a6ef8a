"""What the work area says over its pages of how the call stands: who is asked, who hears music, what came to nothing and what happens next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cordboard.desktop.cards import Consult
from cordboard.desktop.presenters import say
from cordboard.desktop.presenters.telephone import conference_of, keying
from cordboard.desktop.queries import CallFacts
from cordboard.interactions.models import ContextValue, Interaction, OutsideParty
from cordboard.interactions.queries import Mine
from cordboard.routing.actions_joined import OPEN, SETTLED
from cordboard.routing.models import Outgoing

FRESH = timedelta(minutes=2)
"""So long the screen says that somebody outside was not reached."""


def customer_of(row: Interaction) -> str:
    """The name, or the number at the other end."""
    if row.subject is not None:
        return str(row.subject)
    number = row.to_address if row.direction == Interaction.Direction.OUTBOUND else row.from_address
    return say.telephone(number) if number else _("Unknown caller")


def news(one: Mine, now: datetime, call: CallFacts | None = None, context: Mapping[str, ContextValue] | None = None) -> Consult | None:
    """No query; one for a call of ours that reached nobody."""
    found = _keying(one, call) or _asking(one) or _away(one) or _asked(one) or _together(one) or _not_reached(one, now) or _call_failed(one)
    return found or _not_recorded(one, call) or _keyed(one, call) or _promised(one, now, context or {})


def _keying(one: Mine, call: CallFacts | None) -> Consult | None:
    """The customer keys card data, and the agent waits."""
    if call is None or call.card is None or not keying(one, call):
        return None
    title = _("%(customer)s keys card data.") % {"customer": customer_of(one.interaction)}
    text = _("You hear nothing meanwhile, and nothing is recorded.")
    if call.card.tries:
        text = _("The last try was no card number; it is asked again. You hear nothing meanwhile, and nothing is recorded.")
    return Consult(title, text, act=_("Take back"), url=reverse("desktop:act", args=[one.interaction.pk, "card-back"]))


def _keyed(one: Mine, call: CallFacts | None) -> Consult | None:
    """What came of it, for as long as the customer is here."""
    if call is None or call.card is None or call.card.segment != one.segment.pk or one.segment.state not in ("active", "held"):
        return None
    card = call.card
    paused = _("The recording stays paused until you let it go on.") if call.private else ""
    if card.state == "given":
        title = ngettext(
            "Card number given: %(n)d digit, the check digit is right, it ends in %(last)s.",
            "Card number given: %(n)d digits, the check digit is right, it ends in %(last)s.",
            card.digits or 0,
        ) % {"n": card.digits or 0, "last": card.last}
        return Consult(title, _("The number itself is kept nowhere."))
    if card.state == "not_given" and card.digits:
        title = ngettext("No card number was given: %(n)d digit was keyed.", "No card number was given: %(n)d digits were keyed.", card.digits) % {
            "n": card.digits
        }
        if 12 <= card.digits <= 19:
            return Consult(title, _("The check digit is wrong. It can be asked again."), warn=True)
        return Consult(title, _("A card number has 12 to 19 digits. It can be asked again."), warn=True)
    if card.state == "not_given":
        return Consult(_("No card number was given: nothing was keyed."), _("It can be asked again."), warn=True)
    if card.state == "stopped" and paused:
        return Consult(_("You took the customer back."), paused)
    if card.state == "failed":
        return Consult(_("The card number could not be asked: nobody can say who would have heard the customer."), paused, warn=True)
    return None


def _not_recorded(one: Mine, call: CallFacts | None) -> Consult | None:
    if call is None or not call.broken or call.recording or one.segment.state not in ("active", "held"):
        return None
    return Consult(_("The recording of this call has ended by a fault."), _("What was said before is kept; what is said now is not."), warn=True)


def _promised(one: Mine, now: datetime, context: Mapping[str, ContextValue]) -> Consult | None:
    """The customer had been promised a callback, and has called in."""
    if one.segment.state not in ("active", "held"):
        return None
    if (settled := _told(context, SETTLED)) is not None:
        asked = say.moment(datetime.fromtimestamp(float(settled["asked_at"]), UTC), now)
        text = str(settled.get("about") or _("Nobody calls back any more."))
        return Consult(_("A callback was asked for at %(time)s, which this call settles.") % {"time": asked}, text)
    if (still := _told(context, OPEN)) is not None:
        asked = say.moment(datetime.fromtimestamp(float(still["asked_at"]), UTC), now)
        if still.get("owner"):
            title = _("%(name)s has promised a callback at %(time)s.") % {"name": still["owner"], "time": asked}
        else:
            title = _("A callback was promised at %(time)s.") % {"time": asked}
        settle = f"{reverse('desktop:act', args=[one.interaction.pk, 'settle-callback'])}?callback={still['callback']}"
        return Consult(title, _("It stays on the work list until somebody settles it."), act=_("This call settles it"), url=settle)
    return None


def _told(context: Mapping[str, ContextValue], name: str) -> dict[str, Any] | None:
    value = context[name].value if name in context else None
    return value if isinstance(value, dict) and isinstance(value.get("asked_at"), int | float) else None


def _asking(one: Mine) -> Consult | None:
    customer = customer_of(one.interaction)
    if one.segment.kind in ("consult", "conference", "supervise"):
        return None
    name, state, purpose = "", "", ""
    if one.consulted is not None:
        name, state = str(one.consulted.agent), str(one.consulted.state)
        purpose = "consult" if state != "offered" or one.segment.state == "held" else "conference"
    for party in one.outside:
        if party.purpose != OutsideParty.Purpose.CONFERENCE or party.state in ("dialled", "ringing"):
            name, purpose = say.telephone(party.number), str(party.purpose)
            state = "offered" if party.state in ("dialled", "ringing") else str(party.state)
    who = {"name": name, "customer": customer}
    if not name:
        return None
    if purpose == "conference":
        return Consult(_("%(name)s is asked to join.") % who, _("You are talking to %(customer)s meanwhile.") % who)
    if state == "offered":
        if purpose == "transfer":
            return Consult(_("%(name)s is being called.") % who, _("%(customer)s hears music, and is back with you if nobody answers.") % who)
        return Consult(_("%(name)s is being rung.") % who, _("%(customer)s hears music. Hand over, or back out.") % who)
    if one.segment.state == "active":
        return Consult(_("You are talking to %(customer)s.") % who, _("%(name)s hears music. Swap, merge, hand over, or back out.") % who)
    return Consult(_("You are talking to %(name)s.") % who, _("%(customer)s hears music. Swap, merge, hand over, or back out.") % who)


def _away(one: Mine) -> Consult | None:
    if one.segment.away_at is None or one.segment.state != "active":
        return None
    title = _("%(customer)s has put you on hold.") % {"customer": customer_of(one.interaction)}
    return Consult(title, _("What their side plays is not recorded, and the time is counted apart. Wait, or hang up."), warn=True)


def _asked(one: Mine) -> Consult | None:
    if one.segment.kind == "consult" and one.segment.state in ("offered", "active"):
        asking = next((str(other.agent) for other in one.others if other.kind != "consult"), "")
        return Consult(
            _("%(name)s asks for your help.") % {"name": asking or _("A colleague")},
            _("%(customer)s hears music and may be handed to you.") % {"customer": customer_of(one.interaction)},
        )
    return None


def _together(one: Mine) -> Consult | None:
    """Who is in the conversation. Whoever is only in it leaves; who has the call can end it for everybody."""
    if one.segment.state not in ("active", "held"):
        return None
    own = one.segment.kind not in ("consult", "conference", "supervise")
    if one.segment.kind == "conference":
        names = [str(each.agent) for each in one.others if each.state in ("active", "held") and (each.kind != "supervise" or each.mode == "barge")]
    elif own:
        names = [str(each.agent) if hasattr(each, "agent") else say.telephone(each.number) for each in conference_of(one)]
        names += [str(each.agent) for each in one.others if each.kind == "supervise" and each.mode == "barge" and each.state == "active"]
    else:
        return None
    if not names:
        return None
    title = _("In the conversation: %(names)s.") % {"names": ", ".join([customer_of(one.interaction), *names])}
    if own:
        return Consult(title, _("Leave, and the others talk on; or end it for everybody."))
    return Consult(title, _("Leave, and the others talk on."))


def _why(party: OutsideParty) -> str:
    """That a number outside was not reached and why, "" where the agent wanted it so."""
    if party.cause in ("called_off", "backed_out", "removed", "customer_gone"):
        return ""
    if party.answered_at is not None:
        words = _("%(number)s has hung up.")
    elif party.cause == "busy":
        words = _("%(number)s was busy.")
    elif party.cause == "no_answer":
        words = _("%(number)s did not answer.")
    elif party.cause == "rejected":
        words = _("%(number)s declined the call.")
    elif party.cause == "unknown_number":
        words = _("%(number)s is no number that exists.")
    else:
        words = _("%(number)s could not be reached.")
    return words % {"number": say.telephone(party.number)}


def _not_reached(one: Mine, now: datetime) -> Consult | None:
    """Somebody outside could not be reached: why, and where the customer is."""
    party = one.outside_over
    if party is None or party.segment_id != one.segment.pk or party.ended_at is None or now - party.ended_at > FRESH or one.segment.state == "wrapup":
        return None
    title = _why(party)
    if not title:
        return None
    customer = customer_of(one.interaction)
    if one.segment.state == "held":
        return Consult(title, _("%(customer)s still hears music: resume to talk.") % {"customer": customer}, warn=True)
    return Consult(title, _("%(customer)s is with you.") % {"customer": customer}, warn=True)


def _call_failed(one: Mine) -> Consult | None:
    """A call of ours reached nobody: why, and whether it is tried again."""
    row = one.interaction
    if one.segment.state != "wrapup" or row.direction != Interaction.Direction.OUTBOUND or row.answered_at is not None:
        return None
    out = Outgoing.objects.select_related("callback").filter(interaction=row).first()
    if out is None or not out.outcome:
        return None
    title = _("%(customer)s was not reached: %(outcome)s.") % {"customer": customer_of(row), "outcome": out.get_outcome_display()}
    callback = out.callback
    if callback is not None and callback.due_at is not None and callback.closed_at is None:
        return Consult(title, _("The callback is tried again at %(time)s.") % {"time": say.moment(callback.due_at, row.started_at)}, warn=True)
    return Consult(title, _("Finish the wrap-up, or dial again."), warn=True)
