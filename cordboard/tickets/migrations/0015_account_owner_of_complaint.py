"""Who was the customer's account owner when a complaint was answered; and messages and hand-offs stand in the order in which they were written."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def as_it_was(apps, _schema):
    """Of answers given before: by the log of hand-offs, else today's account owner."""
    Complaint, HandOff = apps.get_model("tickets", "Complaint"), apps.get_model("parties", "HandOff")
    for row in Complaint.objects.filter(answered_at__isnull=False, ticket__party__isnull=False).select_related("ticket__party").iterator(chunk_size=500):
        after = HandOff.objects.filter(party=row.ticket.party_id, at__gt=row.answered_at).order_by("at", "pk").first()
        owner = after.old_id if after is not None else row.ticket.party.account_owner_id
        Complaint.objects.filter(pk=row.pk).update(account_owner=owner)


class Migration(migrations.Migration):
    dependencies = [
        ("parties", "0003_handoffs"),
        ("tickets", "0014_customers_side"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(name="levelstep", options={"ordering": ("pk",)}),
        migrations.AlterModelOptions(name="ticketmessage", options={"ordering": ("pk",)}),
        migrations.AddField(
            model_name="complaint",
            name="account_owner",
            field=models.ForeignKey(
                help_text="of the customer when the result was told",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(as_it_was, migrations.RunPython.noop),
    ]
