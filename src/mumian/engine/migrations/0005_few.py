"""After which, as after every migration, the function of `engine.few` is made."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('engine', '0004_installation_listened'),
    ]

    operations = []
