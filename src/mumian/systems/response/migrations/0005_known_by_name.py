"""A responder is known by unit and name, so that a phone may be shared; of two with one name each gets its phone beside it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('response', '0004_exchange'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='responder', name='one_responder_once'),
        migrations.RunSQL(
            """UPDATE response_responder one SET name = left(one.name, 67) || ' ' || one.phone WHERE EXISTS (
            SELECT FROM response_responder o WHERE o.unit_id = one.unit_id AND o.name = one.name AND o.id <> one.id)""",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name='responder',
            constraint=models.UniqueConstraint(fields=('unit', 'name'), name='one_responder_once'),
        ),
    ]
