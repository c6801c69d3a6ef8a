"""Who looks through a draft before others find it."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class ArticleReview(models.Model):
    """In whose work list a draft stands: of the unit where it came up or of a position, until somebody takes it. A draft without one stands in those of all reviewers."""

    article = models.OneToOneField("knowledge.Article", on_delete=models.CASCADE, related_name="review")
    unit = models.ForeignKey("org.Unit", null=True, on_delete=models.SET_NULL, related_name="+")
    position = models.ForeignKey(
        "org.Position", null=True, on_delete=models.SET_NULL, related_name="+", help_text="whose holders review it while nobody owns it"
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        db_table = "knowledge_review"
