from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('interactions', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='segment',
            name='end_reason',
            field=models.CharField(blank=True, db_default='', default='', help_text='why the agent rejected it, where one was given (routing/rejection.py)', max_length=40),
        ),
    ]
