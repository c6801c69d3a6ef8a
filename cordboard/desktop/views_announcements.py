"""Announcements beside the desk: what callers hear, and giving it a recorded voice."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordboard.channels.voice import announcements as voices
from cordboard.channels.voice.actions_sound import BadPrompt, forget_prompt, set_prompt
from cordboard.channels.voice.permissions import MANAGE
from cordboard.channels.voice.prompts import UPLOADED
from cordboard.lib.config import config
from cordboard.org.languages import OWN_NAMES, html_lang
from cordboard.org.permissions import permitted
from cordboard.telephony import prompts


def _title(one: voices.Announcement) -> str:
    return _("Notice that the call is recorded") if one.code == voices.NOTICE else one.step.replace("_", " ").capitalize()


def _row(one: voices.Announcement, language: str) -> dict[str, Any]:
    words = one.voice(language) or one.voices[0]
    return {
        "url": reverse("desktop:announcement", args=[one.code]),
        "title": _title(one),
        "flow": one.flow or _("Every line"),
        "words": words.text,
        "lang": html_lang(words.language),
        "chips": [{"lang": html_lang(voice.language), "name": OWN_NAMES[voice.language], "state": _state(voice)} for voice in one.voices],
    }


def _state(voice: voices.Voice) -> str:
    """spoken (no recording), recorded, changed (the flow's words are others now), gone (the file is missing)."""
    if not voice.file:
        return "spoken"
    return "gone" if voice.gone else "changed" if voice.changed else "recorded"


def _asked(code: str, language: str) -> voices.Voice:
    one = voices.announcement(code)
    voice = one.voice(language) if one else None
    if voice is None:
        raise Http404
    return voice


def _done(code: str, what: str) -> HttpResponse:
    return redirect(reverse("desktop:announcement", args=[code]) + (f"?done={what}" if what else ""))


@permitted(MANAGE)
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    language = translation.get_language() or "en"
    return render(request, "desktop/announcements.html", {"rows": [_row(one, language) for one in voices.announcements()]})


@permitted(MANAGE)
@require_http_methods(["GET", "POST"])
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """All languages of one announcement; a WAV for one of them is taken here, checked before anything changes."""
    fault, at = "", ""
    if request.method == "POST":
        at = request.POST.get("language", "")
        voice, file = _asked(code, at), request.FILES.get("file")
        try:
            if file is None or file.size is None:
                raise BadPrompt(_("Choose a WAV file first."))
            set_prompt(request.user, code, at, voice.text, file.read())
        except BadPrompt as problem:
            fault = str(problem)
        else:
            return _done(code, "kept")
    one = voices.announcement(code)
    if one is None:
        raise Http404
    rows = [
        {"code": voice.language, "lang": html_lang(voice.language), "name": OWN_NAMES[voice.language], "voice": voice, "state": _state(voice)}
        for voice in one.voices
    ]
    said = {"kept": _("The recording is kept. The next caller hears it."), "spoken": _("The recording is removed. The text is spoken again.")}
    context = {
        "title": _title(one),
        "flow": one.flow or _("Every line"),
        "code": code,
        "rows": rows,
        "fault": fault,
        "fault_at": at,
        "done": said.get(request.GET.get("done", ""), ""),
    }
    return render(request, "desktop/announcement.html", context, status=422 if fault else 200)


@permitted(MANAGE)
@require_POST
def forget(request: HttpRequest, code: str) -> HttpResponse:
    return _done(code, "spoken" if forget_prompt(request.user, code, request.POST.get("language", "")) else "")


@permitted(MANAGE)
@require_GET
def sound(request: HttpRequest, code: str, language: str) -> HttpResponse:
    """What a caller would hear at this moment: the recording, or the text spoken."""
    voice = _asked(code, language)
    if voice.file and not voice.gone:
        path = f"{UPLOADED}/{voice.file}"
    else:
        try:
            path = str(prompts.spoken(voice.text, language, config().files / "prompts").relative_to(config().files))
        except prompts.SpeechError as problem:
            return HttpResponse(str(problem), status=503, content_type="text/plain; charset=utf-8")
    response = HttpResponse(content_type="audio/wav")
    response["X-Accel-Redirect"] = "/files/" + quote(path)
    response["X-Content-Type-Options"] = "nosniff"
    return response
