"""A document may be a signed risk letter or entry agreement."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The words are known to the program; the database keeps them as text."""

    dependencies = [
        ("members", "0021_news"),
    ]

    operations = [
        migrations.AlterField(
            model_name="document",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("APPLICATION", "APPLICATION"),
                    ("AUTHORISATION", "AUTHORISATION"),
                    ("IDENTITY", "IDENTITY"),
                    ("CONTRACT", "CONTRACT"),
                    ("JUDGMENT", "JUDGMENT"),
                    ("SUCCESSION", "SUCCESSION"),
                    ("EVIDENCE", "EVIDENCE"),
                    ("STAMPED_PRINT", "STAMPED_PRINT"),
                    ("RISK_LETTER", "RISK_LETTER"),
                    ("ENTRY", "ENTRY"),
                ],
                max_length=13,
            ),
        ),
    ]
