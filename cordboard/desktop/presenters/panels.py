"""The pages of the work area."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cordboard.desktop import queries
from cordboard.desktop.presenters import guidance, handed, heard, masking, say, tags, timeline
from cordboard.desktop.presenters.account import Customer, product_card
from cordboard.desktop.presenters.standing import customer_of
from cordboard.desktop.presenters.summary import summary
from cordboard.interactions import history
from cordboard.interactions import queries_changes as contact_changes
from cordboard.interactions import queries_history as contact_history
from cordboard.interactions import queries_reasons as contact_reasons
from cordboard.interactions.models import ContextValue, Interaction, Note, Segment
from cordboard.interactions.queries import Detail, Mine
from cordboard.knowledge import queries as knowledge
from cordboard.knowledge.models import ArticleUse
from cordboard.routing.models import Entry
from cordboard.routing.queries import next_in_line

CONTACTS_SHOWN = 8


@dataclass
class Work:
    """What a panel is made of: who looks, at what, with which parameters of the address."""

    user: Any
    now: datetime
    params: QueryDict
    one: Mine | None = None
    detail: Detail | None = None
    customer: Customer | None = None
    note: str = ""
    notes: Sequence[Note] = ()
    """What anybody wrote in the contact."""
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def number(self) -> int:
        assert self.detail is not None
        return self.detail.interaction.pk

    def url(self, tab: str, **params: str) -> str:
        base = {"interaction": str(self.number)} if self.detail is not None else {}
        return f"{reverse('desktop:desk')}?{urlencode({**base, 'tab': tab, **params})}"

    def act(self, verb: str) -> str:
        return reverse("desktop:act", args=[self.number, verb])

    @property
    def hidden(self) -> bool:
        """Whether the reader sees the customer's details masked."""
        return self.detail is not None and masking.hides(self.user, self.detail.interaction, self.detail.context)

    @property
    def mask(self) -> masking.Mask:
        """How the reader sees texts about the customer. No query where nothing is hidden."""
        return masking.covering(self.customer.profile.ids if self.customer is not None else []) if self.hidden else masking.OPEN

    @property
    def language(self) -> str:
        return translation.get_language() or "en"


def icon_of(row: Interaction) -> str:
    return contact_history.ICONS[Interaction.Channel(row.channel)]


def entries(found: list[history.Entry], now: datetime, mask: masking.Mask = masking.OPEN) -> list[dict[str, Any]]:
    """Lines for `parts/timeline.html`."""
    today = timezone.localtime(now).date()
    return [
        {
            "icon": one.icon or "note",
            "title": mask(one.title),
            "line": mask(one.detail),
            "warn": one.tone in ("due", "bad"),
            "at": _("now") if one.mine else say.moment(one.at, now) if timezone.localtime(one.at).date() == today else say.day(one.at, today),
            "url": timeline.page_of(one),
            "number": one.data.get("number", "") if one.kind == "interaction" else "",  # a ticket's number is no telephone's
        }
        for one in found
    ]


def last_contacts(work: Work, limit: int = CONTACTS_SHOWN) -> dict[str, Any]:
    if work.customer is None:
        return {"contacts": [], "contacts_url": "", "contacts_count": 0}
    page = contact_history.history(work.customer.profile.ids, limit=limit, interaction=work.number)
    return {"contacts": entries(page.entries, work.now, work.mask), "contacts_url": work.url("history") if page.next else "", "contacts_count": ""}


def keyed(context: dict[str, ContextValue]) -> list[dict[str, str]]:
    """What the caller keyed or said, in the order in which it was asked."""
    known = {
        "language": _("Language"),
        "customer_number": _("Customer no."),
        "customer.number": _("Customer no."),
        "matter": _("Matter"),
        "reason": _("Matter"),
        "menu": _("Matter"),
        "wait": _("Wait"),
        "web_name": _("Name given"),
        "card.last": _("Card ends in"),
    }
    matters = {
        "product": _("A product does not work"),
        "order": _("An order or a delivery"),
        "account": _("An invoice or a payment"),
        "safety": _("Something is dangerous"),
    }
    found = []
    for name, value in context.items():
        if name.startswith("_") or name.endswith(".key") or value.by not in (ContextValue.By.IVR, ContextValue.By.BOT):
            continue
        held = value.value
        keys, text = "", held
        if isinstance(held, dict):
            keys, text = str(held.get("keys", "")), held.get("text") or held.get("label") or ""
        elif name in ("customer_number", "customer.number"):
            keys, text = say.customer_number(str(held)), ""
        elif name == "matter":
            text = matters.get(str(held), held)
        if f"{name}.key" in context:
            keys = str(context[f"{name}.key"].value)
        found.append({"label": known.get(name, name.replace("_", " ").capitalize()), "keys": keys, "text": str(text)})
    return found


def _handed(entry: Entry) -> str:
    """Who gives a contact on, or asks for help in it, and whom. Two queries."""
    who = {"name": entry.asked_by.agent if entry.asked_by is not None else "", "queue": entry.queue.name}
    if entry.kind == Segment.Kind.CONSULT:
        return (_("%(name)s asks you for help.") if entry.only_id else _("%(name)s asks somebody of %(queue)s for help.")) % who
    return (_("%(name)s hands this call to you.") if entry.only_id else _("%(name)s hands this call to %(queue)s.")) % who


def reasons(work: Work) -> dict[str, Any]:
    """Why the contact came here: the decisions of routing, in words. What a colleague hands on came by that colleague: what led there before stands in their part."""
    said = contact_changes.why(work.number, ("routing", "match"))
    entry = work.extra["call"].entry if "call" in work.extra else None
    handed = _handed(entry) if entry is not None and entry.asked_by is not None else None
    if handed is not None and entry is not None:
        said = [one for one in said if one.at >= entry.entered_at]
    lines = [{"text": handed, "rule": ""}] if handed is not None else []
    lines += [{"text": say.sentence(one), "rule": one.rule} for decision in said for one in decision.sentences]
    lines = list({line["text"]: line for line in lines}.values())  # what was found again for the next agent is said once
    policy = next((decision for decision in said if decision.policy), None)
    line = _("%(policy)s, version %(version)d") % {"policy": policy.policy, "version": policy.version} if policy and policy.version else ""
    return {"reasons": lines, "policy_line": line, "why_url": reverse("workbench:why", args=[work.number]) if policy else ""}


def idle(work: Work) -> dict[str, Any]:
    state = queries.agent_state(work.user)
    code = state.state if state else "offline"
    today = timezone.localtime(work.now).date()
    recent = [
        {
            "icon": icon_of(row),
            "title": customer_of(row),
            "number": other_end(row) if row.channel == Interaction.Channel.VOICE else "",
            "line": row.headline or (row.outcome.name_in(work.language) if row.outcome else ""),
            "warn": False,
            "at": say.moment(row.started_at, work.now) if timezone.localtime(row.started_at).date() == today else say.day(row.started_at, today),
        }
        for row in queries.last_contacts(work.user)
    ]
    if code == "ready":
        title, text, action = _("Ready. The next call comes to you by itself."), _("It rings here, with the customer on the screen before you accept."), None
    else:
        title, text = _("You get no calls now."), _("Set yourself ready when you can take the next one.")
        action = {"name": _("Ready"), "url": reverse("desktop:state"), "values": '{"state": "ready"}'}
    return {"icon": "headset", "title": title, "text": text, "action": action, "recent": recent}


def other_end(row: Interaction) -> str:
    return row.to_address if row.direction == Interaction.Direction.OUTBOUND else row.from_address


def _next_line(work: Work) -> str:
    colleague = next_in_line(work.number, work.now) if work.detail is not None else None
    if colleague is None:
        return _("It goes to the next agent who fits. You stay ready after a reject; after no answer you are set not ready.")
    return _("%(name)s is next. You stay ready after a reject; after no answer you are set not ready.") % {"name": colleague}


def _handed_on(work: Work) -> list[dict[str, str]]:
    """What colleagues noted in this contact before it came here."""
    return [{"by": str(note.author), "text": note.text} for note in work.notes if note.author_id != work.user.pk and note.text]


def offer(work: Work) -> dict[str, Any]:
    products = work.customer.products if work.customer else []
    so_far = summary(work.detail, work.user, work.language) if work.detail is not None else None
    panel = {
        "handed": handed.shown(work.extra.get("handed"), work.language, work.url("ticket"), hidden=work.hidden),
        "summary": so_far if so_far is not None and so_far.handled else None,
        "product": product_card(products[0], work.customer.today, hidden=work.hidden) if work.customer and products else None,
        "solutions": [],
        "notes": _handed_on(work),
        "keyed": keyed(work.detail.context) if work.detail else [],
        "next_line": _next_line(work),
    }
    return {**panel, **reasons(work), **last_contacts(work)}


def _query(work: Work) -> str:
    return (work.params.get("q") or work.note).strip()


def solutions(work: Work, query: str, limit: int, opened: int = 1) -> list[dict[str, Any]]:
    """Solutions for these words, with what was done with each in this contact. Six queries at most."""
    family = work.customer.products[0].registered.product.family if work.customer and work.customer.products else None
    hits = knowledge.search(query, work.language, family=family, limit=limit).hits
    return solution_cards(work, [*hits], opened)


def solution_cards(work: Work, hits: list[knowledge.Hit], opened: int) -> list[dict[str, Any]]:
    used: set[tuple[int, str]] = set()
    if work.detail is not None and hits:
        rows = ArticleUse.objects.filter(interaction_id=work.number, article__in=[hit.article.pk for hit in hits])
        used = set(rows.values_list("article_id", "kind"))
    return [
        {
            "id": hit.article.pk,
            "title": hit.text.title,
            "text": hit.text.solution,
            "open": at < opened,
            "helped": _("solved %(helped)d of %(tried)d") % {"helped": hit.helped, "tried": hit.tried} if hit.tried else "",
            "given_url": f"{work.act('solution')}?article={hit.article.pk}&use=given" if work.detail is not None else "",
            "helped_url": f"{work.act('solution')}?article={hit.article.pk}&use=helped" if work.detail is not None else "",
            "given": (hit.article.pk, "given") in used,
            "did_help": (hit.article.pk, "helped") in used,
        }
        for at, hit in enumerate(hits)
    ]


def overview(work: Work) -> dict[str, Any]:
    customer, detail = work.customer, work.detail
    assert detail is not None
    products = customer.products if customer else []
    notes = _handed_on(work)
    # until there is a note of one's own, the colleague's words say what the matter is
    words = " ".join((work.note or (notes[-1]["text"] if notes else "")).split())[:200]
    changes = []
    for change in contact_changes.changes_since(work.number, but=work.user.pk, values=detail.values):
        changes.append({"field": change.name.replace("address.", "").replace("_", " ").capitalize(), "old": change.old, "new": change.new, "by": change.by})
    others = len(products) - 1
    return {
        "notes": notes,
        "misdirected": ", ".join(str(one.get("name", "")) for one in detail.misdirected),
        "changes": changes,
        "product": product_card(products[0], customer.today, hidden=work.hidden) if customer and products else None,
        "products_count": max(0, others),
        "products_line": ngettext("%(n)d other product", "%(n)d other products", others) % {"n": others} if others > 0 else "",
        "products_url": reverse("desktop:customer_products", args=[customer.party_id]) if customer is not None and not work.hidden else "",
        "product_none": _("Shown once the customer is known.") if customer is None else _("Nothing registered for this customer."),
        "words": words if len(words) <= 60 else f"{words[:59]}…",
        "solutions": solutions(work, words, 3) if words else [],
        "solutions_none": _("Write what the matter is into the scratch pad; solutions for its words stand here.")
        if not words
        else _("No solution has these words. Change them, or open a ticket."),
        "knowledge_url": work.url("knowledge"),
        "keyed": keyed(detail.context),
        **last_contacts(work, 6),
    }


def history_panel(work: Work) -> dict[str, Any]:
    query, kind, before = work.params.get("q", "").strip(), work.params.get("kind", ""), work.params.get("before", "")
    panel: dict[str, Any] = {"query": query, "kinds": timeline.kinds(kind), "entries": [], "more_url": "", "search_url": work.url("history")}
    if work.customer is None:
        return {
            **panel,
            "none_title": _("The customer is not known yet."),
            "none_text": _("Find and confirm the customer; everything between us stands here then."),
        }
    try:
        page = contact_history.history(
            work.customer.profile.ids, q=query, before=before, limit=20, interaction=work.number, only=(kind,) if kind in history.kinds() else ()
        )
    except ValueError:  # a cursor that somebody changed by hand: begin at the top
        page = contact_history.history(work.customer.profile.ids, q=query, limit=20, interaction=work.number)
    more = {"q": query, "kind": kind, "before": page.next}
    none = _("Nothing has these words.") if query else _("This is the first contact.")
    text = _("Try fewer or other words.") if query else _("What comes after it stands here.")
    return {
        **panel,
        "entries": entries(page.entries, work.now, work.mask),
        "more_url": work.url("history", **{name: value for name, value in more.items() if value}) if page.next else "",
        "none_title": none,
        "none_text": text,
    }


def knowledge_panel(work: Work) -> dict[str, Any]:
    query = _query(work)[:500]
    found = solutions(work, query, 10) if query else solution_cards(work, knowledge.listing(work.language, limit=20), 0)
    return {
        "query": query,
        "solutions": found,
        "search_url": work.url("knowledge"),
        "none_title": _("No solution has these words."),
        "none_text": _("Try the fault code, or the words of the problem as the customer says them."),
    }


def wrapup(work: Work) -> dict[str, Any]:
    assert work.detail is not None
    segment = work.one.segment if work.one else None
    ended = segment is not None and segment.state == "wrapup"
    chosen = {reason.pk: reason for reason in work.detail.reasons}
    base = work.act("reason")
    favourites = contact_reasons.favourites(work.user, limit=9, now=work.now)

    def choice(reason: Any) -> dict[str, Any]:
        on = reason.pk in chosen
        return {"name": reason.name_in(work.language), "url": f"{base}?code={reason.code}&on={'' if on else '1'}", "chosen": on}

    tree = []
    for group, children in contact_reasons.reasons_in_levels():
        count = sum(child.pk in chosen for child in children)
        tree.append(
            {"id": group.pk, "name": group.name_in(work.language), "open": count > 0, "count": count, "children": [choice(child) for child in children]}
        )
    queue = queries.call_facts(work.number).queue
    extension = queue.wrapup_extension_seconds if queue else 0
    may_extend = ended and segment is not None and not segment.wrapup_extended and extension > 0 and segment.wrapup_until is not None
    state = queries.agent_state(work.user)
    then = _("then you are ready again")
    if state is not None and state.pending:
        then = _("then you are not ready, as you chose")
    outcome = work.detail.interaction.outcome_id
    return {
        "chosen": [
            {
                "name": f"{reason.parent.name_in(work.language)}: {reason.name_in(work.language)}" if reason.parent else reason.name_in(work.language),
                "remove_url": f"{base}?code={reason.code}&on=",
            }
            for reason in chosen.values()
        ],
        "favourites": [{"key": at, **choice(reason)} for at, reason in enumerate(favourites, 1)],
        "tree": tree,
        "outcomes": [
            {"name": one.name_in(work.language), "chosen": one.pk == outcome, "url": f"{work.act('outcome')}?code={'' if one.pk == outcome else one.code}"}
            for one in contact_reasons.outcomes()
        ],
        "tags": tags.chips(work.number, work.customer.profile.ids if work.customer is not None else ()),
        "tag_url": reverse("desktop:tag", args=[work.number]),
        "proposed": tags.proposed(work.number, work.language),
        "heard": heard.legs(work.number) if ended else [],
        "ended": ended,
        "until": segment.wrapup_until if ended and segment else None,
        "then": then,
        "extend_url": work.act("extend") if may_extend else "",
        "extend_words": ngettext("%(n)d second more", "%(n)d seconds more", extension) % {"n": extension},
        "checks": guidance.checklist(work.number, work.user, work.language),
        "finish_url": work.act("finish"),
        "finish_note": "" if chosen else _("No reason chosen yet. You can finish without one."),
    }


def why(work: Work) -> dict[str, Any]:
    assert work.detail is not None
    return {**reasons(work), "keyed": keyed(work.detail.context), "heard": heard.legs(work.number), "ways": heard.ways(work.user, work.number)}


PANELS: dict[str, Callable[[Work], dict[str, Any]]] = {
    "idle": idle,
    "offer": offer,
    "overview": overview,
    "history": history_panel,
    "knowledge": knowledge_panel,
    "wrapup": wrapup,
    "why": why,
}
"""By the tab's code; others add theirs with `panel`."""

TEMPLATES: dict[str, str] = {name: f"desktop/panels/{name}.html" for name in PANELS}


def panel(code: str, make: Callable[[Work], dict[str, Any]], template: str) -> None:
    """Add a page to the work area: `make(work)` gives the context `panel` of `template`."""
    PANELS[code] = make
    TEMPLATES[code] = template
