"""The codes by which somebody who was admitted gets in for the first time."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0030_notices_of_busts"),
    ]

    operations = [
        migrations.CreateModel(
            name="FirstCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("drawn_by", models.CharField(max_length=20)),
                ("drawn_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "db_table": "members_first_code",
                "constraints": [
                    models.UniqueConstraint(fields=("person", "drawn_by"), name="members_first_code_two_people")
                ],
            },
        ),
    ]
