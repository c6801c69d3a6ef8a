"""What knowledge offers to flows: its search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from cordboard.flows.knowing import SEARCH
from cordboard.flows.steps import About, declare_lookup

MOST = 5


def search(about: About, args: Mapping[str, Any]) -> dict[str, Any] | None:
    """The best solutions for a text, in the language of the run."""
    from cordboard.knowledge.queries import search as find  # models are there only once all is loaded
    from cordboard.org.languages import LANGUAGES

    text = str(args.get("text") or "").replace("\x00", "").strip()[:2_000]
    language = str(args.get("language") or about.language)
    if not text:
        return None
    hits = find(text, language if language in LANGUAGES else "en", limit=MOST).hits
    articles = [{"id": hit.article.pk, "title": hit.text.title, "text": hit.text.solution, "helped": hit.helped, "tried": hit.tried} for hit in hits]
    return {"articles": articles} if articles else None


declare_lookup(SEARCH, _("solutions for a text"), args={"text": str, "language": str}, gives={"articles": "list"}, read=search)
