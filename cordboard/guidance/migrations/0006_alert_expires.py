from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("guidance", "0005_scripts_given"),
    ]

    operations = [
        migrations.AddField(
            model_name="alert",
            name="expires_at",
            field=models.DateTimeField(help_text="stands until then; what has expired is not raised again as it was", null=True),
        ),
    ]
