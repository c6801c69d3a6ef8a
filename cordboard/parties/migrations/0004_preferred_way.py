"""How customers want to hear from us."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("parties", "0003_handoffs"),
    ]

    operations = [
        migrations.AddField(
            model_name="party",
            name="preferred_way",
            field=models.CharField(
                blank=True,
                choices=[("email", "By e-mail"), ("phone", "By telephone"), ("post", "By post")],
                default="",
                help_text="how they want to hear from us; empty: not known",
                max_length=8,
            ),
        ),
    ]
