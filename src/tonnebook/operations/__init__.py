"""Running tonnebook: copies of the database that are proven before they count, and a look at its health.

A backup is PostgreSQL's own (`pg_basebackup`, `pg_receivewal`), checked file by file. A restored database serves nobody
before the second pair of eyes has gone through its books and its log.
"""
