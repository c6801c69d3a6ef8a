"""Asking a trunk whether it answers, from its settings."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cordboard.channels.voice.actions_trunk import BadTrunk, ask_trunk
from cordboard.channels.voice.models import Trunk
from cordboard.channels.voice.permissions import MANAGE
from cordboard.desktop.settings_trunks import newest
from cordboard.desktop.views import refused
from cordboard.org.permissions import permitted


@permitted(MANAGE)
@require_http_methods(["GET", "POST"])
def test(request: HttpRequest, number: int) -> HttpResponse:
    """POST asks; GET is what came back so far, as a fragment that fetches itself while an answer may still come."""
    row = get_object_or_404(Trunk, pk=number)
    if request.method == "POST":
        try:
            ask_trunk(request.user, number)
        except BadTrunk as problem:
            return refused(request, str(problem), _("Nothing was changed."), 422)
    return render(request, "desktop/parts/trunk_test.html", {"row": row, "test": newest(number)})
