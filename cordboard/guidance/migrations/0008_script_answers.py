from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("guidance", "0007_surveys_kept"),
    ]

    operations = [
        migrations.AddField(
            model_name="scriptrecord",
            name="answers",
            field=models.TextField(blank=True, db_default="", default="", help_text="in words, a line each: question: answer"),
        ),
        migrations.AddField(
            model_name="scriptrecord",
            name="name",
            field=models.CharField(blank=True, db_default="", default="", help_text="of the script, as it was called then", max_length=120),
        ),
    ]
