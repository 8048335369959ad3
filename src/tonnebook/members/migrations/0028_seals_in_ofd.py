"""Electronic seals in OFD files: what they are over, and the digest of the file with the seal in it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two columns without a default: no row is written anew."""

    dependencies = [
        ("members", "0027_papers_as_ofd"),
    ]

    operations = [
        migrations.AddField(
            model_name="paper",
            name="ofd_sm3",
            field=models.CharField(max_length=64, null=True),
        ),
        migrations.AddField(
            model_name="papertwin",
            name="file_sha256",
            field=models.CharField(max_length=64, null=True),
        ),
    ]
