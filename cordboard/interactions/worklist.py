"""Approvals that wait for somebody's word, in the work lists: nobody takes them, they are asked of one."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from cordboard.interactions.models import Approval
from cordboard.lib.kept import Kept
from cordboard.org.worklist import Asked, Kind, Row, offer

FIELDS = ("pk", "texts", "due_at", "asked_by__name", "asked_at", "interaction__subject", "interaction__subject__name")
_ASKED = Kept(
    lambda user, now, *, most: (
        Approval.objects.filter(Q(approver=user) | Q(approver=None, unit__head=user), state=Approval.State.PENDING, due_at__gt=now)
        .exclude(asked_by=user)
        .order_by("due_at", "pk")
        .values_list(*FIELDS)[:most]
    )
)


def approvals(asked: Asked, most: int) -> list[Row]:
    """Those asked of the reader, in "mine". One query."""
    if asked.which != "mine":
        return []
    user = asked.user.pk
    language = translation.get_language() or "en"
    return [
        Row(
            kind="approval", number=pk, ref=str(pk), title=_said(texts, language), due=due, priority=3, owner=user, party=party, party_name=party_name or "",
            what=str(_("Approval")), state=asker or "", made=made, takes=False,
        )
        for pk, texts, due, asker, made, party, party_name in _ASKED(user, timezone.now(), most=most)
    ]  # fmt: skip


def _said(texts: dict[str, dict[str, str]], language: str) -> str:
    text = texts.get(language) or texts.get("en") or next(iter(texts.values()), {})
    return f"{text.get('strong', '')} {text.get('text', '')}".strip()


offer(Kind("approval", _("Approvals"), approvals, order=30))
