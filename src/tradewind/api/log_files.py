"""Which file of this machine has the log of a try."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradewind.model.records import RunKey, TaskKey
from tradewind.observability.log_names import Try, log_name, log_name_in

if TYPE_CHECKING:
    from tradewind.storage.database import Transaction

    from .services import Services


def log_file(services: Services, tx: Transaction, run: RunKey, key: TaskKey, try_number: int) -> Path:
    """The log of a try, named as the run names its logs."""
    return services.options.log_folder / name_of_log(tx, run, key, try_number)


def name_of_log(tx: Transaction, run: RunKey, key: TaskKey, try_number: int) -> str:
    """The same relative to the folder of logs."""
    row = tx.runs.get(run)
    if row is None:
        return log_name(None, Try(**run._asdict(), **key._asdict(), try_number=try_number))
    return log_name_in(row, key.task_id, key.map_index, try_number)


def log_files(services: Services, tx: Transaction, run: RunKey, tries: Iterable[Any]) -> list[Path]:
    """The logs of the present tries of some task instances of a run."""
    row = tx.runs.get(run)
    if row is None:
        return []
    folder = services.options.log_folder
    return [folder / log_name_in(row, one.task_id, one.map_index, one.try_number) for one in tries]
