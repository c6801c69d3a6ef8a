import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("org", "0005_absence"),
        ("parties", "0003_handoffs"),
        ("tickets", "0013_order_visits"),
    ]

    operations = [
        migrations.CreateModel(
            name="TicketForm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(help_text="part of its address", max_length=40, unique=True)),
                ("names", models.JSONField(default=dict, help_text="language -> what stands over it")),
                ("kind", models.CharField(default="request", help_text="code of a TicketKind: of the tickets that come of it", max_length=20)),
                ("active", models.BooleanField(default=False)),
                ("unit", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="org.unit")),
            ],
            options={
                "db_table": "tickets_form",
                "ordering": ("code",),
            },
        ),
        migrations.CreateModel(
            name="TicketAccess",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.CharField(help_text="the e-mail address to which the link goes, in small letters", max_length=254)),
                ("language", models.CharField(blank=True, default="", help_text="in which they asked; empty where it is not known", max_length=10)),
                ("made_at", models.DateTimeField()),
                (
                    "party",
                    models.ForeignKey(
                        help_text="the ticket's customer when the link was made",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.party",
                    ),
                ),
                ("ticket", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="accesses", to="tickets.ticket")),
            ],
            options={
                "db_table": "tickets_access",
                "constraints": [models.UniqueConstraint(fields=("ticket", "address"), name="ticket_access_once")],
            },
        ),
        migrations.CreateModel(
            name="TicketAsked",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(help_text="of the page that was filled in: each is taken once", max_length=32, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("email", models.CharField(blank=True, default="", max_length=254)),
                ("phone", models.CharField(blank=True, default="", max_length=40)),
                ("serial", models.CharField(blank=True, default="", help_text="as typed", max_length=60)),
                ("visitor", models.CharField(help_text="digest of the visitor's address: to count by, not to read", max_length=32)),
                ("at", models.DateTimeField()),
                ("ticket", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="asked", to="tickets.ticket")),
                ("form", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tickets.ticketform")),
            ],
            options={
                "db_table": "tickets_asked",
                "indexes": [
                    models.Index(fields=["visitor", "at"], name="ticket_asked_visitor"),
                    models.Index(fields=["at"], name="ticket_asked_at"),
                    models.Index(fields=["email", "at"], name="ticket_asked_email"),
                ],
            },
        ),
    ]
