"""Sample pages of the work area, for the showcase."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.html import format_html

from cordboard.desktop.presenters.callback import Fact, Later


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


class _Row:
    """Of the callback, what the page asks of its row."""

    party_id = 12
    queue_id = 3


def _callback(state: str, now: datetime) -> dict[str, Any]:
    message = state == "message"
    return {
        "row": _Row(),
        "what": "message" if message else "callback",
        "phase": "heard" if message else "offered",
        "who": "Noor de Vries",
        "facts": [
            Fact("About", "The new pump: when does it come?"),
            Fact("Number", "", number="+31205550123"),
            Fact("They see", "+31 85 000 1000", "Service NL, we pay"),
            Fact("Left" if message else "Asked", "9:12", "left a message" if message else "kept the place in the queue"),
            Fact("Waits since", "8:58", "12:30 by now, the place was kept"),
        ],
        "tries": [] if message else [{"at": "10:41", "by": "Joris Visser", "outcome": "busy"}, {"at": "9:40", "by": "Emma Bakker", "outcome": "no answer"}],
        "tries_line": "" if message else "2 tries counted",
        "notes": [{"by": "Joris Visser", "text": "Prefers to be called after 13:00."}],
        "message": {"name": "message-1", "sound": "#", "seconds": 42, "heard": "", "new": False} if message else None,
        "keyed": _keyed()[:1],
        "dial_at": None if message else now + timedelta(seconds=12),
        "laters": tuple(Later(n, words, "") for n, words in enumerate(("11:15", "12:00", "14:00", "Tomorrow 9:00"), 1)),
        "later_url": "#",
        "now_local": "2026-11-22T12:00",
        "ticket_url": "?tab=new-ticket",
        "reasons": _reasons()[:2],
        "policy_line": "Voice, version 14",
    }


def panel(state: str, now: datetime) -> tuple[str, str, dict[str, Any]]:
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
    if state in ("callback", "message"):
        return "callback", "callback", {**_callback(state, now), **contacts}
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
