"""A ticket's own page: what it is about, the conversation, and what every part of the service desk says of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cordboard.desktop.presenters.masking import mask_of_customer
from cordboard.desktop.presenters.ticket import address_meant, shown, written_since
from cordboard.desktop.presenters.ticket_sections import sections
from cordboard.desktop.views import answer, refused
from cordboard.interactions.acts import Act, Came
from cordboard.org.models import Position, User
from cordboard.org.permissions import permitted
from cordboard.tickets import actions, actions_access, actions_edit, actions_message, actions_move, actions_viewing, actions_worklist
from cordboard.tickets.actions_attachment import attach, detach, path_of
from cordboard.tickets.models import Ticket, TicketAccess, TicketAttachment, TicketCheck, TicketLink, TicketMove
from cordboard.tickets.queries import visible
from cordboard.tickets.queries_ticket import number_of
from cordboard.tickets.queries_ticket import page as read


@permitted("tickets.view")
@require_GET
def page(request: HttpRequest, number: int) -> HttpResponse:
    """One ticket, by its number."""
    user: Any = request.user
    now = timezone.now()
    try:
        found = read(user, number, now)
    except Ticket.DoesNotExist:
        raise Http404 from None
    mask = mask_of_customer(user, found.ticket.party_id)
    context = shown(user, found, now, mask) | {"sections": sections(user, found.ticket, translation.get_language() or "en", mask)}
    response = render(request, "desktop/ticket.html", context)
    response["Cache-Control"] = "no-store"
    return response


def ticket_of(request: HttpRequest, number: int) -> Ticket:
    """The ticket that the reader may see. Raises Http404."""
    user: Any = request.user
    found: Ticket = get_object_or_404(visible(user), number=number)
    return found


# -- doing -------------------------------------------------------------------------------------------------------------------

Do = Callable[[User, Ticket, Any], "dict[str, str] | None"]
"""(user, ticket, what was posted) -> what is said, where to go ("go"), or what only those are told who listen to the page ("heard")."""


def _id(given: str) -> int:
    if not given.isdecimal():
        raise Http404(given)
    return int(given)


def _heard(_made: object, words: str) -> dict[str, str]:
    """What came of it shows on the page; who does not look at it is told."""
    return {"heard": words}


def _state(user: User, ticket: Ticket, post: Any) -> dict[str, str]:
    row = actions.set_state(user, ticket.pk, post.get("state", ""))
    return _heard(row, _("The state is %(state)s now.") % {"state": row.get_state_display()})


def _follow(user: User, ticket: Ticket, on: bool) -> dict[str, str]:
    actions_edit.watch(user, ticket.pk, on)
    return {"heard": _("You follow this ticket.") if on else _("You follow this ticket no longer.")}


def _write(user: User, ticket: Ticket, post: Any) -> dict[str, str] | None:
    if post.get("kind") == "note":
        return _heard(actions_message.add_note(user, ticket.pk, post.get("text", "")), _("The note is in the conversation."))
    if post.get("kind") == "received":
        return _heard(actions_message.customer_said(user, ticket.pk, post.get("text", "")), _("It is in the conversation."))
    seen = post.get("seen", "")
    made = actions_message.reply(
        user,
        ticket.pk,
        post.get("text", ""),
        to=address_meant(post.get("to", ""), ticket),
        then=post.get("then", ""),
        seen=int(seen) if seen.isdecimal() and len(seen) < 19 else None,
    )
    return {
        "title": _("The reply is on its way."),
        "text": _("It goes to %(address)s.") % {"address": mask_of_customer(user, ticket.party_id).code(made.address)},
    }


def _give(user: User, ticket: Ticket, post: Any) -> dict[str, str]:
    if (given := post.get("owner", "")).startswith("position:"):
        position = get_object_or_404(Position, pk=_id(given.removeprefix("position:")))
        return _heard(actions_worklist.stand(user, ticket.pk, position), _("It waits for %(position)s.") % {"position": position})
    owner = user if not post.get("owner") else get_object_or_404(User, pk=_id(post["owner"]), is_active=True)
    return _heard(actions.give(user, ticket.pk, owner), _("It is yours.") if owner == user else _("%(name)s has it now.") % {"name": owner})


def _withdraw(user: User, ticket: Ticket, post: Any) -> dict[str, str]:
    try:
        actions_access.withdraw(user, ticket.pk, _id(post.get("access", "")))
    except TicketAccess.DoesNotExist:
        raise Http404 from None
    return {"title": _("The link is no longer valid."), "text": _("The next reply brings the customer a new one.")}


def _tag(user: User, ticket: Ticket, post: Any) -> dict[str, str]:
    words = [*ticket.tags.values_list("word", flat=True)]
    if without := post.get("without"):
        words = [word for word in words if word != without]
    actions_edit.tag(user, ticket.pk, [*words, *post.get("add", "").split(",")])
    return {"heard": _("The tags are changed.")}


def _other(user: User, post: Any, field: str) -> Ticket:
    number = number_of(post.get("number", ""))
    found = visible(user).filter(number=number).first() if number is not None else None
    if found is None:
        raise ValidationError({field: _("There is no ticket of this number that you may see.")})
    return found


def _own(model: Any, ticket: Ticket, number: str) -> int:
    """The row of this ticket with this number."""
    return int(get_object_or_404(model, pk=_id(number), ticket=ticket).pk)


def _tie(user: User, ticket: Ticket, post: Any) -> dict[str, str]:
    other = _other(user, post, "other")
    return _heard(actions_edit.tie(user, ticket.pk, other.pk, post.get("kind", "")), _("It is tied to ticket %(number)s.") % {"number": other.number})


def _merge(user: User, ticket: Ticket, post: Any) -> dict[str, str]:
    target = _other(user, post, "target")
    actions_move.merge(user, ticket.pk, target.pk)
    words = _("It can be taken back on either ticket.")
    return {"go": reverse("desktop:ticket", args=[target.number]), "title": _("Ticket %(number)s goes on here.") % {"number": ticket.number}, "text": words}


def _split(user: User, ticket: Ticket, post: Any) -> dict[str, str]:
    move = actions_move.split(user, ticket.pk, [_id(one) for one in post.getlist("message")], post.get("title", ""))
    return {
        "go": reverse("desktop:ticket", args=[move.target.number]),
        "title": _("This is the new ticket."),
        "text": _("It can be taken back on either ticket."),
    }


def _undo(user: User, ticket: Ticket, post: Any) -> dict[str, str]:
    move = get_object_or_404(TicketMove, pk=_id(post.get("move", "")))
    if ticket.pk not in (move.source_id, move.target_id):
        raise Http404
    actions_move.undo(user, move.pk)
    return {
        "go": reverse("desktop:ticket", args=[move.source.number]),
        "title": _("It is as it was before."),
        "text": _("What was written since stays where it was written."),
    }


VERBS: dict[str, Do] = {
    "write": _write,
    "state": _state,
    "give": _give,
    "watch": lambda user, ticket, post: _follow(user, ticket, True),
    "unwatch": lambda user, ticket, post: _follow(user, ticket, False),
    "tag": _tag,
    "check-add": lambda user, ticket, post: _heard(actions_edit.check_add(user, ticket.pk, post.get("text", "")), _("It is on the checklist.")),
    "check": lambda user, ticket, post: actions_edit.check(user, _own(TicketCheck, ticket, post.get("check", "")), post.get("done") == "1"),
    "check-remove": lambda user, ticket, post: actions_edit.check_remove(user, _own(TicketCheck, ticket, post.get("check", ""))),
    "tie": _tie,
    "untie": lambda user, ticket, post: actions_edit.untie(user, _own(TicketLink, ticket, post.get("tie", ""))),
    "merge": _merge,
    "split": _split,
    "undo": _undo,
    "withdraw": _withdraw,
    "detach": lambda user, ticket, post: detach(user, _own(TicketAttachment, ticket, post.get("file", ""))),
}


@permitted("tickets.view")
@require_POST
def act(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """A button of the page. Rights are checked by the actions."""
    user: Any = request.user
    do = VERBS.get(verb)
    if do is None:
        raise Http404(verb)
    ticket = ticket_of(request, number)
    try:
        said = do(user, ticket, request.POST)
    except ValidationError as problem:
        return refused(request, problem.messages[0], _("Nothing was changed."), 409)
    except actions_message.WrittenSince as since:
        lines = written_since(since.messages, mask_of_customer(user, ticket.party_id))
        response = refused(request, _("Somebody has written meanwhile. Your reply was not sent."), lines, 409)
        response["HX-Trigger"] = json.dumps({"cb:seen": since.messages[-1].pk})
        return response
    except Ticket.DoesNotExist:
        raise Http404 from None
    go = said.pop("go", "") if said else ""
    heard = said.pop("heard", "") if said else ""
    response = answer(request, Act(Came.DONE), go=go, said=said or None)
    if heard:
        response["HX-Trigger"] = json.dumps({"cb:said": heard})
    return response


@permitted("tickets.view")
@require_POST
def draft(request: HttpRequest, number: int, kind: str) -> HttpResponse:
    """What is being written, as it is typed. 409 with what is kept where another window wrote later."""
    user: Any = request.user
    ticket = ticket_of(request, number)
    revision, text = request.POST.get("revision", ""), request.POST.get("text", "")
    if not revision.isdecimal() or len(revision) > 9:
        return JsonResponse({"problem": "revision"}, status=400)
    try:
        saved = actions_message.save_draft(user, ticket.pk, kind, text, int(revision))
    except ValidationError:
        return JsonResponse({"problem": "kind or length"}, status=400)
    body = {"text": saved.text, "revision": saved.revision, "at": timezone.now().isoformat()}
    return JsonResponse(body, status=200 if saved.saved else 409)


@permitted("tickets.view")
@require_POST
def here(request: HttpRequest, number: int) -> HttpResponse:
    """The reader has the ticket open (`writes`: and types), or has left it (`gone`)."""
    user: Any = request.user
    ticket = ticket_of(request, number)
    if request.POST.get("gone"):
        actions_viewing.gone(user, ticket.pk)
    else:
        actions_viewing.here(user, ticket.pk, writes=request.POST.get("writes") == "1")
    return HttpResponse(status=204)


@permitted("tickets.change")
@require_POST
def upload(request: HttpRequest, number: int) -> HttpResponse:
    """Files for what is being written. Those that are taken are kept although another is refused."""
    user: Any = request.user
    ticket = ticket_of(request, number)
    for file in request.FILES.getlist("file"):
        try:
            attach(user, ticket.pk, file.name or "", file.chunks())
        except ValidationError as problem:
            return refused(request, problem.messages[0], _("What you wrote and the other files are kept."), 409)
    return HttpResponse(status=204)


@permitted("tickets.view")
@require_GET
def file(request: HttpRequest, number: int) -> Any:
    """An attachment, to be saved: a browser neither shows nor runs it, whatever is in it. One that belongs to nothing sent yet is its giver's alone."""
    user: Any = request.user
    row = get_object_or_404(TicketAttachment.objects.filter(ticket__in=visible(user)), pk=number)
    path = path_of(row.file)
    if (row.message_id is None and row.by_id != user.pk) or not path.exists():
        raise Http404
    response = FileResponse(path.open("rb"), as_attachment=True, filename=row.name, content_type=row.type)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
