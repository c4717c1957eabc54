from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('mediation', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Counted',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.CharField(db_collation='C', max_length=24)),
                ('days', models.PositiveSmallIntegerField()),
                ('at', models.DateTimeField(help_text='When they were counted.')),
                ('groups', models.JSONField(help_text='By group, the most first: a key and its figures.')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('place', 'days'), name='one_count_once')],
            },
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['place', 'closed_at'], name='case_place_closed'),
        ),
    ]
