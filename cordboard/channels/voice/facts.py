"""What the telephone lets rules ask and say. The situation of a recording policy has "interaction", "party" (or None), "context", "queue", "line" (or
None) and "now"."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cordboard.channels.voice import sentences  # noqa: F401  the sentences register themselves
from cordboard.rules import areas, facts, verbs

facts.declare("line.number", facts.TEXT, _("telephone line"), read=lambda at: at["line"].number if at.get("line") is not None else None)
facts.declare("line.country", facts.TEXT, _("country of the line"), read=lambda at: at["line"].country if at.get("line") is not None else None)

verbs.declare("record", _("record the call"), sentence=_("record the call"), against=("do_not_record",))
verbs.declare("do_not_record", _("do not record the call"), sentence=_("do not record the call"), against=("record",))

areas.declare(
    "recording",
    _("Compliance: recording"),
    _("Which calls are recorded, by queue and by the country of the line."),
    verbs=("record", "do_not_record"),
    order=50,
    decision="recording",
)
