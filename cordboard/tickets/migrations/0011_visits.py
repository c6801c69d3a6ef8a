import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("appointments", "0001_initial"),
        ("tickets", "0010_cases_and_service_orders"),
    ]

    operations = [
        migrations.CreateModel(
            name="TicketAppointment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("appointment", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="of_ticket", to="appointments.appointment")),
                ("ticket", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="visits", to="tickets.ticket")),
            ],
            options={
                "db_table": "tickets_appointment",
            },
        ),
    ]
