from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('mediation', '0002_counted'),
    ]

    operations = [
        migrations.AddField(
            model_name='mediator',
            name='agreed',
            field=models.PositiveIntegerField(default=0, help_text='Cases that came to an agreement; see cases.tally.'),
        ),
        migrations.AddField(
            model_name='mediator',
            name='failed',
            field=models.PositiveIntegerField(default=0, help_text='Cases that failed.'),
        ),
    ]
