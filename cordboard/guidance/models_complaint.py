"""Which survey asks about which complaint."""

from __future__ import annotations

from django.db import models


class ComplaintSurvey(models.Model):
    """The link with which a customer is asked how satisfied they are with how their complaint was dealt with."""

    invitation = models.OneToOneField("guidance.SurveyInvitation", on_delete=models.CASCADE, related_name="complaint")
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="complaint_surveys")

    class Meta:
        db_table = "guidance_complaint_survey"
