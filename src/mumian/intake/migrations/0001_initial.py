

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Learned',
            fields=[
                ('name', models.SlugField(help_text='What it is for, such as routing.', max_length=64, primary_key=True, serialize=False)),
                ('model', models.BinaryField(help_text='The model, as skops writes it.')),
                ('measured', models.JSONField(default=dict, help_text='How well it did on held-out matters.')),
                ('learned_at', models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(help_text='Where the rows come from.', max_length=64)),
                ('file', models.CharField(help_text="The file's name.", max_length=300)),
                ('digest', models.CharField(help_text="SHA-256 of the file's size, beginning and mapping.", max_length=64)),
                ('line', models.PositiveBigIntegerField(default=0, help_text='Line of the last row dealt with.')),
                ('rows', models.PositiveBigIntegerField(default=0)),
                ('added', models.PositiveBigIntegerField(default=0)),
                ('known', models.PositiveBigIntegerField(default=0, help_text='Rows that had been imported before.')),
                ('rejected', models.PositiveBigIntegerField(default=0)),
                ('noted', models.PositiveBigIntegerField(default=0, help_text='Rows that went in with a remark.')),
                ('told', models.PositiveBigIntegerField(default=0, help_text='Bytes of the report of rows so far.')),
                ('started_at', models.DateTimeField(auto_now_add=True)),
                ('finished_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['source', 'digest'], name='import_run_file')],
            },
        ),
        migrations.CreateModel(
            name='Responsibility',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(blank=True, db_collation='C', help_text='A kind or one above it; empty for all.', max_length=128)),
                ('place', models.CharField(blank=True, db_collation='C', help_text='A place and all in it; empty for all.', max_length=24)),
                ('basis', models.CharField(blank=True, help_text='The document that says so.', max_length=200)),
                ('unit', models.ForeignKey(help_text='Who answers for it.', on_delete=django.db.models.deletion.CASCADE, to='people.organisation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'place'), name='one_unit_responsible')],
            },
        ),
    ]
