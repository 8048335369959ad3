from django.db import migrations

# To compress half a megabyte for each thousand orders took the server as long as to write their rows, and nearly half of
# it are hashes.
PLAIN = """
ALTER TABLE market_batch ALTER COLUMN lines SET STORAGE EXTERNAL;
ALTER TABLE market_command ALTER COLUMN instructions SET STORAGE EXTERNAL, ALTER COLUMN answers SET STORAGE EXTERNAL;
"""
COMPRESSED = """
ALTER TABLE market_batch ALTER COLUMN lines SET STORAGE EXTENDED;
ALTER TABLE market_command ALTER COLUMN instructions SET STORAGE EXTENDED, ALTER COLUMN answers SET STORAGE EXTENDED;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("market", "0022_exemptions"),
    ]

    operations = [migrations.RunSQL(PLAIN, COMPRESSED)]
