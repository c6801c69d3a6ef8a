"""Customers of the last weeks who were asked how they were helped: some answered, some only looked, some did neither. Made by the acts that real ones make."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from cordboard.demo.draw import SEED
from cordboard.guidance import actions_survey as surveys
from cordboard.guidance.models import SurveyInvitation, SurveyPlan
from cordboard.interactions.models import Interaction
from cordboard.routing.models import Queue

CODE = "satisfaction"
ASKED = 36
PRAISE = (
    "Quick and kind, and it works again.", "The technician called before he came.", "She knew my machine at once.", "Alles in één keer geregeld.",
    "Vriendelijk geholpen, dank u.",
)  # fmt: skip
BLAME = ("I had to explain it twice.", "The part came a week late.", "Nobody called back as promised.", "Lang gewacht voordat iemand opnam.")
TOLD_BY_HAND = 10
"""The first customers are told in stories of their own; they are left alone."""


def build(now: datetime | None = None) -> int:
    """Ask customers of the last three weeks, once; returns how many. Queue "orders" goes on asking by link."""
    now = now or timezone.now()
    if SurveyInvitation.objects.exists():
        return 0
    queue = Queue.objects.filter(code="orders").first()
    if queue is not None:
        SurveyPlan.objects.get_or_create(queue=queue, defaults={"code": CODE, "way": SurveyPlan.Planned.LINK})
    first = list(Interaction.objects.filter(subject__isnull=False).order_by("subject").values_list("subject", flat=True).distinct()[:TOLD_BY_HAND])
    lately = Interaction.objects.filter(
        closed_at__gt=now - timedelta(days=21), closed_at__lt=now - timedelta(hours=2), agent__isnull=False, subject__isnull=False
    )
    rng = random.Random(f"{SEED}-surveys")
    rows = list(lately.exclude(subject__in=first).order_by("pk").values_list("pk", "closed_at", "language"))
    with transaction.atomic():
        chosen = rng.sample(rows, min(ASKED, len(rows)))
        for interaction, closed, language in chosen:
            if closed is not None:
                _ask(interaction, closed, language, rng)
    return len(chosen)


def _ask(interaction: int, closed: datetime, language: str, rng: random.Random) -> None:
    made = surveys.invite(CODE, None, interaction=interaction, language=language, now=closed + timedelta(minutes=1))
    at = closed + timedelta(minutes=rng.randint(5, 110))
    fate = rng.random()
    if fate < 0.25:
        return
    surveys.open_survey(made.token, now=at)
    if fate < 0.35:
        return
    rating = rng.choices((1, 2, 3, 4, 5), (1, 2, 3, 9, 10))[0]
    solved = rng.choices(("yes", "partly", "no"), (8, 2, 1) if rating > 3 else (2, 3, 5))[0]
    words = rng.choice(PRAISE if rating > 3 else BLAME) if rng.random() < 0.55 else ""
    for number, value in enumerate((str(rating), solved, words)):
        if number and rng.random() < 0.06:  # went away half-way
            return
        surveys.answer(made.token, value, now=at + timedelta(seconds=20 * (number + 1)))
