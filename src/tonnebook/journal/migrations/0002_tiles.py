# Tiles follow from the leaves: the integrator stores them again, now every level of them.

import django.db.models.deletion
import django.db.models.lookups
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]

    operations = [
        migrations.DeleteModel(name="JournalTile"),
        migrations.CreateModel(
            name="JournalTile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("level", models.SmallIntegerField()),
                ("index", models.BigIntegerField()),
                ("hashes", models.BinaryField()),
                ("root_hash", models.BinaryField(max_length=32)),
            ],
            options={"db_table": "journal_tile"},
        ),
        migrations.AlterField(
            model_name="journalseq",
            name="leaf",
            field=models.OneToOneField(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="journal.journalleaf",
            ),
        ),
        migrations.AddConstraint(
            model_name="journalleaf",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.LessThanOrEqual(
                        models.Func("payload", function="octet_length", output_field=models.IntegerField()), 65535
                    )
                ),
                name="journal_leaf_fits_a_bundle",
            ),
        ),
        migrations.AddConstraint(
            model_name="journaltile",
            constraint=models.UniqueConstraint(fields=("level", "index"), name="journal_tile_once"),
        ),
        migrations.AddConstraint(
            model_name="journaltile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.Exact(
                        models.Func("hashes", function="octet_length", output_field=models.IntegerField()), 8192
                    )
                ),
                name="journal_tile_full",
            ),
        ),
    ]
