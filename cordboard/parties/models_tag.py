"""Words by which customers are found and chosen: "installer", "writes reviews"."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class PartyTag(models.Model):
    party = models.ForeignKey("parties.Party", on_delete=models.CASCADE, related_name="tags")
    tag = models.CharField(max_length=40)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    rule = models.CharField(max_length=120, blank=True, default="", help_text="the rule that added it")
    origin = models.CharField(max_length=60, blank=True, default="", help_text="in the course of what: interaction:91")
    at = models.DateTimeField()

    class Meta:
        db_table = "parties_tag"
        constraints = (models.UniqueConstraint(fields=("party", "tag"), name="party_tag_once"),)
        indexes = (models.Index(fields=("tag",), name="party_tagged"),)
