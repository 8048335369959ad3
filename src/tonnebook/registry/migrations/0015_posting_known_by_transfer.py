"""A posting is known by its transfer and its place in it; a number of its own was one more index to keep."""

from django.db import migrations, models

KNOWN = """
ALTER TABLE registry_posting DROP COLUMN id;
ALTER TABLE registry_posting DROP CONSTRAINT registry_posting_once;
ALTER TABLE registry_posting ADD CONSTRAINT registry_posting_once PRIMARY KEY (transfer_id, index);
"""
KEY = models.CompositePrimaryKey("transfer", "index", blank=True, editable=False, primary_key=True, serialize=False)


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0014_certificates"),
    ]

    operations = [
        migrations.RunSQL(
            KNOWN,
            state_operations=[
                migrations.RemoveConstraint("posting", "registry_posting_once"),
                migrations.RemoveField("posting", "id"),
                migrations.AddField("posting", "pk", KEY),
            ],
        ),
    ]
