"""Figures as they are kept: parts of contacts, and their sums by quarter of an hour. All of it can be made anew from the contacts (`cordboard figures rebuild`).

The rows name contacts, queues and agents by number and not by foreign key: figures of the past stay what they were when a contact is erased after its time.
"""

from __future__ import annotations

from django.db import models

from cordboard.analytics.sums import MEASURES, TIMES


class Measured(models.Model):
    """Columns for `sums.MEASURES`."""

    class Meta:
        abstract = True


for _name in MEASURES:
    Measured.add_to_class(_name, models.BigIntegerField(default=0) if _name in TIMES else models.IntegerField(default=0))


class Part(Measured):
    """One part of a contact (parts.py). 0 stands for none."""

    interaction = models.BigIntegerField(default=0)
    entry = models.BigIntegerField(default=0)
    segment = models.BigIntegerField(default=0)
    callback = models.BigIntegerField(default=0)
    at = models.DateTimeField(help_text="moment of offer")
    slot = models.BigIntegerField(help_text="beginning of its quarter of an hour, seconds since 1970")
    queue = models.BigIntegerField(default=0)
    agent = models.BigIntegerField(default=0)
    channel = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "analytics_part"
        indexes = (
            models.Index(fields=("interaction",), name="part_of_interaction"),
            models.Index(fields=("callback",), name="part_of_callback", condition=~models.Q(callback=0)),
            models.Index(fields=("slot",), name="part_by_slot"),
            models.Index(fields=("queue", "slot"), name="part_of_queue"),
            models.Index(fields=("agent", "slot"), name="part_of_agent"),
        )


class Tag(models.Model):
    """A skill that a part asked for, or a reason that its contact has; a reason's group too, once."""

    class Kind(models.IntegerChoices):
        SKILL = 1
        REASON = 2

    part = models.ForeignKey(Part, on_delete=models.CASCADE, related_name="tags")
    kind = models.PositiveSmallIntegerField(choices=Kind.choices)
    key = models.BigIntegerField()

    class Meta:
        db_table = "analytics_tag"
        indexes = (models.Index(fields=("kind", "key", "part"), name="tag_key"),)


class Cell(Measured):
    """The sum of all parts of one queue, agent, channel, skill or reason in one quarter of an hour."""

    class Kind(models.IntegerChoices):
        SKILL = 1
        REASON = 2
        QUEUE = 3
        AGENT = 4
        CHANNEL = 5

    kind = models.PositiveSmallIntegerField(choices=Kind.choices)
    key = models.BigIntegerField()
    slot = models.BigIntegerField()

    class Meta:
        db_table = "analytics_cell"
        indexes = (models.Index(fields=("kind", "slot"), name="cell_by_slot"),)
        constraints = (models.UniqueConstraint(fields=("kind", "key", "slot"), name="cell_once"),)


class Progress(models.Model):
    """One row: how far a rebuilding has come. Its lock is what writers of figures stand in line for."""

    next_interaction = models.BigIntegerField(default=0, help_text="from here on interactions are counted anew")
    last_interaction = models.BigIntegerField(default=-1, help_text="up to here; what is later was told by events")

    class Meta:
        db_table = "analytics_progress"
