"""The sequence from which processes take blocks of numbers for matters."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("engine", "0001_initial")]
    operations = [migrations.RunSQL("CREATE SEQUENCE engine_number_block", "DROP SEQUENCE engine_number_block")]
