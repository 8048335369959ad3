"""Which program and settings serve the database: processes of another refuse to start (O6)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("journal", "0006_cheaper_leaves"),
    ]

    operations = [
        migrations.CreateModel(
            name="Artefact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("program", models.CharField(max_length=64)),
                ("config", models.CharField(max_length=64)),
            ],
            options={
                "db_table": "journal_artefact",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="journal_artefact_single")],
            },
        ),
    ]
