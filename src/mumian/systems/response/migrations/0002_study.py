from django.db import migrations, models



class Migration(migrations.Migration):

    dependencies = [
        ('response', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Study',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('coverage', 'Coverage'), ('siting', 'Siting'), ('simulation', 'Simulation')], max_length=16)),
                ('place', models.CharField(blank=True, db_collation='C', help_text='What it is about; empty for everything.', max_length=18)),
                ('key', models.CharField(help_text='The same for the same question.', max_length=64)),
                ('asked', models.JSONField(help_text='The question.')),
                ('asked_at', models.DateTimeField()),
                ('begun_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('answer', models.JSONField(help_text='The answer, as far as it is small.', null=True)),
                ('fault', models.JSONField(help_text='Thing, reason and cure where there is no answer.', null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['kind', 'key', '-id'], name='study_asked')],
            },
        ),
    ]
