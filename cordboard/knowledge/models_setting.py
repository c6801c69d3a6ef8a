"""How knowledge grows by itself."""

from __future__ import annotations

from django.db import models


class KnowledgeSetting(models.Model):
    """One row; without it everything is as by default."""

    drafts_from_requests = models.BooleanField(default=True, help_text="a request that was solved becomes an unreviewed draft")

    class Meta:
        db_table = "knowledge_setting"
