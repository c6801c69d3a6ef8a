import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("appointments", "0001_initial"),
        ("tickets", "0012_changes"),
    ]

    operations = [
        migrations.CreateModel(
            name="OrderVisit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("appointment", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="of_order", to="appointments.appointment")),
                ("order", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="visits", to="tickets.serviceorder")),
            ],
            options={
                "db_table": "tickets_order_visit",
            },
        ),
    ]
