"""Look for postings that stand for nothing by counting: asked whether there is one, the planner goes row by row."""

from django.db import migrations

# Every key is unique, so as many rows come out of the joins as go in unless one of them finds nothing.
KNOWN = """
CREATE OR REPLACE FUNCTION registry_posting_known() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM written) <> (
        SELECT count(*) FROM written
        JOIN registry_transfer AS transfer ON transfer.id = written.transfer_id
        JOIN registry_account AS debit ON debit.id = written.debit_account_id
        JOIN registry_account AS credit ON credit.id = written.credit_account_id
        JOIN registry_asset AS asset ON asset.id = written.asset_id
    ) THEN
        RAISE EXCEPTION 'a posting names a transfer, an account or an asset that does not exist (A2)'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0010_transfer_corrects"),
    ]

    operations = [migrations.RunSQL(KNOWN, migrations.RunSQL.noop)]
