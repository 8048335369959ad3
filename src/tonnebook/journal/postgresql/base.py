"""A connection that tells the server the scope of `journal.tenancy` before the statement that needs it.

Before every statement the connection compares the scope of the running flow with what it last told this very server
session; only a difference costs a statement of its own. Inside a transaction the scope is set for that transaction
(`SET LOCAL`); a single statement outside one gets it for the session, because a transaction around each read would
cost three round trips. A pooled session cannot leak it: a connection that was just taken has told nothing yet, so its
first statement always tells, and a session that goes back to the pool forgets everything.

With the scope goes the database role: what is done in the public's reach is done as the role of public pages, which
holds grants on public tables only. A page of the public that reaches for anything else gets an error, not a row.
"""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Reach

_NAMES = ("reach", "region", "district", "organisation", "person")
# `set_config('role', …)` is SET ROLE, or SET LOCAL ROLE, in the same round trip; "none" is the role that connected.
_TELL = "SELECT set_config('role', %s, %s), " + ", ".join(f"set_config('tonnebook.{name}', %s, %s)" for name in _NAMES)
_OWN_ROLE = "none"


def role_of(scope: tenancy.Scope) -> str:
    """Name the database role of a scope: the one of public pages for the public's, where the server has it."""
    return settings.PUBLIC_ROLE if settings.PUBLIC_ROLE and scope.reach is Reach.PUBLIC else _OWN_ROLE


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's connection, with a scope."""

    def __init__(self, settings_dict: dict[str, Any], alias: str = "default") -> None:
        """Look at the scope before every statement that Django sends."""
        super().__init__(settings_dict, alias)
        # What the session was told outside of any transaction, and what holds now.
        self._session_told: tenancy.Scope | None = None
        self._told: tenancy.Scope | None = None
        self.execute_wrappers.append(self._tell_first)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Open a session or take one from the pool; it has been told nothing."""
        self._told = self._session_told = None
        return super().get_new_connection(conn_params)

    def tell_scope(self) -> None:
        """Tell the server the scope of the running flow, unless it knows; a failed transaction is left alone."""
        scope, session = tenancy.current(), self.connection
        if scope == self._told or session.info.transaction_status is TransactionStatus.INERROR:
            return
        told = (role_of(scope), scope.reach, scope.region, scope.district, scope.organisation, scope.person)
        is_local = not self.autocommit
        with self.wrap_database_errors:
            session.execute(_TELL, [part for value in told for part in (value, is_local)], prepare=True)
        self._told = scope
        if not is_local:
            self._session_told = scope

    def _tell_first(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Mapping[str, Any]
    ) -> Any:
        self.tell_scope()
        return execute(sql, params, many, context)

    # What a transaction was told ends with it, and what a savepoint was told ends when it is rolled back.

    def _commit(self) -> None:
        self._told = self._session_told
        super()._commit()  # type: ignore[misc]

    def _rollback(self) -> None:
        self._told = self._session_told
        super()._rollback()  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]
        self._told = None

    def _close(self) -> None:
        # A session that goes back to the pool forgets; one that is broken is thrown away by the pool.
        if self.pool and self.connection is not None:
            with contextlib.suppress(psycopg.Error):
                nothing = (_OWN_ROLE, *("" for _ in _NAMES))
                self.connection.execute(_TELL, [part for value in nothing for part in (value, False)])
        super()._close()  # type: ignore[misc]
