"""Every state of the desktop with sample data, for looking at it and for the tests of its layout. Never part of the product's addresses:
`cordboard.desktop.tests.showcase_urls` mounts it.

    python -m cordboard.desktop.tests.pictures   takes a picture of each
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cordboard.desktop.cards import (
    Account,
    AlertCard,
    Candidate,
    Comm,
    Consult,
    Desk,
    Fact,
    Frame,
    Greeting,
    Idle,
    Into,
    NavItem,
    OpenTab,
    Other,
    Pad,
    QueueLine,
    Rejection,
    StateCard,
    StateChoice,
    Telephone,
    ToolButton,
    WorkAction,
    WorkTab,
)
from cordboard.desktop.showcase_panels import panel
from cordboard.desktop.telephone import Phase, Situation, buttons, more
from cordboard.org.permissions import public
from cordboard.routing.rejection import REJECTIONS

LONG = {
    "ru": ("Александра Константиновна Преображенская-Воскресенская", "г. Санкт-Петербург, Малоохтинский проспект, дом 112, корпус 3"),
    "th": ("คุณสมชาย เจริญสุขวัฒนา", "ถนนพระราม ๔ แขวงลุมพินี เขตปทุมวัน กรุงเทพมหานคร"),
}


class _Someone:
    pk = 1
    name = "Emma Bakker"
    initials = "EB"

    def __str__(self) -> str:
        return self.name


def _nav() -> list[NavItem]:
    return [
        NavItem("desk", "headset", "Desk", "/showcase/talking/", current=True),
        NavItem("customers", "users", "Customers", "#"),
        NavItem("knowledge", "book-2", "Knowledge", "#"),
        NavItem("live", "activity", "Live", "#"),
    ]


STATES: dict[str, tuple[Phase, str, str]] = {
    "idle": (Phase.IDLE, "ready", "Ready"),
    "ringing": (Phase.OFFERED, "offered", "Ringing"),
    "talking": (Phase.TALKING, "talking", "Talking"),
    "callback": (Phase.OFFERED, "offered", "Ringing"),
    "message": (Phase.MESSAGE, "talking", "Talking"),
    "conference": (Phase.CONFERENCE, "talking", "Talking"),
    "held": (Phase.HELD, "talking", "Talking"),
    "consulting": (Phase.CONSULTING, "talking", "Talking"),
    "wrapup": (Phase.WRAPUP, "wrapup", "Wrap-up"),
    "unknown": (Phase.TALKING, "talking", "Talking"),
    "several": (Phase.TALKING, "talking", "Talking"),
    "history": (Phase.TALKING, "talking", "Talking"),
    "knowledge": (Phase.TALKING, "talking", "Talking"),
    "ticket": (Phase.TALKING, "talking", "Talking"),
}


def _telephone(state: str, now: datetime) -> Telephone:
    phase, code, words = STATES[state]
    idle = phase is Phase.IDLE
    now_is = Situation(phase, members=2, may_dial=True, may_record=True, calls=state == "callback", recorded=phase is Phase.TALKING)
    others: tuple[Other, ...] = ()
    if state == "conference":
        others = (Other("Joris Visser", "on the line"), Other("+31 10 123 4567", "ringing", "shows +31 85 000 1000, we pay, trunk west"))
    comm = None
    if not idle:
        comm = Comm(
            "+31 20 555 0123",
            "0800 0467",
            "Service NL",
            "Ringing" if phase is Phase.OFFERED else "Talk",
            now - timedelta(seconds=6 if phase is Phase.OFFERED else 133),
            38,
            recording=phase not in {Phase.OFFERED, Phase.WRAPUP},
            offer_until=now + timedelta(seconds=14) if phase is Phase.OFFERED else None,
            why_url="" if phase is Phase.OFFERED else "?tab=why",
            number="+31205550123",
            others=others,
        )
    return Telephone(
        phase=phase,
        state=StateCard(code, words, now - timedelta(seconds=133)),
        choices=(
            StateChoice("Ready", "ready", "#", "{}", current=idle, key="F11"),
            StateChoice("Break", "break", "#", json.dumps({"reason": "break"}), note="15 min"),
            StateChoice("Back office", "notready", "#"),
            StateChoice(line=True),
            StateChoice("After this call: Break", "break", "#", pending=True),
        ),
        buttons=tuple(ToolButton(one, "#" if one.act == "post" else "") for one in buttons(phase, now_is)),
        more=tuple(ToolButton(one, "#" if one.act == "post" else "") for one in more(phase, now_is)),
        rejections=tuple(Rejection(str(one.choice), str(key), "#") for key, one in enumerate(REJECTIONS.values(), 1)) if phase is Phase.OFFERED else (),
        you=f"{words}, room for no more" if not idle else "Ready since 6:12",
        topics=("user:1",),
        queues=(QueueLine(3, "Service", "3 waiting", now - timedelta(seconds=42)),),
        comm=comm,
        segment=None if idle else 5,
        interaction=None if idle else 91,
    )


def _account(state: str, words: str) -> Account | None:
    if state == "idle":
        return None
    if state == "unknown":
        return Account(
            "unknown",
            "Unknown caller",
            "+31 20 555 0123",
            who="No customer has this number. Find the customer by what they tell you, or make a new one.",
            find_url="#",
            create_url="#",
        )
    if state == "several":
        return Account(
            "several",
            "Three customers have this number",
            "+31 20 555 0123",
            find_url="#",
            candidates=tuple(
                Candidate(n, name, line, "#", seg)
                for n, (name, line, seg) in enumerate(
                    (
                        ("Noor de Vries", "Amsterdam, 4471 0938", "Gold"),
                        ("Daan Jansen", "Utrecht, 4471 2211", ""),
                        ("Bakkerij de Vries", "Amsterdam, 4471 7744", "Silver"),
                    )
                )
            ),
        )
    name, street = LONG.get(words, ("Noor de Vries", "Keizersgracht 112, Amsterdam"))
    return Account(
        "known",
        name,
        "Customer 4471 0938, since 2019",
        segment="Gold",
        segment_code="gold",
        confirmed=state != "ringing",
        identity="Confirmed by Emma Bakker" if state != "ringing" else "Not checked yet: ask for the postcode",
        who="You are talking to Daan Jansen, on her behalf." if state == "talking" else "Known by the caller's number.",
        who_icon="user-share" if state == "talking" else "user",
        facts=(
            Fact("Address", street),
            Fact("Company", "Private", wide=True, under_name=True),
            Fact("Language", "Dutch, English"),
            Fact("Balance", "€ 0.00"),
            Fact("Open tickets", "1, reply today 17:00", kind="cb-warn"),
            Fact("Last order", "2 Nov, € 64.90"),
            Fact("Account owner", "Joris Visser", wide=True),
        ),
        confirm_url="#" if state == "ringing" else "",
        clear_url="#",
    )


def _desk(state: str, now: datetime, words: str) -> Desk:
    tab, template, shown = panel(state, now)
    idle = state == "idle"
    names = [("overview", "Overview"), ("history", "History"), ("knowledge", "Knowledge"), ("ticket", "Ticket"), ("wrapup", "Wrap-up")]
    if state == "ringing":
        names = [("offer", "Incoming call"), *names[:4]]
    if state in ("callback", "message"):
        names = [("callback", state.capitalize()), *names[:4]]
    if idle:
        names = [("idle", "Today")]
    alerts = (
        AlertCard("warning", "Warning", "alert-triangle", "Third call this week.", "Settle it in this call.", "#"),
        AlertCard("suggestion", "Suggestion", "bulb", "Warranty ends in 4 months.", "Mention the extension.", "#"),
        AlertCard("reminder", "Reminder", "clock", "Note of Joris Visser:", "she prefers to be called after 13:00.", "#"),
    )
    account = _account(state, words)
    return Desk(
        title=account.name if account else "Desk",
        fragments_url="#",
        own_topics=("user:1",),
        topics=("user:1", "interaction:91", "party:12"),
        tab=tab,
        work_tabs=tuple(WorkTab(code, name, f"?tab={code}", code == tab, 34 if code == "history" else None) for code, name in names),
        panel_template=f"desktop/panels/{template}.html",
        panel=shown,
        idle=Idle(
            "Nobody is on the line",
            "Three customers wait in Service; the next one comes to you.",
            (Fact("Today", "14 contacts"), Fact("Talk, average", "4:12"), Fact("Wrap-up, average", "0:41")),
        ),
        pad=Pad(
            "" if state in {"idle", "ringing"} else "Grandson Daan calls for Noor. E18 since this morning, water stays in the drum, cleaned filter himself.",
            3,
            "#",
            f"showcase-{state}",
            "your own pad" if idle else "Noor de Vries",
            None if state in {"idle", "ringing"} else now,
            into=() if idle else (Into("A new ticket", "ticket", "#", "ticket"), Into("The interaction's record", "note", "#")),
            find_url="" if idle else "#",
        ),
        interaction=None if idle else 91,
        tabs=()
        if idle
        else (
            OpenTab(
                91,
                "?interaction=91",
                {"ringing": "phone-incoming", "callback": "phone-outgoing", "message": "microphone"}.get(state, "phone"),
                account.name if account else "",
                True,
                meta="ringing" if state == "ringing" else "",
                since=None if state == "ringing" else now - timedelta(seconds=133),
                live=True,
            ),
        ),
        account=account,
        alerts=() if idle or state in {"unknown", "several"} else alerts,
        greeting=None
        if idle
        else Greeting(
            "Greeting",
            "Service",
            "“Good afternoon Mrs de Vries, this is Emma of Lamp & Ketel. What can I do for you?”",
            "en",
            "Say the name as it stands; the caller speaks Dutch.",
        ),
        consult=Consult("You are talking to Joris Visser.", "Noor de Vries hears music. Hand over, or go back to her.") if state == "consulting" else None,
        work_actions=() if idle or state == "ringing" else (WorkAction("New ticket", "ticket", "#", "new-ticket"),),
        offer_from=now - timedelta(seconds=6) if state == "ringing" else None,
        offer_until=now + timedelta(seconds=14) if state == "ringing" else None,
    )


@public
def state(request: HttpRequest, name: str) -> HttpResponse:
    """One state; `?lang=ru|th` puts long strings in, `?theme=dark` turns it dark."""
    if name not in STATES:
        raise Http404(name)
    now = timezone.now()
    telephone = _telephone(name, now)
    desk = _desk(name, now, request.GET.get("lang", ""))
    if name == "held":
        desk = replace(desk, consult=None)
    frame = Frame(now, "", "", ("user:1",), "off", "", telephone)
    context: dict[str, Any] = {"frame": frame, "desk": desk, "panel": desk.panel, "nav_items": _nav(), "nav_user": _Someone()}
    context["reader_theme"] = "dark" if request.GET.get("theme") == "dark" else "light"
    return render(request, "desktop/desk.html", context)
