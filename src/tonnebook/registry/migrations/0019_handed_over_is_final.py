"""Nothing is posted out of a hand-over account: the guard of many rows had left that type of account out (A6)."""

from django.db import migrations

_SIDES = """
            bool_or(account.id IS NULL),
            bool_or(side.leaves AND account.type IN ('SURRENDER', 'RETIREMENT', 'CANCELLATION', 'HANDOVER'))
"""
_OF_SIDES = """
        FROM (
            SELECT debit_account_id AS id, true AS leaves FROM written
            UNION ALL SELECT credit_account_id, false FROM written
        ) AS side LEFT JOIN registry_account AS account ON account.id = side.id
"""

# Many are asked about in a text, which is planned for the rows that are there.
POSTINGS = f"""
CREATE OR REPLACE FUNCTION registry_check_written() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    is_unknown boolean;
    is_final boolean;
BEGIN
    IF (SELECT count(*) FROM written) < 100 THEN
        SELECT {_SIDES} INTO is_unknown, is_final {_OF_SIDES};
    ELSE
        EXECUTE $many$SELECT {_SIDES} {_OF_SIDES}$many$ INTO is_unknown, is_final;
    END IF;
    IF is_unknown OR EXISTS (
        SELECT FROM (SELECT DISTINCT transfer_id, asset_id FROM written) AS named
        WHERE NOT EXISTS (SELECT FROM registry_transfer WHERE id = named.transfer_id)
           OR NOT EXISTS (SELECT FROM registry_asset WHERE id = named.asset_id)
    ) THEN
        RAISE EXCEPTION 'a posting names a transfer, an account or an asset that does not exist (A2)'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    IF is_final THEN
        RAISE EXCEPTION 'nothing leaves a terminal account (A6)' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
"""  # noqa: S608  our own text


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0018_reserves"),
    ]

    operations = [
        migrations.RunSQL(POSTINGS),
    ]
