

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Person',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('username', models.CharField(blank=True, help_text='Used to sign in.', max_length=64, null=True, unique=True)),
                ('name', models.CharField(blank=True, help_text='As it is shown to others.', max_length=100)),
                ('phone', models.CharField(blank=True, help_text='For calls; shown to those who need it.', max_length=32)),
                ('email', models.EmailField(blank=True, help_text='For notices.', max_length=254)),
                ('language', models.CharField(default='zh-hans', help_text='The language of notices.', max_length=10)),
                ('is_active', models.BooleanField(default=True, help_text='Whether this person may sign in.')),
                ('joined', models.DateTimeField(default=django.utils.timezone.now, help_text='Since when.')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Role',
            fields=[
                ('slug', models.SlugField(help_text='The word definitions use.', max_length=40, primary_key=True, serialize=False)),
                ('title', models.CharField(help_text='Its name in Chinese.', max_length=100)),
                ('title_en', models.CharField(help_text='Its name in English.', max_length=100)),
                ('scope', models.CharField(choices=[('place', 'place'), ('unit', 'unit'), ('party', 'party'), ('all', 'all')], default='place', help_text='Which matters one sees in it.', max_length=8)),
                ('administers', models.BooleanField(default=False, help_text='Whether one may change people and procedures.')),
            ],
        ),
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(help_text="The city's own code for it; stable.", max_length=64, unique=True)),
                ('name', models.CharField(help_text='Its name in Chinese.', max_length=200)),
                ('name_en', models.CharField(blank=True, help_text='Its name in English.', max_length=200)),
                ('kind', models.CharField(blank=True, db_index=True, help_text='What it answers for, such as water or fire.', max_length=40)),
                ('lineage', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, help_text='Itself and all above it, nearest first.', size=None)),
                ('place', models.CharField(blank=True, db_collation='C', db_index=True, help_text='The place it serves.', max_length=24)),
                ('active', models.BooleanField(default=True, help_text='Whether matters can be assigned to it.')),
                ('parent', models.ForeignKey(blank=True, help_text='Above it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='people.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='Post',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.CharField(db_collation='C', db_index=True, help_text='Where; this place and all below it.', max_length=24)),
                ('begins', models.DateField(blank=True, help_text='First day; empty for always.', null=True)),
                ('ends', models.DateField(blank=True, help_text='Last day; empty for no end.', null=True)),
                ('organisation', models.ForeignKey(help_text='For whom one does it.', on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='people.organisation')),
                ('person', models.ForeignKey(blank=True, help_text='Who holds it.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='posts', to=settings.AUTH_USER_MODEL)),
                ('role', models.ForeignKey(help_text='What one does.', on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='people.role')),
            ],
        ),
        migrations.CreateModel(
            name='Token',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hash', models.BinaryField(max_length=32, unique=True)),
                ('title', models.CharField(help_text='Which program uses it.', max_length=100)),
                ('made', models.DateTimeField(default=django.utils.timezone.now)),
                ('ends', models.DateTimeField(blank=True, help_text='When it stops being valid.', null=True)),
                ('post', models.ForeignKey(help_text='Acts as this post.', on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to='people.post')),
            ],
        ),
        migrations.AddConstraint(
            model_name='post',
            constraint=models.UniqueConstraint(fields=('person', 'role', 'organisation', 'place'), name='one_post_once', nulls_distinct=True),
        ),
    ]
