"""The names that Airflow DAG files and provider packages import; what they mean lives in ``tradewind``.

Importing this package reads no configuration, sets up no logging and opens no database. Everything below it is looked
up in tables (``_names_*``) by the finder when it is first imported; ``airflow.providers`` stays open for wheels.
"""

from airflow._finder import attribute, extended, install

__version__ = "2.11.2"

__path__ = extended(__path__)
install()


def __getattr__(name: str) -> object:
    """``airflow.DAG``, ``airflow.XComArg`` … and submodules, on first use (PEP 562)."""
    value = attribute(__name__, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), "DAG", "Dataset", "DatasetAlias", "XComArg"})
