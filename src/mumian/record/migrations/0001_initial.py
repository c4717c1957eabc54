

from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Personal',
            fields=[
                ('pk', models.CompositePrimaryKey('subject', 'seq', blank=True, editable=False, primary_key=True, serialize=False)),
                ('subject', models.UUIDField()),
                ('seq', models.PositiveIntegerField()),
                ('openings', models.JSONField(help_text='By name: salt in hexadecimal, and the value.')),
            ],
            options={
                'verbose_name': 'personal values',
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('pk', models.CompositePrimaryKey('subject', 'seq', blank=True, editable=False, primary_key=True, serialize=False)),
                ('subject', models.UUIDField(help_text='What it happened to: a matter, a procedure, a post.')),
                ('seq', models.PositiveIntegerField(help_text="Its number among the subject's entries, from 1 without gaps.")),
                ('at', models.DateTimeField(help_text='When.')),
                ('action', models.CharField(help_text='What was done.', max_length=64)),
                ('person', models.UUIDField(help_text='By whom; empty for the anonymous and for the program.', null=True)),
                ('post', models.BigIntegerField(help_text='In which post.', null=True)),
                ('body', models.JSONField(help_text='The content: state, data, commitments to personal values.')),
                ('key', models.CharField(help_text="The client's key: the same act twice is one.", max_length=128, null=True)),
                ('hash', models.BinaryField(help_text='SHA-256 of the content and of the entry before.', max_length=32)),
            ],
            options={
                'verbose_name': 'entry',
                'constraints': [models.UniqueConstraint(condition=models.Q(('key__isnull', False)), fields=('subject', 'key'), name='one_key_once')],
            },
        ),
    ]
