"""What the rules tell an agent during an interaction, and what became of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Alert(models.Model):
    """A suggestion, reminder or warning, or an item of the wrap-up checklist, raised by a rule at most once per reason and interaction.

    It is *followed* when the agent does what it offers (or ticks it off), *put away* when the agent has only taken note, *ignored* when the contact
    closes with it still standing. A `required` one must be followed, or excused with a reason, before the agent finishes the wrap-up.
    """

    class Kind(models.TextChoices):
        SUGGESTION = "suggestion", _("Suggestion")
        REMINDER = "reminder", _("Reminder")
        WARNING = "warning", _("Warning")
        CHECK = "check", _("To do before the end")

    interaction = models.ForeignKey("interactions.Interaction", null=True, on_delete=models.CASCADE, related_name="alerts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+", help_text="only for this agent")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    reason = models.CharField(max_length=60, help_text="what it is about: raised once per interaction")
    texts = models.JSONField(help_text='language -> {"strong": ..., "text": ...} with the values filled in')
    offer = models.JSONField(default=dict, help_text='what can be done about it with one press: {"do": "open_screen", "screen": "history"}')
    required = models.BooleanField(default=False, db_default=False)
    rule = models.CharField(max_length=120)
    rule_id = models.CharField(max_length=60, blank=True, default="", db_default="")
    policy = models.CharField(max_length=60, blank=True, default="")
    policy_version = models.PositiveIntegerField(default=0, db_default=0)
    raised_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, help_text="stands until then; what has expired is not raised again as it was")
    shown_at = models.DateTimeField(null=True, help_text="when it first stood on the screen of an agent who has the contact")
    dismissed_at = models.DateTimeField(null=True)
    followed_at = models.DateTimeField(null=True)
    excuse = models.CharField(max_length=200, blank=True, default="", db_default="", help_text="why a required one was not followed")
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", help_text="who followed, excused or put it away"
    )
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "guidance_alert"
        constraints = (models.UniqueConstraint(fields=("interaction", "reason"), name="alert_once_per_reason"),)
        indexes = (models.Index(fields=("raised_at",), name="alert_raised_at"),)

    @property
    def open(self) -> bool:
        """Still to be minded."""
        return self.withdrawn_at is None and self.dismissed_at is None and self.followed_at is None and not self.excuse


class Happening(models.Model):
    """A further event that a rule has raised for an interaction: once each. Other rules may ask for it (`guidance.happened`)."""

    interaction = models.ForeignKey("interactions.Interaction", on_delete=models.CASCADE, related_name="happenings")
    name = models.SlugField(max_length=60)
    rule = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        db_table = "guidance_happening"
        constraints = (models.UniqueConstraint(fields=("interaction", "name"), name="happening_once"),)


class ContactReport(models.Model):
    """What was noted of a contact in the form that a script gives it: made from its answers, changed when they change."""

    interaction = models.ForeignKey("interactions.Interaction", on_delete=models.CASCADE, related_name="reports")
    key = models.CharField(max_length=200, help_text="<run>:<step> of the script that makes it")
    title = models.CharField(max_length=200)
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "guidance_contact_report"
        constraints = (models.UniqueConstraint(fields=("interaction", "key"), name="contact_report_once"),)

    def __str__(self) -> str:
        return self.title


class Way(models.TextChoices):
    """How somebody is asked to answer a survey."""

    LINK = "link", _("by link")
    KEYS = "keys", _("by keys, after the call")
    AGENT = "agent", _("by an agent")


class SurveyInvitation(models.Model):
    """Somebody was asked to answer a survey, once: by a link that holds until it expires, with the keys of the telephone after the talk, or by an agent.

    A link is signed (actions_survey.py); this row says what it opens. Queue and agent are those of the contact as it was then: who a figure counts for.
    """

    code = models.SlugField(max_length=60, help_text="of the flow")
    way = models.CharField(max_length=8, choices=Way.choices, default=Way.LINK, db_default=Way.LINK)
    interaction = models.ForeignKey(
        "interactions.Interaction", null=True, on_delete=models.CASCADE, related_name="surveys", help_text="the contact that it asks about; it gets the answers"
    )
    party = models.ForeignKey("parties.Party", null=True, on_delete=models.CASCADE, related_name="surveys", help_text="who was asked")
    queue = models.ForeignKey("routing.Queue", null=True, on_delete=models.SET_NULL, related_name="+")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", help_text="whose contact it asks about")
    language = models.CharField(max_length=10, blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    run = models.OneToOneField("flows.Run", null=True, on_delete=models.PROTECT, related_name="survey", help_text="once it was opened")
    answered_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "guidance_survey_invitation"
        indexes = (
            models.Index(fields=("code", "-made_at"), name="survey_invited"),
            models.Index(fields=("party", "-made_at"), name="survey_of_party"),
            models.Index(fields=("answered_at",), name="survey_answered", condition=models.Q(answered_at__isnull=False)),
        )


class SurveyAnswer(models.Model):
    """An answer as it stands: kept with every step, so that who stops half-way has told us something all the same."""

    invitation = models.ForeignKey(SurveyInvitation, on_delete=models.CASCADE, related_name="answers")
    name = models.CharField(max_length=60, help_text="the variable that keeps it")
    kind = models.CharField(max_length=12, help_text="of the question: rating, choice, text, ...")
    value = models.JSONField()
    number = models.FloatField(null=True, help_text="of a rating or a number")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "guidance_survey_answer"
        ordering = ("invitation", "order")
        constraints = (models.UniqueConstraint(fields=("invitation", "name"), name="survey_answer_once"),)
        indexes = (models.Index(fields=("name", "number"), name="survey_answer_value"),)


class SurveyPlan(models.Model):
    """After the talk of this queue's contacts the customer is asked this survey."""

    class Planned(models.TextChoices):
        LINK = "link", _("by a link in an e-mail")
        KEYS = "keys", _("by keys, before the call ends")

    queue = models.OneToOneField("routing.Queue", on_delete=models.CASCADE, related_name="survey_plan")
    code = models.SlugField(max_length=60, help_text="of the flow")
    way = models.CharField(max_length=8, choices=Planned.choices)
    rest_days = models.PositiveSmallIntegerField(default=30, help_text="nobody is asked again within so many days")
    valid_days = models.PositiveSmallIntegerField(default=14, help_text="how long a link holds")
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "guidance_survey_plan"


from cordboard.guidance.models_complaint import ComplaintSurvey as ComplaintSurvey  # noqa: E402  a noun of its own; Django looks for models here
from cordboard.guidance.models_script import GivenScript as GivenScript  # noqa: E402  a noun of its own; Django looks for models here
from cordboard.guidance.models_script import ScriptRecord as ScriptRecord  # noqa: E402
from cordboard.guidance.models_script import ScriptSetting as ScriptSetting  # noqa: E402
from cordboard.guidance.models_ticket_survey import TicketSurvey as TicketSurvey  # noqa: E402
from cordboard.guidance.models_ticket_survey import TicketSurveyPlan as TicketSurveyPlan  # noqa: E402
