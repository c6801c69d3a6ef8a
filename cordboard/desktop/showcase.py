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
from django.utils.html import format_html

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
    Pad,
    QueueLine,
    StateCard,
    StateChoice,
    Telephone,
    ToolButton,
    WorkAction,
    WorkTab,
)
from cordboard.desktop.telephone import Phase, buttons
from cordboard.org.permissions import public

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
        buttons=tuple(ToolButton(one, "#" if one.act == "post" else "") for one in buttons(phase)),
        you=f"{words}, room for no more" if not idle else "Ready since 6:12",
        topics=("user:1",),
        queues=(QueueLine(3, "Service", "3 waiting", now - timedelta(seconds=42)),),
        comm=comm,
        segment=None if idle else 5,
        interaction=None if idle else 91,
    )


def _product() -> dict[str, Any]:
    return {
        "icon": "wash-machine",
        "name": "W8 washing machine, 8 kg",
        "line": "Serial W8-2403-118842. Bought 12 Mar 2025. Warranty to 12 Mar 2027.",
        "in_warranty": True,
        "warranty": "In warranty",
        "faults": [
            {"at": "21 Aug", "code": "E18", "text": "Does not drain", "remedy": "filter cleaned by telephone"},
            {"at": "4 Mar", "code": "E05", "text": "Door lock", "remedy": "lock replaced at home"},
        ],
    }


def _timeline() -> list[dict[str, Any]]:
    rows = [
        ("ticket", "Vacuum D3: brush missing", "Waiting for part, due Thursday", "9 Nov", False),
        ("package", "Order 88 214: limescale remover", "Delivered 4 Nov, paid", "2 Nov", False),
        ("phone", "E18, filter cleaned", "Joris Visser, 12 min", "21 Aug", False),
        ("phone", "Waited 9 minutes, hung up", "Nobody answered", "20 Aug", True),
        ("phone", "E05, door does not lock", "Anna Kowalczyk, 7 min", "4 Mar", False),
        ("package", "Order 80 112: W8 washing machine", "Delivered 14 Mar 2025, paid", "12 Mar", False),
    ]
    return [{"icon": i, "title": t, "line": s, "at": a, "warn": w, "url": ""} for i, t, s, a, w in rows]


def _solutions() -> list[dict[str, Any]]:
    text = "When the fault comes back within a year of cleaning the filter, the pump is worn. Do not ask the customer to clean again. Open a ticket for part 118-22."
    titles = [
        ("E18 returns after cleaning: drain pump worn", "solved 41 of 52"),
        ("Emptying the W8 by hand when it will not drain", "solved 118 of 203"),
        ("Kinked or high drain hose behind the machine", "solved 27 of 90"),
    ]
    return [
        {"id": n, "title": t, "text": text, "open": n == 0, "helped": h, "given_url": "#", "helped_url": "#", "given": False, "did_help": False}
        for n, (t, h) in enumerate(titles)
    ]


def _reasons() -> list[dict[str, Any]]:
    return [
        {
            "text": format_html(
                "The caller keyed customer number <b>{}</b>: <b>{}</b>, so priority 2. Nothing is overdue, so not Collections.", "4471 0938", "Gold"
            ),
            "rule": "Rule 2, Valued customers first",
        },
        {
            "text": format_html("The account owner <b>{}</b> was asked first. He is in a call; after 30 s the circle was widened to his team.", "Joris Visser"),
            "rule": "Rule 3, Own account owner",
        },
        {
            "text": format_html(
                "A fault of a washing machine asks for <b>{}</b> and <b>{}</b>. You have Dutch 5 and Washing machines 3.", "Dutch 3", "Washing machines 2"
            ),
            "rule": "Rule 6, Product faults",
        },
        {"text": format_html("Of three free agents you have been ready the longest, <b>{}</b>.", "6:12"), "rule": "Longest ready"},
    ]


def _keyed() -> list[dict[str, str]]:
    return [
        {"label": "Language", "keys": "1", "text": "Dutch"},
        {"label": "Customer no.", "keys": "4471 0938 #", "text": ""},
        {"label": "Matter", "keys": "2", "text": "A product does not work"},
    ]


def _wrapup(now: datetime, ended: bool) -> dict[str, Any]:
    names = ["Does not drain", "Door lock", "Delivery moved", "Invoice question", "Spare part"]
    children = [{"name": name, "url": "#", "chosen": n == 0} for n, name in enumerate(names)]
    return {
        "chosen": [{"name": "Fault: does not drain", "remove_url": "#"}],
        "favourites": [{"key": n + 1, "name": name, "url": "#", "chosen": n == 0} for n, name in enumerate(names)],
        "tree": [
            {"id": 1, "name": "Product fault", "open": True, "count": 1, "children": children},
            {"id": 2, "name": "Order and delivery", "open": False, "count": 0, "children": children},
            {"id": 3, "name": "Invoice and payment", "open": False, "count": 0, "children": children},
        ],
        "outcomes": [{"name": n, "chosen": n == "Ticket opened", "url": "#"} for n in ("Solved", "Ticket opened", "Called back later", "Wrong number")],
        "ended": ended,
        "until": now + timedelta(seconds=47) if ended else None,
        "then": "then you are Ready again",
        "extend_url": "#" if ended else "",
        "extend_words": "1 minute more",
        "finish_url": "#",
        "finish_note": "",
    }


def _panel(state: str, now: datetime) -> tuple[str, str, dict[str, Any]]:
    contacts = {"contacts": _timeline(), "contacts_url": "?tab=history", "contacts_count": 34}
    if state == "idle":
        return (
            "idle",
            "idle",
            {
                "icon": "headset",
                "title": "Ready. The next call comes to you by itself.",
                "text": "It rings here, with the customer on the screen before you accept.",
                "action": None,
                "recent": _timeline()[:4],
            },
        )
    if state == "ringing":
        return (
            "offer",
            "offer",
            {
                "reasons": _reasons(),
                "policy_line": "Voice, version 14",
                "product": _product(),
                "solutions": [],
                "keyed": _keyed(),
                "next_line": "Anna Kowalczyk is next. You stay Ready after a reject; after no answer you are set Not ready.",
                **contacts,
            },
        )
    if state == "wrapup":
        return "wrapup", "wrapup", _wrapup(now, True)
    if state == "history":
        kinds = [{"code": c, "name": n, "selected": not c} for c, n in (("", "All"), ("voice", "Calls"), ("ticket", "Tickets"), ("order", "Orders"))]
        return "history", "history", {"query": "", "kinds": kinds, "entries": _timeline() * 3, "more_url": "#", "search_url": "#"}
    if state == "knowledge":
        return "knowledge", "knowledge", {"query": "E18, water stays in the drum", "solutions": _solutions(), "search_url": "#"}
    if state == "ticket":
        return (
            "ticket",
            "ticket",
            {
                "tickets": [],
                "ticket": None,
                "form": None,
                "new_url": "#",
                "none_title": "No tickets for Noor de Vries",
                "none_text": "Open one from the notes: the product and the fault are filled in.",
            },
        )
    panel = {
        "product": _product() if state not in {"unknown", "several"} else None,
        "products_count": 5,
        "products_line": "5 other products",
        "product_none": "Known once the customer is.",
        "words": "E18, water stays in the drum, cleaned filter",
        "knowledge_url": "#",
        "solutions": _solutions(),
        "keyed": _keyed(),
        **contacts,
    }
    return "overview", "overview", panel


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
        "Gold",
        "gold",
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
    tab, template, panel = _panel(state, now)
    idle = state == "idle"
    names = [("overview", "Overview"), ("history", "History"), ("knowledge", "Knowledge"), ("ticket", "Ticket"), ("wrapup", "Wrap-up")]
    if state == "ringing":
        names = [("offer", "Incoming call"), *names[:4]]
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
        panel=panel,
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
                "phone-incoming" if state == "ringing" else "phone",
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
