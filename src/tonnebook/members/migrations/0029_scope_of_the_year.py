"""A program's key may open what is declared, circulated and decided in the compliance year."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """The words are known to the program; the database keeps them as text."""

    dependencies = [
        ("members", "0028_seals_in_ofd"),
    ]

    operations = [
        migrations.AlterField(
            model_name="apikey",
            name="scopes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("READ_ACCOUNTS", "READ_ACCOUNTS"),
                        ("READ_APPROVALS", "READ_APPROVALS"),
                        ("READ_ORDERS", "READ_ORDERS"),
                        ("READ_PAPERS", "READ_PAPERS"),
                        ("READ_MANDATES", "READ_MANDATES"),
                        ("WRITE_UNITS", "WRITE_UNITS"),
                        ("WRITE_APPROVALS", "WRITE_APPROVALS"),
                        ("WRITE_FREEZES", "WRITE_FREEZES"),
                        ("WRITE_ORDERS", "WRITE_ORDERS"),
                        ("WRITE_MANDATES", "WRITE_MANDATES"),
                        ("WRITE_YEAR", "WRITE_YEAR"),
                    ],
                    max_length=15,
                ),
                size=None,
            ),
        ),
    ]
