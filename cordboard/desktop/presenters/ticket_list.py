"""The list of tickets as it is shown: rows, views with their counts, a filter in words, what a selection can become."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import pgettext, pgettext_lazy

from cordboard.catalogue.models import Product
from cordboard.desktop.presenters import say
from cordboard.desktop.presenters.masking import OPEN, Mask
from cordboard.desktop.templatetags.cb import icon
from cordboard.interactions.models import ContactReason
from cordboard.lib.addresses import reverse
from cordboard.lib.kept import Kept
from cordboard.org.models import Position, Unit, User
from cordboard.parties.models import Party
from cordboard.routing.models import Skill
from cordboard.rules.editor import editor_words, fact_row
from cordboard.rules.facts import Fact
from cordboard.rules.phrases import Speaker
from cordboard.tickets import states
from cordboard.tickets.actions_bulk_each import UP
from cordboard.tickets.actions_view import COLUMNS, USUAL
from cordboard.tickets.filter_facts import BUILT_IN, EVERY, offered
from cordboard.tickets.filters import ME, MINE
from cordboard.tickets.kinds import kind_name, state_name
from cordboard.tickets.models import Ticket, TicketKind
from cordboard.tickets.models_view import TicketView
from cordboard.tickets.queries_list import MOST_COUNTED, Line

MOST_PEOPLE = 500
MOST_PRODUCTS = 1_000
COLUMN_WORDS = {
    "number": later("Number"),
    "customer": later("Customer"),
    "kind": pgettext_lazy("of a ticket", "Kind"),
    "state": pgettext_lazy("of a ticket", "State"),
    "priority": pgettext_lazy("of a ticket", "Priority"),
    "owner": pgettext_lazy("of a ticket", "Owner"),
    "unit": pgettext_lazy("of a ticket", "Unit"),
    "due": pgettext_lazy("of a ticket", "Due"),
    "opened": pgettext_lazy("of a ticket", "Opened"),
    "resolved": pgettext_lazy("of a ticket", "Resolved"),
}
SORT_WORDS = {
    "due": later("First due first"),
    "priority": later("By priority"),
    "newest": later("Newest first"),
    "oldest": later("Oldest first"),
    "resolved": later("Last resolved first"),
}
SEGMENTS = dict(Party.Segment.choices)
SHOWN_SEGMENTS = (Party.Segment.GOLD, Party.Segment.SILVER)


def rows(lines: list[Line], now: datetime, columns: list[str], *, may_choose: bool, mask: Mask = OPEN) -> SafeString:
    """The rows of the table as HTML. No query. Put together here and not by a template: a list has some fifty rows of ten cells, and is what people look at most."""
    kinds, stands = _Words(kind_name), _Words(state_name)
    choose = escape(_("Choose ticket {number}"))
    clock = icon("clock", 14, label=_("late"))
    made = []
    for line in lines:
        open_ = line.state in states.OPEN
        cells = [_cell(code, line, now, open_, kinds, stands, clock) for code in columns]
        box = (
            f'<td class="cb-pick"><input type="checkbox" class="form-check-input" name="ids" value="{line.pk}" form="ticket-chosen"'
            f' aria-label="{choose.replace("{number}", str(line.number))}"></td>'
            if may_choose
            else ""
        )
        title = f'<td class="cb-ticket-title"><a href="/tickets/{line.number}/">{escape(mask(line.title))}</a></td>'
        made.append(f'<tr data-ticket="{line.pk}">{box}{title}{"".join(cells)}</tr>')
    return mark_safe("\n".join(made))  # every text of people and catalogues went through escape


class _Words(dict[Any, str]):
    """Words of codes, each asked for and escaped once."""

    def __init__(self, say_it: Any) -> None:
        self.say_it = say_it

    def __missing__(self, code: Any) -> str:
        self[code] = found = escape(self.say_it(*code) if isinstance(code, tuple) else self.say_it(code))
        return found


def _cell(code: str, line: Line, now: datetime, open_: bool, kinds: _Words, stands: _Words, clock: str) -> str:
    match code:
        case "number":
            text = str(line.number)
        case "customer":
            text = escape(line.customer)
            if line.segment in SHOWN_SEGMENTS:
                text += f' <span class="cb-tag cb-tag-segment" data-segment="{line.segment}">{escape(SEGMENTS[line.segment])}</span>'
        case "kind":
            text = kinds[line.kind]
        case "state":
            text = f'<span class="cb-ticket-state" data-state="{line.state}">{stands[line.kind, line.state, line.stage]}</span>'
        case "priority":
            text = str(line.priority)
        case "owner":
            text = escape(line.owner)
        case "unit":
            text = escape(line.unit)
        case "due":
            if not open_ or line.due_at is None:
                text = ""
            elif line.due_at < now:
                return f'<td data-c="due" class="cb-warn">{clock}{escape(say.when(line.due_at, now))}</td>'
            else:
                text = escape(say.when(line.due_at, now))
        case "opened":
            text = escape(say.when(line.opened_at, now))
        case _:
            text = escape(say.when(line.resolved_at, now)) if line.resolved_at is not None else ""
    return f'<td data-c="{code}">{text}</td>'


def columns_of(view: TicketView | None) -> list[str]:
    kept = [code for code in (view.columns if view is not None else ()) if code in COLUMNS]
    return kept or list(USUAL)


def heads(columns: list[str]) -> list[tuple[str, str]]:
    return [(code, str(COLUMN_WORDS[code])) for code in columns]


def counted(number: int) -> str:
    """999+, where nobody counted on."""
    return f"{MOST_COUNTED}+" if number > MOST_COUNTED else str(number)


def views(user: User, kept: list[TicketView], current: str) -> list[dict[str, Any]]:
    """The left column: the built-in views, one's own, those that others share; each with its address. No query."""
    own = [one for one in kept if one.owner_id == user.pk]
    shared = [one for one in kept if one.owner_id != user.pk]
    groups = [("", [(one.code, str(one.name), "") for one in BUILT_IN])]
    groups += [(_("Mine"), [(str(one.pk), one.name, "") for one in own])] if own else []
    groups += [(_("Shared"), [(str(one.pk), one.name, _("by %(name)s") % {"name": one.owner}) for one in shared])] if shared else []
    url = reverse("desktop:tickets")
    return [
        {"name": name, "views": [{"code": code, "name": words, "by": by, "url": f"{url}?view={code}", "current": code == current} for code, words, by in found]}
        for name, found in groups
    ]


# -- filters in words ---------------------------------------------------------------------------------------------


_PEOPLE = Kept(lambda: User.objects.filter(is_active=True).order_by("name", "username").values_list("pk", "name", "username")[:MOST_PEOPLE])
_UNITS = Kept(lambda: Unit.objects.values_list("pk", "name"))


def _people() -> dict[str, str]:
    return {ME: pgettext("a value of a filter", "me"), **{str(pk): name or username for pk, name, username in _PEOPLE()}}


def _units() -> dict[str, str]:
    return {MINE: pgettext("a value of a filter", "my unit"), **{str(pk): name for pk, name in _UNITS()}}


def _reasons() -> dict[str, str]:
    language = translation.get_language() or "en"
    return {str(one.pk): one.name_in(language) for one in ContactReason.objects.order_by("pk")[:MOST_PEOPLE]}


def kinds() -> dict[str, str]:
    return {code: kind_name(code) for code in TicketKind.objects.filter(active=True).values_list("code", flat=True)}


def _positions() -> dict[str, str]:
    return {MINE: pgettext("a value of a filter", "my position"), **{str(pk): name for pk, name in Position.objects.values_list("pk", "name")}}


def _products() -> dict[str, str]:
    language = translation.get_language() or "en"
    return dict(sorted(((str(one.pk), one.name_in(language)) for one in Product.objects.all()[:MOST_PRODUCTS]), key=lambda each: each[1]))


def _groups() -> dict[str, str]:
    """As skills are called, where one has the name of the group."""
    language = translation.get_language() or "en"
    names = {one.code: one.name_in(language) for one in Skill.objects.filter(kind="product")}
    return {code: names.get(code, code) for code in Product.objects.order_by("family").values_list("family", flat=True).distinct()}


def _stages() -> dict[str, str]:
    rows = TicketKind.objects.filter(active=True).order_by("order", "code").values_list("code", "states")
    found = [(code, str(one["code"])) for code, states_ in rows for one in states_]
    return {f"{kind}:{code}": _("%(kind)s: %(state)s") % {"kind": kind_name(kind), "state": state_name(kind, "", code)} for kind, code in found}


_OPTIONS = {
    "ticket.position": _positions, "ticket.followers": _people, "ticket.product": _products, "ticket.product_group": _groups, "ticket.stage": _stages,
    "ticket.owner": _people, "ticket.opened_by": _people, "customer.owner": _people, "ticket.unit": _units, "ticket.reason": _reasons, "ticket.kind": kinds,
}  # fmt: skip


class _Facts(Mapping[str, Fact]):
    """The facts of a ticket, with what their ids mean asked where somebody wants to know."""

    def __getitem__(self, name: str) -> Fact:
        return replace(EVERY[name].fact, options=_OPTIONS.get(name))

    def __iter__(self) -> Iterator[str]:
        return iter(EVERY)

    def __len__(self) -> int:
        return len(EVERY)


def sentence(condition: Mapping[str, Any]) -> Any:
    """A filter in words, as HTML."""
    if not condition:
        return _("Every ticket that you may see.")
    speaker = Speaker(translation.gettext, facts=_Facts(), mark=_mark, escape=lambda text: str(conditional_escape(text)))
    return mark_safe(speaker.condition(condition))


def _mark(kind: str, text: str) -> str:
    return str(format_html("<b>{}</b>", text)) if kind == "value" else str(conditional_escape(text))


def editor(user: User, condition: Mapping[str, Any]) -> dict[str, Any]:
    """What the editor of conditions needs, for who may ask for so much. A query for each kind of ids."""
    asked: dict[Any, dict[str, str]] = {}
    found = []
    for name, field in offered(user).items():
        row = fact_row(field.fact)
        if name in _OPTIONS:
            options = asked.setdefault(_OPTIONS[name], {}) or _OPTIONS[name]()
            asked[_OPTIONS[name]] = options
            row["choices"] = [list(one) for one in options.items()]
        found.append(row)
    return {"condition": condition or None, "facts": found, "words": editor_words()}


# -- what a selection can become ------------------------------------------------------------------------------------


def changes() -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups of a select: (words, [(verb:value, words)]). Four queries."""
    people = _people()
    me = people.pop(ME)
    owners = [(f"owner:{ME}", me), ("owner:", pgettext("owner of a ticket", "nobody")), *((f"owner:{pk}", name) for pk, name in people.items())]
    return [
        (pgettext("of a ticket", "State"), [(f"state:{code}", str(words)) for code, words in Ticket.State.choices]),
        (pgettext("of a ticket", "Priority"), [(f"priority:{number}", str(number)) for number in range(1, 10)]),
        (pgettext("of a ticket", "Kind"), [(f"kind:{code}", words) for code, words in kinds().items()]),
        (pgettext("of a ticket", "Owner"), owners),
        (pgettext("of a ticket", "Unit"), [(f"unit:{pk}", name) for pk, name in _units().items() if pk != MINE]),
        (_("To wait for whoever takes it"), [(f"position:{pk}", name) for pk, name in _positions().items() if pk != MINE]),
        (_("Support level"), [(f"level:{UP}", _("Send on to the next level"))]),
    ]


def change_words(change: Mapping[str, Any]) -> str:
    """What a bulk change makes of tickets, in words. A query where it is about somebody."""
    what, to = change["what"], change["to"]
    match what:
        case "undo":
            return _("Put back as it was")
        case "state":
            return _("State: %(value)s") % {"value": Ticket.State(to).label}
        case "priority":
            return _("Priority: %(value)s") % {"value": to}
        case "kind":
            return _("Kind: %(value)s") % {"value": kind_name(to)}
        case "owner":
            owner = User.objects.filter(pk=to).first() if to is not None else None
            return _("Owner: %(value)s") % {"value": owner or pgettext("owner of a ticket", "nobody")}
        case "unit":
            return _("Unit: %(value)s") % {"value": Unit.objects.filter(pk=to).first() or "–"}
        case "position":
            return _("To wait in the list of: %(value)s") % {"value": Position.objects.filter(pk=to).first() or "–"}
        case "level":
            return _("Sent on to the next level")
        case "tag":
            return _("Tag added: %(value)s") % {"value": to}
    return _("Tag taken away: %(value)s") % {"value": to}
