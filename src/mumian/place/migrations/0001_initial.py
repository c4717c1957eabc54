

import django.contrib.postgres.fields
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Place',
            fields=[
                ('code', models.CharField(db_collation='C', help_text='The significant part of its division code.', max_length=18, primary_key=True, serialize=False)),
                ('level', models.PositiveSmallIntegerField(choices=[(2, 'province'), (4, 'city'), (6, 'district'), (9, 'town'), (12, 'community'), (15, 'grid'), (18, 'micro-grid')], help_text='How deep it lies: the number of digits of its code.')),
                ('parent', models.CharField(blank=True, db_collation='C', db_index=True, help_text='The code of the nearest place above that is known here; empty at the top.', max_length=18)),
                ('name', models.CharField(help_text='Its name in Chinese.', max_length=200)),
                ('name_en', models.CharField(blank=True, help_text='Its name in English.', max_length=200)),
                ('aliases', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, help_text='Other names it is known by, former ones included.', size=None)),
                ('outline', models.BinaryField(help_text='Its (multi)polygon as WKB, in WGS-84.', null=True)),
                ('lon', models.FloatField(blank=True, help_text='Longitude of its centre, degrees in WGS-84.', null=True)),
                ('lat', models.FloatField(blank=True, help_text='Latitude of its centre, degrees in WGS-84.', null=True)),
                ('population', models.PositiveIntegerField(blank=True, help_text='How many people live there.', null=True)),
                ('changed_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now, editable=False, help_text='When it was last changed.')),
            ],
            options={
                'verbose_name': 'place',
                'verbose_name_plural': 'places',
                'ordering': ['code'],
                'constraints': [models.CheckConstraint(condition=models.Q(('code__regex', '^[0-9]{2,18}$')), name='place_code_is_digits')],
            },
        ),
    ]
