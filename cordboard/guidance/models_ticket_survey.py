"""Which survey asks the customers of resolved tickets, and which ticket each of these links is about."""

from __future__ import annotations

from django.db import models


class TicketSurveyPlan(models.Model):
    """When a ticket of this kind is resolved, its customer is sent a link to this survey."""

    kind = models.CharField(max_length=20, unique=True, help_text="code of the ticket kind")
    code = models.SlugField(max_length=60, help_text="of the flow")
    rest_days = models.PositiveSmallIntegerField(default=30, help_text="nobody is asked again within so many days")
    valid_days = models.PositiveSmallIntegerField(default=14, help_text="how long a link holds")
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "guidance_ticket_survey_plan"


class TicketSurvey(models.Model):
    """The link with which a customer is asked how a ticket was dealt with, and how satisfied they are: one for each ticket."""

    invitation = models.OneToOneField("guidance.SurveyInvitation", on_delete=models.CASCADE, related_name="of_ticket")
    ticket = models.OneToOneField("tickets.Ticket", on_delete=models.CASCADE, related_name="survey")
    rating = models.FloatField(null=True, help_text="the first rating of the survey, put on 1 to 5")
    rated_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "guidance_ticket_survey"
