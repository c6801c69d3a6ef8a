"""What guidance rules may say. Their situation has "interaction", "party" (or None), "context", "now"; the facts are everybody's."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cordboard.rules import verbs

verbs.declare("alert", _("raise an alert"), fields={"reason": str, "kind": str, "texts": dict})
