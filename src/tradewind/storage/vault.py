"""Variables and connections, encrypted with Fernet when keys are given; rotation. Tokens are Airflow's own form, so a
vault moves between the two with its key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from tradewind.model.errors import ConfigError

from .rows import ConnectionRow, VariableRow
from .statements import Prepared, insert_for
from .tables_access import CONNECTION, VARIABLE
from .transaction import Work

_V = VARIABLE.c
_C = CONNECTION.c
_VARIABLES = select(_V.id, _V.key, _V.val.label("value"), _V.description, _V.is_encrypted)
_GET_VARIABLE = Prepared(_VARIABLES.where(_V.key == bindparam("key")), VariableRow)
_ALL_VARIABLES = Prepared(_VARIABLES.order_by(_V.id), VariableRow)
_PUT_VARIABLE = Prepared(
    lambda dialect: (insert := insert_for(dialect, VARIABLE)).on_conflict_do_update(
        index_elements=["key"],
        set_={name: insert.excluded[name] for name in ("val", "description", "is_encrypted")},
    ),
    keys=("key", "val", "description", "is_encrypted"),
)
_DELETE_VARIABLE = Prepared(delete(VARIABLE).where(_V.key == bindparam("key")))
_ROTATE_VARIABLE = Prepared(
    update(VARIABLE)
    .where(_V.id == bindparam("k_id"))
    .values(val=bindparam("v_val"), is_encrypted=bindparam("v_is_encrypted"))
)

_PLAIN = ("conn_id", "conn_type", "description", "host", "schema", "login", "port")
_CONNECTION_COLUMNS = (*_PLAIN, "password", "extra", "is_encrypted", "is_extra_encrypted")
_CONNECTIONS = select(*(_C[name] for name in ("id", *_CONNECTION_COLUMNS)))
_GET_CONNECTION = Prepared(_CONNECTIONS.where(_C.conn_id == bindparam("conn_id")))
_ALL_CONNECTIONS = Prepared(_CONNECTIONS.order_by(_C.id))
_PUT_CONNECTION = Prepared(
    lambda dialect: (insert := insert_for(dialect, CONNECTION)).on_conflict_do_update(
        index_elements=["conn_id"], set_={name: insert.excluded[name] for name in _CONNECTION_COLUMNS[1:]}
    ),
    keys=_CONNECTION_COLUMNS,
)
_DELETE_CONNECTION = Prepared(delete(CONNECTION).where(_C.conn_id == bindparam("conn_id")))


_TOKEN = "gAAAA"
"""Every Fernet token begins so: its version, and a time before the year 2106."""


class Cipher:
    """Fernet over a list of keys: the first encrypts, all decrypt. Without keys texts stay plain."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = tuple(key.strip() for key in keys if key.strip())
        self._fernet: Any = None

    @property
    def is_on(self) -> bool:
        """Whether there is a key."""
        return bool(self._keys)

    def encrypt(self, text: str) -> str:
        """The text, encrypted when there is a key."""
        if not self._keys:
            return text
        token: bytes = self._multi().encrypt(text.encode())
        return token.decode()

    def decrypt(self, token: str) -> str:
        """What :meth:`encrypt` got. Raises ConfigError when no key fits."""
        # Imported late: half of what opens a database never looks into the vault.
        from cryptography.fernet import InvalidToken

        if not self._keys:
            raise ConfigError("the value is encrypted, and [core] fernet_key is empty; set the key it was written with")
        try:
            plain: bytes = self._multi().decrypt(token.encode())
        except InvalidToken as problem:
            raise ConfigError(
                "no key of [core] fernet_key decrypts the value; add the key it was written with"
            ) from problem
        return plain.decode()

    def reveal(self, text: str) -> str:
        """What :meth:`encrypt` got, with a key or without. Raises ConfigError when no key fits."""
        return self.decrypt(text) if text.startswith(_TOKEN) else text

    def _multi(self) -> Any:
        if self._fernet is None:
            from cryptography.fernet import Fernet, MultiFernet  # late: see decrypt

            try:
                self._fernet = MultiFernet([Fernet(key.encode()) for key in self._keys])
            except ValueError as problem:
                raise ConfigError(f"[core] fernet_key: {problem}; make one with Fernet.generate_key()") from problem
        return self._fernet


class VaultStore:
    """Variables and connections, in plain text to those who ask."""

    def __init__(self, work: Work, cipher: Cipher) -> None:
        self._work = work
        self._cipher = cipher

    # Variables ------------------------------------------------------------------------------------------------------

    def variable_value(self, key: str) -> str | None:
        """A variable's value; None when there is none."""
        row = self.get_variable(key)
        return None if row is None else row.value

    def get_variable(self, key: str) -> VariableRow | None:
        """A variable."""
        row = self._work.one(_GET_VARIABLE, key=key)
        return None if row is None else self._open(row)

    def all_variables(self) -> list[VariableRow]:
        """All variables, in the order in which they were made."""
        return [self._open(row) for row in self._work.all(_ALL_VARIABLES)]

    def put_variable(self, key: str, value: str, description: str | None = None) -> None:
        """Make or replace a variable."""
        self._work.run(
            _PUT_VARIABLE,
            key=key,
            val=self._cipher.encrypt(value),
            description=description,
            is_encrypted=self._cipher.is_on,
        )

    def delete_variable(self, key: str) -> bool:
        """Delete a variable; whether there was one."""
        return bool(self._work.run(_DELETE_VARIABLE, key=key))

    def _open(self, row: VariableRow) -> VariableRow:
        if not row.is_encrypted or row.value is None:
            return row
        return VariableRow(
            id=row.id,
            key=row.key,
            value=self._cipher.decrypt(row.value),
            description=row.description,
            is_encrypted=True,
        )

    # Connections ----------------------------------------------------------------------------------------------------

    def get_connection(self, conn_id: str) -> ConnectionRow | None:
        """A connection."""
        row = self._work.one(_GET_CONNECTION, conn_id=conn_id)
        return None if row is None else self._connection(row)

    def all_connections(self) -> list[ConnectionRow]:
        """All connections, in the order in which they were made."""
        return [self._connection(row) for row in self._work.all(_ALL_CONNECTIONS)]

    def put_connection(self, row: ConnectionRow) -> None:
        """Make or replace a connection (``id`` is not looked at)."""
        cipher = self._cipher
        values = {name: getattr(row, name) for name in _PLAIN}
        self._work.run(
            _PUT_CONNECTION,
            **values,
            password=cipher.encrypt(row.password) if row.password else row.password,
            extra=cipher.encrypt(row.extra) if row.extra else row.extra,
            is_encrypted=cipher.is_on and bool(row.password),
            is_extra_encrypted=cipher.is_on and bool(row.extra),
        )

    def delete_connection(self, conn_id: str) -> bool:
        """Delete a connection; whether there was one."""
        return bool(self._work.run(_DELETE_CONNECTION, conn_id=conn_id))

    def _connection(self, row: tuple[Any, ...]) -> ConnectionRow:
        values = dict(zip(("id", *_CONNECTION_COLUMNS), row, strict=True))
        if values.pop("is_encrypted") and values["password"]:
            values["password"] = self._cipher.decrypt(values["password"])
        if values.pop("is_extra_encrypted") and values["extra"]:
            values["extra"] = self._cipher.decrypt(values["extra"])
        return ConnectionRow(**values)

    def rotate(self) -> int:
        """Encrypt everything with the first key; how many rows. Raises ConfigError without keys."""
        if not self._cipher.is_on:
            raise ConfigError("rotating needs a key: set [core] fernet_key to new_key,old_key")
        variables, connections = self.all_variables(), self.all_connections()
        for variable in variables:
            if variable.value is not None:
                self._work.run(
                    _ROTATE_VARIABLE, k_id=variable.id, v_val=self._cipher.encrypt(variable.value), v_is_encrypted=True
                )
        for connection in connections:
            self.put_connection(connection)
        return len(variables) + len(connections)
