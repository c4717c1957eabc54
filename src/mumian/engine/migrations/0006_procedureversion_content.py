from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("engine", "0005_few")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="procedureversion",
            name="content",
            field=models.TextField(
                blank=True,
                default="",
                help_text="The same as JSON, for it is read a hundred times as fast; none in old rows.",
            ),
            preserve_default=False,
        ),
    ]
