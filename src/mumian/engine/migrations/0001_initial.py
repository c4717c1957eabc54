

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Calendar',
            fields=[
                ('name', models.SlugField(max_length=40, primary_key=True, serialize=False)),
                ('zone', models.CharField(default='Asia/Shanghai', help_text='IANA name of the time zone.', max_length=64)),
                ('hours', models.JSONField(default=list, help_text='Working hours of a day: [[“09:00”, “12:00”], …].')),
                ('weekdays', models.JSONField(default=list, help_text='Working weekdays, Monday is 0.')),
                ('known', models.DateField(blank=True, help_text='Last day for which moved days are announced.', null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Catalogue',
            fields=[
                ('name', models.SlugField(max_length=64, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=100)),
                ('title_en', models.CharField(blank=True, max_length=100)),
                ('basis', models.JSONField(default=list)),
                ('version', models.CharField(blank=True, max_length=40)),
                ('extends', models.CharField(blank=True, help_text="The catalogue whose place its kinds may take: a city's own kinds.", max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='Installation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(blank=True, default='', help_text="The city's name in Chinese.", max_length=100)),
                ('name_en', models.CharField(blank=True, default='', help_text="The city's name in English.", max_length=100)),
                ('place', models.CharField(blank=True, default='', help_text='The code of the whole city.', max_length=24)),
                ('calendar', models.CharField(default='cn', help_text='The working calendar in use.', max_length=40)),
                ('key', models.BinaryField(help_text='Mixes numbers and signs secret links; never shown.', max_length=32)),
                ('stamp', models.PositiveBigIntegerField(default=0, help_text='Counts changes of reference data.')),
            ],
        ),
        migrations.CreateModel(
            name='StoredFile',
            fields=[
                ('sha256', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('type', models.CharField(max_length=100)),
                ('size', models.PositiveIntegerField()),
                ('stored_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='Matter',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('number', models.CharField(help_text='The number people quote.', max_length=9)),
                ('procedure', models.CharField(db_collation='C', max_length=64)),
                ('version', models.PositiveIntegerField(help_text='The version of the procedure it keeps.')),
                ('state', models.CharField(db_collation='C', max_length=64)),
                ('seq', models.PositiveIntegerField(help_text='Number of its last entry.')),
                ('head', models.BinaryField(help_text='Hash of its last entry.', max_length=32)),
                ('title', models.CharField(blank=True, max_length=200)),
                ('place', models.CharField(blank=True, db_collation='C', max_length=24)),
                ('desk', models.CharField(blank=True, db_collation='C', help_text='Place whose desk it lies on.', max_length=24)),
                ('lon', models.FloatField(help_text='Degrees east, WGS-84.', null=True)),
                ('lat', models.FloatField(help_text='Degrees north, WGS-84.', null=True)),
                ('category', models.CharField(blank=True, db_collation='C', max_length=128)),
                ('channel', models.CharField(blank=True, help_text='How it came in.', max_length=40)),
                ('data', models.JSONField(default=dict, help_text='What was answered so far.')),
                ('opened_at', models.DateTimeField()),
                ('entered_at', models.DateTimeField(help_text='When it came into its state.')),
                ('closed_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, max_length=64)),
                ('due_at', models.DateTimeField(help_text='The nearest due time of its running clocks.', null=True)),
                ('late', models.BooleanField(default=False, help_text='Whether a clock stopped after its due time.')),
                ('parent', models.UUIDField(null=True)),
                ('children_open', models.PositiveIntegerField(default=0)),
                ('reports', models.PositiveIntegerField(default=1)),
                ('merged_into', models.UUIDField(null=True)),
                ('mark', models.PositiveSmallIntegerField(null=True)),
                ('unit', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='people.organisation')),
            ],
            options={
                'verbose_name': 'matter',
            },
        ),
        migrations.CreateModel(
            name='Holder',
            fields=[
                ('pk', models.CompositePrimaryKey('matter_id', 'n', blank=True, editable=False, primary_key=True, serialize=False)),
                ('n', models.PositiveSmallIntegerField()),
                ('party', models.CharField(max_length=64)),
                ('person', models.UUIDField(null=True)),
                ('post', models.BigIntegerField(null=True)),
                ('organisation', models.BigIntegerField(null=True)),
                ('matter', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='holders', to='engine.matter')),
            ],
        ),
        migrations.CreateModel(
            name='Clock',
            fields=[
                ('pk', models.CompositePrimaryKey('matter_id', 'name', blank=True, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=64)),
                ('started_at', models.DateTimeField()),
                ('limit', models.CharField(blank=True, max_length=40)),
                ('origin', models.CharField(blank=True, max_length=128)),
                ('due_at', models.DateTimeField(null=True)),
                ('stopped_at', models.DateTimeField(null=True)),
                ('paused_at', models.DateTimeField(null=True)),
                ('pause_reason', models.CharField(blank=True, max_length=2000)),
                ('changes', models.JSONField(default=list)),
                ('ring_at', models.DateTimeField(null=True)),
                ('rung', models.PositiveSmallIntegerField(default=0)),
                ('matter', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='clocks', to='engine.matter')),
            ],
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('pk', models.CompositePrimaryKey('matter_id', 'sha256', blank=True, editable=False, primary_key=True, serialize=False)),
                ('sha256', models.CharField(max_length=64)),
                ('seq', models.PositiveIntegerField(help_text='The entry it came with.')),
                ('field', models.CharField(max_length=64)),
                ('matter', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to='engine.matter')),
            ],
        ),
        migrations.CreateModel(
            name='ProcedureVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.SlugField(help_text="The procedure's name.", max_length=64)),
                ('version', models.PositiveIntegerField(help_text='Counted from 1.')),
                ('status', models.CharField(choices=[('draft', 'draft'), ('published', 'published'), ('retired', 'retired')], default='draft', max_length=10)),
                ('text', models.TextField(help_text='The definition as it was written.')),
                ('digest', models.CharField(help_text='SHA-256 of the text.', max_length=64)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('published_by', models.UUIDField(blank=True, null=True)),
                ('shipped', models.BooleanField(default=False, help_text='Whether it came with the program, unchanged.')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('name', 'version'), name='one_version_once')],
            },
        ),
        migrations.CreateModel(
            name='CalendarDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('working', models.BooleanField()),
                ('name', models.CharField(help_text='Which holiday: Chinese / English.', max_length=100)),
                ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='days', to='engine.calendar')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('calendar', 'day'), name='one_day_once')],
            },
        ),
        migrations.CreateModel(
            name='Kind',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(db_collation='C', max_length=128)),
                ('title', models.CharField(max_length=100)),
                ('title_en', models.CharField(blank=True, max_length=100)),
                ('unit_kind', models.CharField(blank=True, help_text='Kind of organisation responsible.', max_length=40)),
                ('unit_at', models.CharField(blank=True, help_text='Level at which that organisation sits.', max_length=16)),
                ('limits', models.JSONField(default=dict, help_text='Clock: limit.')),
                ('keywords', models.JSONField(default=dict, help_text='Words by language that tell this kind.')),
                ('in_grid', models.BooleanField(default=False, help_text='Whether a grid can settle it itself.')),
                ('hazard', models.BooleanField(default=False, help_text='Whether it is checked again later.')),
                ('basis', models.JSONField(default=list)),
                ('active', models.BooleanField(default=True)),
                ('catalogue', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='kinds', to='engine.catalogue')),
            ],
            options={
                'ordering': ['catalogue', 'code'],
                'constraints': [models.UniqueConstraint(fields=('catalogue', 'code'), name='one_kind_once')],
            },
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(fields=['number'], name='matter_number'),
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(condition=models.Q(('closed_at', None)), fields=['place', 'state', 'due_at'], name='matter_open_place'),
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(condition=models.Q(('closed_at', None)), fields=['unit', 'state', 'due_at'], name='matter_open_unit'),
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(condition=models.Q(('closed_at', None)), fields=['due_at', 'id'], name='matter_open_due'),
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(fields=['opened_at', 'id'], name='matter_opened'),
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(condition=models.Q(('closed_at__isnull', False)), fields=['closed_at'], name='matter_closed'),
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(condition=models.Q(('parent__isnull', False)), fields=['parent'], name='matter_parent'),
        ),
        migrations.AddIndex(
            model_name='holder',
            index=models.Index(condition=models.Q(('person__isnull', False)), fields=['person'], name='holder_person'),
        ),
        migrations.AddIndex(
            model_name='clock',
            index=models.Index(condition=models.Q(('ring_at__isnull', False)), fields=['ring_at'], name='clock_ring'),
        ),
    ]
