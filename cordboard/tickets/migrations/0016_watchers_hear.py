from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0015_account_owner_of_complaint"),
    ]

    operations = [
        migrations.CreateModel(
            name="TicketTold",
            fields=[
                ("event", models.BigIntegerField(help_text="its number in the log", primary_key=True, serialize=False)),
                ("at", models.DateTimeField(db_index=True)),
            ],
            options={
                "db_table": "tickets_told",
            },
        ),
    ]
