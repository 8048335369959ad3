"""What writing many leaves costs: a transaction waits once for its numbers, and hashes are looked up without an order."""

import django.contrib.postgres.indexes
from django.db import migrations, models

WAITED = """
CREATE TEMPORARY TABLE waited ON COMMIT DROP AS
    SELECT leaf.txid, min(leaf.id) AS leaf_from
    FROM journal_waiting AS waiting JOIN journal_leaf AS leaf ON leaf.id = waiting.leaf_id GROUP BY leaf.txid;
"""
WAITING = "INSERT INTO journal_waiting (txid, leaf_from) SELECT txid, leaf_from FROM waited"


class Migration(migrations.Migration):
    dependencies = [
        ("journal", "0005_looks"),
    ]

    operations = [
        migrations.RunSQL(WAITED),
        migrations.DeleteModel("JournalWaiting"),
        migrations.CreateModel(
            "JournalWaiting",
            fields=[
                ("txid", models.BigIntegerField(primary_key=True, serialize=False)),
                ("leaf_from", models.BigIntegerField()),
            ],
            options={"db_table": "journal_waiting"},
        ),
        migrations.RunSQL(WAITING),
        migrations.AlterField("journalleaf", "leaf_hash", models.BinaryField(max_length=32)),
        migrations.AddIndex(
            "journalleaf",
            django.contrib.postgres.indexes.HashIndex(fields=["leaf_hash"], name="journal_leaf_by_hash"),
        ),
    ]
