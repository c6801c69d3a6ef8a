"""The demo's solutions, in all five languages, with how often each helped."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import chain

from django.db import transaction
from django.utils import timezone

from cordboard.demo.draw import SEED
from cordboard.demo.sources import folder
from cordboard.knowledge import actions
from cordboard.knowledge.models import Article, ArticleUse


def build(now: datetime | None = None) -> int:
    """Publish the solutions that are not there yet, one transaction each; returns how many."""
    now = now or timezone.now()
    known = set(Article.objects.values_list("code", flat=True))
    missing = [spec for spec in chain.from_iterable(folder("solutions")) if spec["code"] not in known]
    for spec in missing:
        rng = random.Random(f"{SEED}-{spec['code']}")
        verdicts = [ArticleUse.Kind.HELPED] * spec["helped"] + [ArticleUse.Kind.NOT_HELPED] * (spec["tried"] - spec["helped"])
        with transaction.atomic():
            article = actions.publish(spec["code"], spec["texts"], None, family=spec["family"], now=now - timedelta(days=rng.randint(10, 200)))
            ArticleUse.objects.bulk_create(ArticleUse(article=article, kind=kind, at=now - timedelta(days=rng.randint(1, 360))) for kind in verdicts)
    return len(missing)
