"""Alerts that only ask whether somebody is listening."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0031_first_codes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="alert",
            name="kind",
            field=models.CharField(choices=[("AUDIT_BREAK", "AUDIT_BREAK"), ("DRILL", "DRILL")], max_length=20),
        ),
    ]
