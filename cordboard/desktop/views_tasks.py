"""A task's own page: what is to be done and why, and that it is done, or not needed any more."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from cordboard.desktop.presenters import complaint, say
from cordboard.org.permissions import permitted, user_may
from cordboard.tickets.actions_task import drop_task, finish_task
from cordboard.tickets.models import Task
from cordboard.tickets.queries_task import visible_tasks

RELATED = ("owner", "unit", "position", "party", "ticket", "made_by", "done_by")


@permitted("tickets.view")
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, number: int) -> HttpResponse:
    """Posted with `verb` done or dropped and the `outcome`."""
    user: Any = request.user
    task: Task = get_object_or_404(visible_tasks(user).select_related(*RELATED), pk=number)
    problem = ""
    if request.method == "POST":
        if user_may(user, "tickets.change") is None:
            raise PermissionDenied
        end = drop_task if request.POST.get("verb") == "dropped" else finish_task
        try:
            end(user, task.pk, request.POST.get("outcome", "")[:2000])
        except ValidationError as wrong:
            problem = " ".join(wrong.messages)
        else:
            return redirect(reverse("desktop:task", args=[task.pk]))
    now = timezone.now()
    context = {
        "task": task, "shown": complaint.task(task, now), "made": say.when(task.made_at, now), "problem": problem, "typed": request.POST.get("outcome", ""),
        "may": user_may(user, "tickets.change") is not None and task.state == Task.State.OPEN,
        "party_url": reverse("desktop:customer", args=[task.party.pk]) if task.party is not None else "",
    }  # fmt: skip
    return render(request, "desktop/task.html", context, status=422 if problem else 200)
