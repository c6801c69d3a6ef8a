"""Scripts that contacts have: what gives them, which were given, and how they were followed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ScriptSetting(models.Model):
    """A script that a queue, or a contact reason, gives: it begins by itself, once in each contact, as soon as an agent has it."""

    script = models.SlugField(max_length=60, help_text="code of the flow")
    queue = models.ForeignKey("routing.Queue", null=True, on_delete=models.CASCADE, related_name="scripts")
    reason = models.ForeignKey("interactions.ContactReason", null=True, on_delete=models.CASCADE, related_name="scripts")
    required = models.BooleanField(default=False, help_text="it must be gone through to its end before the contact is finished with")

    class Meta:
        db_table = "guidance_script_setting"
        constraints = (
            models.UniqueConstraint(fields=("script", "queue"), name="script_of_queue_once"),
            models.UniqueConstraint(fields=("script", "reason"), name="script_of_reason_once"),
            models.CheckConstraint(
                condition=models.Q(queue__isnull=False, reason=None) | models.Q(queue=None, reason__isnull=False), name="script_of_queue_or_reason"
            ),
        )

    def __str__(self) -> str:
        return self.script


class GivenScript(models.Model):
    """A script that a contact has: given by its queue, its reason or a rule, or begun by an agent. Once each; what must be done of it may be excused."""

    class By(models.TextChoices):
        QUEUE = "queue", _("its queue")
        REASON = "reason", _("its contact reason")
        RULE = "rule", _("a rule")
        AGENT = "agent", _("an agent")

    interaction = models.ForeignKey("interactions.Interaction", on_delete=models.CASCADE, related_name="scripts")
    script = models.SlugField(max_length=60, help_text="code of the flow")
    by = models.CharField(max_length=6, choices=By.choices)
    name = models.CharField(max_length=120, blank=True, help_text="of the queue or rule, code of the reason")
    required = models.BooleanField(default=False)
    given_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    failed = models.BooleanField(default=False, db_default=False, help_text="it could not begin: no such script was published")
    excuse = models.CharField(max_length=200, blank=True, default="", help_text="why it was put away with something missing")
    excused_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        db_table = "guidance_given_script"
        constraints = (models.UniqueConstraint(fields=("interaction", "script"), name="script_given_once"),)


class ScriptRecord(models.Model):
    """How a script was followed in a contact (flows/following.py), kept when the script, or the contact, is done with. Without a run: given, never begun."""

    interaction = models.ForeignKey("interactions.Interaction", on_delete=models.CASCADE, related_name="script_records")
    run = models.OneToOneField("flows.Run", null=True, on_delete=models.CASCADE, related_name="record")
    script = models.SlugField(max_length=60)
    name = models.CharField(max_length=120, blank=True, default="", db_default="", help_text="of the script, as it was called then")
    version = models.PositiveIntegerField(default=0)
    given_by = models.CharField(max_length=6, choices=GivenScript.By.choices)
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", help_text="who had the contact then")
    queue = models.ForeignKey("routing.Queue", null=True, on_delete=models.SET_NULL, related_name="+", help_text="in which the contact was last")
    required = models.BooleanField(default=False)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    ended = models.CharField(max_length=40, help_text='as the run; "left": put away before its end; "not_begun"')
    asked = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)
    told = models.PositiveIntegerField(default=0)
    marked = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    late = models.PositiveIntegerField(default=0)
    backs = models.PositiveIntegerField(default=0, help_text="how often the agent went back")
    missing = models.PositiveIntegerField(default=0)
    steps = models.JSONField(default=dict, help_text='{"skipped": [...], "late": [...], "missing": [...]} by the names of steps, at most 50 each')
    answers = models.TextField(blank=True, default="", db_default="", help_text="in words, a line each: question: answer")
    followed = models.BooleanField(help_text="to its end, nothing skipped, nothing late")
    excuse = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        db_table = "guidance_script_record"
        indexes = (models.Index(fields=("begun_at",), name="script_begun"),)
