"""The stage of the desk: open contacts, account, work area, alerts, greeting, scratch pad. Only the parts that are asked for are read."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext

from cordboard.desktop import queries
from cordboard.desktop.cards import Desk, Fact, Greeting, Idle, Into, OpenTab, Pad, WorkAction, WorkTab
from cordboard.desktop.presenters import account as accounts
from cordboard.desktop.presenters import booking as _booking
from cordboard.desktop.presenters import callback as _callback
from cordboard.desktop.presenters import forms as _forms  # noqa: F401  adds its pages to the work area
from cordboard.desktop.presenters import greeting as greetings
from cordboard.desktop.presenters import guidance, handed, masking, panels
from cordboard.desktop.presenters.standing import customer_of, news
from cordboard.desktop.presenters.telephone import PREVIEWED, call_of, own_topics
from cordboard.desktop.templatetags.cb import clock
from cordboard.interactions import queries as interactions
from cordboard.interactions.queries import Detail, Mine
from cordboard.org.languages import html_lang
from cordboard.org.permissions import user_may

PARTS = frozenset({"itabs", "account", "work", "alerts", "greeting", "pad"})


def selected(mine: list[Mine], wanted: str) -> Mine | None:
    """The contact that the desk shows: the one in the address where it is open here, else the one that the telephone is about."""
    return next((one for one in mine if str(one.interaction.pk) == wanted), None) or call_of(mine)


OFFERED = {"consult": (later("asks for you"), "phone-incoming"), "callback": (later("to call"), "phone-outgoing"), "message": (later("to hear"), "microphone")}
"""What the tab of a contact that is offered says, where it is no call that rings."""


def _open_tab(one: Mine, shown: bool) -> OpenTab:
    row, segment = one.interaction, one.segment
    who = str(row.subject) if row.subject else customer_of(row)
    if segment.kind == "callback":
        who = _("Callback of %(name)s") % {"name": who}
    elif segment.kind == "message":
        who = _("Message of %(name)s") % {"name": who}
    url = f"{reverse('desktop:desk')}?interaction={row.pk}"
    icon = "microphone" if segment.kind == "message" else panels.icon_of(row)
    if segment.state == "offered":
        words, icon = OFFERED.get(segment.kind, (later("ringing"), "phone-incoming"))
        return OpenTab(row.pk, url, icon, who, shown, meta=str(words), live=True)
    if segment.state == "wrapup":
        return OpenTab(row.pk, url, icon, who, shown, meta=_("wrap-up"))
    if segment.state == "held":
        return OpenTab(row.pk, url, "phone-pause", who, shown, what=row.headline, meta=_("on hold"), warn=True)
    return OpenTab(row.pk, url, icon, who, shown, what=row.headline, since=segment.accepted_at, live=True)


def _greeting(detail: Detail, facts: queries.CallFacts, user: Any, now: datetime) -> Greeting | None:
    """What to say first: the queue's standard in the customer's language."""
    queue = facts.queue
    if queue is None:
        return None
    row = detail.interaction
    reader = translation.get_language() or "en"
    wanted = row.language or (row.subject.language if row.subject else "") or reader
    language, sentence = greetings.standard(queue.greeting, wanted)
    if not sentence:
        return None
    speaker = row.reporter or row.subject  # whoever is at the other end is greeted, whomever it is about
    customer = greetings.addressed(speaker.salutation, speaker.name, language, speaker.family_name) if speaker else ""
    agent = user.name.split()[0] if user.name else str(user)
    said = greetings.say(sentence, customer=customer, agent=agent, hour=timezone.localtime(now).hour, language=language)
    hint = _("The customer speaks %(language)s.") % {"language": accounts.language_names([wanted])} if wanted != reader else ""
    return Greeting(_("Greeting"), queue.name, said, html_lang(language), hint)


def _pad(one: Mine | None, user: Any, note: Any, name: str) -> Pad:
    number = one.interaction.pk if one else None
    save = reverse("desktop:note", args=[number]) if number else reverse("desktop:loose_note")
    into: tuple[Into, ...] = ()
    find = ""
    if number and one is not None and one.segment.state != "offered":
        base = f"{reverse('desktop:desk')}?interaction={number}"
        into = (
            Into(_("A new ticket"), "ticket", f"{base}&tab=new-ticket", "new-ticket"),
            Into(_("The record of this contact"), "note", reverse("desktop:act", args=[number, "file-note"])),
        )
        find = f"{base}&tab=knowledge"
    text = note.text if note else ""
    about = _("In the record") if note and note.filed else name
    return Pad(
        text, note.revision if note else 0, save, f"{user.pk}:{number or 'own'}", about, note.saved_at if note and text and not note.filed else None, into, find
    )


def _clock(span: timedelta | None) -> str:
    return clock(span.total_seconds()) if span else "–"


def _idle(user: Any, now: datetime) -> Idle:
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    today = queries.today_of(user, midnight)
    waiting = sum(line.count for line in queries.queues_of(user))
    line = (
        ngettext("%(n)d customer waits in your queues.", "%(n)d customers wait in your queues.", waiting) % {"n": waiting}
        if waiting
        else _("Nobody waits in your queues.")
    )
    return Idle(
        _("Nobody is on the line"),
        line,
        (
            Fact(_("Contacts today"), str(today.contacts)),
            Fact(_("Talk, on average"), _clock(today.talk)),
            Fact(_("Wrap-up, on average"), _clock(today.wrapup)),
        ),
    )


def _tab(one: Mine | None, wanted: str, detail: Detail | None, *, with_ticket: bool) -> str:
    if one is None:
        return "idle"
    state = one.segment.state
    unknown = wanted in ("details", "behalf", "identity") and one.interaction.subject_id is None
    own = wanted in ("idle", "offer") or (wanted == "callback" and not _previewed(one, detail))
    if wanted in panels.PANELS and not own and not unknown:
        return wanted
    if state == "offered":
        return "callback" if one.segment.kind in PREVIEWED else "offer"
    if state == "active" and one.segment.kind == "message":
        return "callback"
    return "wrapup" if state == "wrapup" else "ticket" if with_ticket else "overview"


def _previewed(one: Mine, detail: Detail | None) -> bool:
    """Whether the contact has a page about a callback: it is offered, or was dialled for one."""
    return one.segment.kind in PREVIEWED or (detail is not None and _callback.CALLBACK in detail.context)


def _work_tabs(work: panels.Work, tab: str) -> tuple[WorkTab, ...]:
    if work.one is None:
        return (WorkTab("idle", _("Today"), reverse("desktop:desk"), True),)
    names = [("overview", _("Overview")), ("history", _("History")), ("knowledge", _("Knowledge")), ("ticket", _("Tickets"))]
    if work.customer is not None and work.one.segment.state != "offered":
        names.append(("details", _("Details")))
    if _booking.offered(work.user) and work.one.segment.state != "offered":
        names.append(("appointment", _("Appointment")))
    if _previewed(work.one, work.detail):
        first = work.one.segment.state == "offered" or work.one.segment.kind == "message"
        names.insert(0 if first else 1, ("callback", _("Message") if work.one.segment.kind == "message" else _("Callback")))
    elif work.one.segment.state == "offered":
        names.insert(0, ("offer", _("Incoming call")))
    if work.one.segment.state != "offered":
        names.append(("wrapup", _("Wrap-up")))
    beside = {"why": _("Why you"), "find": _("Find customer"), "create": _("New customer"), "behalf": _("On behalf of"), "identity": _("Identity check")}
    if beside.get(tab):
        names.append((tab, beside[tab]))
    shown = "ticket" if tab == "new-ticket" else tab
    return tuple(WorkTab(code, name, work.url(code), code == shown) for code, name in names)


def desk(
    user: Any,
    params: QueryDict,
    mine: list[Mine],
    now: datetime,
    parts: Collection[str] = PARTS,
    facts: Callable[[int], queries.CallFacts] = queries.call_facts,
) -> Desk:
    """The stage, or these parts of it. `facts` gives what the switch knows of a contact, once a request (`frame.facts_of`)."""
    language = translation.get_language() or "en"
    one = selected(mine, params.get("interaction", ""))
    detail = interactions.detail_of(one.interaction) if one is not None and {"account", "work", "greeting"} & set(parts) else None
    row = one.interaction if one else None
    customer = accounts.Customer(row.subject.pk, row.pk, now, row.subject) if row is not None and row.subject is not None else None
    name = customer_of(row) if row is not None else ""
    notes = interactions.notes_in(row.pk) if row is not None and {"work", "pad"} & set(parts) else []
    note = next((one for one in notes if one.author_id == user.pk), None)
    if row is None and "pad" in parts:
        note = interactions.note_of(user, None)
    step = handed.step_of(one, user)
    tab = _tab(one, params.get("tab", ""), detail, with_ticket=step is not None)
    work = panels.Work(user, now, params, one, detail, customer, note.text if note else "", notes)
    if step is not None:
        work.extra["handed"] = step
    topics = [f"user:{user.pk}"]
    if row is not None:
        topics.append(f"interaction:{row.pk}")
    if customer is not None:
        topics.append(f"party:{row.subject_id}")  # type: ignore[union-attr]
    offered = one is not None and one.segment.state == "offered"
    call = facts(row.pk) if row is not None and ({"greeting", "work"} & set(parts)) else None
    entry = call.entry if call is not None and offered and "work" in parts else None
    if call is not None:
        work.extra["call"] = call
    ringing = entry is not None and one is not None and entry.segment_id == one.segment.pk
    actions: tuple[WorkAction, ...] = ()
    if one is not None and not offered and user_may(user, "tickets.open"):
        actions = (WorkAction(_("New ticket"), "ticket", work.url("new-ticket"), "new-ticket"),)
    return Desk(
        title=name or _("Desk"),
        fragments_url=reverse("desktop:fragments"),
        own_topics=own_topics(user, mine),
        topics=tuple(topics),
        tab=tab,
        work_tabs=_work_tabs(work, tab),
        panel_template=panels.TEMPLATES[tab],
        panel=panels.PANELS[tab](work) if "work" in parts else {},
        idle=_idle(user, now) if one is None and "account" in parts else Idle("", ""),
        pad=_pad(one, user, note, name or _("your own pad")),
        interaction=row.pk if row else None,
        tabs=tuple(_open_tab(each, each is one) for each in mine) if "itabs" in parts else (),
        account=accounts.account(detail, customer, hidden=masking.hides(user, detail.interaction, detail.context))
        if detail is not None and "account" in parts
        else None,
        alerts=guidance.alerts(row.pk, user, language) if row is not None and "alerts" in parts else (),
        greeting=_greeting(detail, call, user, now) if call is not None and detail is not None and "greeting" in parts else None,
        consult=news(one, now, call, detail.context if detail is not None else None) if one is not None and "work" in parts else None,
        work_actions=actions,
        offer_from=entry.offered_at if ringing and entry else None,
        offer_until=entry.offer_until if ringing and entry else None,
        offered=one.segment.kind if one is not None and one.segment.kind in PREVIEWED else "",
    )
