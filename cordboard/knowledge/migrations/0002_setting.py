from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("knowledge", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="KnowledgeSetting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("drafts_from_requests", models.BooleanField(default=True, help_text="a request that was solved becomes an unreviewed draft")),
            ],
            options={
                "db_table": "knowledge_setting",
            },
        ),
    ]
