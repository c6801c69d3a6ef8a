"""Which survey asks the customers of resolved tickets, and which ticket each of these links is about."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class TicketSurveyPlan(models.Model):
    """When a ticket of this kind is resolved, its customer is sent a link to this survey. A low rating can bring a task, to whom it says."""

    class FollowUp(models.TextChoices):
        NONE = "", _("Nobody")
        OWNER = "owner", _("The ticket's owner")
        HEAD = "head", _("The head of the ticket's unit")
        POSITION = "position", _("A position")

    kind = models.CharField(max_length=20, unique=True, help_text="code of the ticket kind")
    code = models.SlugField(max_length=60, help_text="of the flow")
    rest_days = models.PositiveSmallIntegerField(default=30, help_text="nobody is asked again within so many days")
    valid_days = models.PositiveSmallIntegerField(default=14, help_text="how long a link holds")
    active = models.BooleanField(default=True)
    follow_up = models.CharField(max_length=8, choices=FollowUp.choices, blank=True, default="", help_text="who has a task when the rating is low")
    low = models.FloatField(default=2.0, help_text="a rating up to this one is low, 1 to 5")
    position = models.ForeignKey("org.Position", null=True, on_delete=models.SET_NULL, related_name="+", help_text="in whose list the task stands")
    hours = models.PositiveSmallIntegerField(default=8, help_text="working hours within which it is to be done")

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
