"""What every page for people outside of the centre is sent with."""

from __future__ import annotations

from django.http import HttpResponse

from cordboard.org.languages import html_lang


def outside(answer: HttpResponse, language: str) -> HttpResponse:
    """No search engine keeps it, and no page that it links to is told its address, which is what opens it."""
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Content-Language"] = html_lang(language)
    return answer
