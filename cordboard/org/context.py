"""What every page knows of its reader."""

from __future__ import annotations

from django.http import HttpRequest

from cordboard.org.languages import OWN_NAMES, html_lang
from cordboard.org.middleware import chosen_language


def reader(request: HttpRequest) -> dict[str, object]:
    language = chosen_language(request)
    user = getattr(request, "user", None)
    theme = user.theme if user is not None and user.is_authenticated else request.COOKIES.get("cordboard_theme", "light")
    return {
        "reader_language": language,
        "html_lang": html_lang(language),
        "reader_theme": "dark" if theme == "dark" else "light",
        "languages": [{"code": code, "name": name, "lang": html_lang(code)} for code, name in OWN_NAMES.items()],
    }
