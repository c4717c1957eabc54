

from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='PatrolPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('checklist', models.SlugField(help_text='Name of the checklist.', max_length=64)),
                ('place', models.CharField(db_collation='C', help_text='In every grid of this place.', max_length=24)),
                ('active', models.BooleanField(default=True, help_text='Whether rounds are planned.')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('checklist', 'place'), name='one_plan_once')],
            },
        ),
    ]
