"""The settings of one process: read once from environment, airflow.cfg, commands and secrets; frozen afterwards.

The order, as in Airflow: environment variable (plain, ``_CMD``, ``_SECRET``), airflow.cfg, ``key_cmd`` and
``key_secret`` in airflow.cfg, default. This file and ``model.times`` are the only readers of the process's
surroundings.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tradewind.model.errors import ConfigError

from .airflow_cfg import read_airflow_cfg
from .keys import KEY_FILES, read_key, write_missing_key
from .option import Option, OptionValue, env_name, parse_bool
from .options import FORMER_NAMES, OPTIONS, PRESENT_NAMES, PROVIDER_SECRETS, Name
from .shortcuts import Shortcuts
from .sources import run_command, secret_from_backend
from .without_effect import remarks

SecretLookup = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and where it came from, e.g. "environment variable AIRFLOW__CORE__PARALLELISM" or "default"."""

    value: OptionValue
    source: str


@dataclass(frozen=True, slots=True)
class Settings(Shortcuts):
    """All options, resolved. Ask by ``get(section, key)``, or by the properties in Shortcuts."""

    home: Path
    config_file: Path
    values: Mapping[Name, Setting]
    """Declared options, and what airflow.cfg has beside them."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """AIRFLOW__* variables: undeclared options (a provider's) are looked up here when they are asked for."""
    warnings: tuple[str, ...] = ()
    """Former names in use, to be told to the user by whoever loaded."""
    secrets: frozenset[Name] = PROVIDER_SECRETS
    """Options of providers whose values must not be shown."""

    def get(self, section: str, key: str, fallback: Any = None) -> Any:
        """The option's typed value; a text for one that is not declared; ``fallback`` when nothing is set."""
        setting = self._find(section, key)
        return fallback if setting is None or setting.value is None else setting.value

    def text(self, section: str, key: str, fallback: str = "") -> str:
        """The value as a text, as airflow.cfg would have it."""
        value = self.get(section, key)
        return fallback if value is None else str(value)

    def boolean(self, section: str, key: str, fallback: bool = False) -> bool:
        """The value as a bool. Raises ConfigError for a text that is none."""
        value = self.get(section, key)
        if value is None or isinstance(value, bool):
            return fallback if value is None else value
        try:
            return parse_bool(str(value))
        except ValueError:
            raise ConfigError(self._complaint(section, key, "True or False")) from None

    def integer(self, section: str, key: str, fallback: int = 0) -> int:
        """The value as an int. Raises ConfigError for a text that is none."""
        value = self.get(section, key)
        try:
            return fallback if value is None else int(value)
        except ValueError:
            raise ConfigError(self._complaint(section, key, "a whole number")) from None

    def number(self, section: str, key: str, fallback: float = 0.0) -> float:
        """The value as a float. Raises ConfigError for a text that is none."""
        value = self.get(section, key)
        try:
            return fallback if value is None else float(value)
        except ValueError:
            raise ConfigError(self._complaint(section, key, "a number")) from None

    def items(self, section: str, key: str) -> tuple[str, ...]:
        """A text with commas as its parts, without blanks and empty ones."""
        return tuple(part.strip() for part in self.text(section, key).split(",") if part.strip())

    def has(self, section: str, key: str) -> bool:
        """Whether the option has a value from anywhere."""
        setting = self._find(section, key)
        return setting is not None and setting.value is not None

    def explain(self, section: str, key: str) -> str:
        """Where the value came from, in words; "not set" when there is none."""
        setting = self._find(section, key)
        return "not set" if setting is None else setting.source

    def sections(self) -> tuple[str, ...]:
        """Names of all sections, declared ones first."""
        return tuple(dict.fromkeys(section for section, _ in self._names()))

    def section(self, name: str) -> dict[str, OptionValue]:
        """Key → value of one section; empty when there is none."""
        keys = [key for section, key in self._names() if section == name.lower()]
        return {key: self.get(name, key) for key in keys}

    def is_sensitive(self, section: str, key: str) -> bool:
        """Whether the value must not be shown."""
        name = _present_name(section, key)
        option = OPTIONS.get(name)
        return name in self.secrets or (option is not None and option.sensitive)

    def replace(self, changes: Mapping[Name, OptionValue], source: str = "command line") -> Settings:
        """The settings with some values replaced; texts are checked like any other."""
        new = dict(self.values)
        for name, value in changes.items():
            option = OPTIONS.get(name)
            parsed = option.parse(value, source) if option and isinstance(value, str) else value
            new[name] = Setting(parsed, source)
        return replace(self, values=MappingProxyType(new))

    def _names(self) -> list[Name]:
        # A section's dots are underscores in a variable: what is known says which it was.
        known = {env_name(*name): name for name in self.values}
        from_environment = (known.get(variable) or _name_of_variable(variable) for variable in self.environment)
        return list(dict.fromkeys([*self.values, *(name for name in from_environment if name is not None)]))

    def _find(self, section: str, key: str) -> Setting | None:
        name = _present_name(section, key)
        setting = self.values.get(name)
        if name in OPTIONS:
            return setting
        variable = env_name(*name)
        if variable in self.environment:
            return Setting(_expand(self.environment[variable]), f"environment variable {variable}")
        return setting

    def _complaint(self, section: str, key: str, expected: str) -> str:
        shown = "a value that is not shown" if self.is_sensitive(section, key) else repr(self.get(section, key))
        return f"[{section}] {key} is {shown} (from {self.explain(section, key)}); expected {expected}"


def load_settings(
    environ: Mapping[str, str] | None = None,
    *,
    home: Path | None = None,
    overrides: Mapping[Name, OptionValue] | None = None,
    secret_lookup: SecretLookup | None = None,
) -> Settings:
    """Settings from this process's surroundings, or from ``environ``. Raises ConfigError for what cannot be used.

    ``secret_lookup`` answers ``_SECRET`` options; by default the class in [secrets] backend is made and asked.
    """
    environ = os.environ if environ is None else environ
    home = home or find_home(environ)
    config_file = (
        Path(_expand(environ.get("AIRFLOW_CONFIG", ""))) if environ.get("AIRFLOW_CONFIG") else home / "airflow.cfg"
    )
    reader = _Reader(environ, read_airflow_cfg(config_file), config_file, home, secret_lookup)
    values = {name: reader.read(option) for name, option in OPTIONS.items()}
    for name in reader.undeclared():
        values[name] = reader.read_undeclared(name)
    reader.warnings += reader.remarks(values)
    settings = Settings(
        home=home,
        config_file=config_file,
        values=MappingProxyType(values),
        environment=MappingProxyType({key: value for key, value in environ.items() if key.startswith("AIRFLOW__")}),
        warnings=tuple(dict.fromkeys(reader.warnings)),
    )
    return settings.replace(overrides) if overrides else settings


def ensure_keys(settings: Settings) -> Settings:
    """The settings with a Fernet key and a secret key: those that nobody configured are made and kept in the home."""
    missing = [name for name in KEY_FILES if not settings.get(*name)]
    for name in missing:
        write_missing_key(settings.home, name)
    changes: dict[Name, OptionValue] = {name: read_key(settings.home, name) for name in missing}
    return settings.replace(changes, source=f"key files in {settings.home}") if missing else settings


def find_home(environ: Mapping[str, str]) -> Path:
    """The home folder: AIRFLOW_HOME, else TRADEWIND_HOME, else ~/tradewind."""
    text = environ.get("AIRFLOW_HOME") or environ.get("TRADEWIND_HOME") or "~/tradewind"
    return Path(os.path.abspath(_expand(text)))


class _Reader:
    """Finds the text of one option after the other; remembers former names that it met."""

    def __init__(
        self,
        environ: Mapping[str, str],
        file: Mapping[Name, str],
        path: Path,
        home: Path,
        secret_lookup: SecretLookup | None,
    ) -> None:
        self._environ = environ
        self._file = file
        self._path = path
        self._home = home
        self._secret_lookup = secret_lookup
        self.warnings: list[str] = []

    def read(self, option: Option) -> Setting:
        """The option's value by the first source that has it."""
        name = (option.section, option.key)
        found = self._first_text(name, sensitive=option.sensitive)
        if found is None and name in KEY_FILES and (key := read_key(self._home, name)):
            return Setting(key, f"file {self._home / KEY_FILES[name]}")
        if found is None:
            return Setting(self._default(option), "default")
        text, source = found
        return Setting(option.parse(text, source), source)

    def undeclared(self) -> list[Name]:
        """What airflow.cfg has that nobody declared: a provider's options, mostly."""
        return [name for name in self._file if name not in OPTIONS and name not in PRESENT_NAMES]

    def read_undeclared(self, name: Name) -> Setting:
        """Such an option's text; a secret one may be given by a command."""
        text, source = self._first_text(name, sensitive=name in PROVIDER_SECRETS) or ("", "default")
        return Setting(text, source)

    def remarks(self, values: Mapping[Name, Setting]) -> Iterator[str]:
        """What is set and does nothing."""
        strange = [name for name in values if name not in OPTIONS]
        variables = (_name_of_variable(one) for one in self._environ if one.startswith("AIRFLOW__"))
        strange += [name for name in variables if name is not None and name not in OPTIONS]
        return remarks({name: (one.value, one.source) for name, one in values.items()}, strange)

    def _first_text(self, name: Name, *, sensitive: bool) -> tuple[str, str] | None:
        names = (name, *FORMER_NAMES.get(name, ()))
        for find in (self._from_environment, self._from_file):
            for spelling in names:
                found = find(spelling, sensitive)
                if found is not None:
                    self._note_former_name(name, spelling, found[1])
                    return found
        return None

    def _from_environment(self, name: Name, sensitive: bool) -> tuple[str, str] | None:
        variable = env_name(*name)
        if variable in self._environ:
            return _expand(self._environ[variable]), f"environment variable {variable}"
        if not sensitive:
            return None
        if command := self._environ.get(f"{variable}_CMD"):
            return run_command(command, f"{variable}_CMD"), f"command in environment variable {variable}_CMD"
        if secret := self._environ.get(f"{variable}_SECRET"):
            return self._ask_secret(secret, f"{variable}_SECRET"), f"secret in environment variable {variable}_SECRET"
        return None

    def _from_file(self, name: Name, sensitive: bool) -> tuple[str, str] | None:
        section, key = name
        if name in self._file:
            return _expand(self._file[name]), f"[{section}] {key} in {self._path}"
        if not sensitive:
            return None
        if command := self._file.get((section, f"{key}_cmd")):
            return run_command(command, f"[{section}] {key}_cmd"), f"command [{section}] {key}_cmd in {self._path}"
        if secret := self._file.get((section, f"{key}_secret")):
            where = f"[{section}] {key}_secret"
            return self._ask_secret(secret, where), f"secret {where} in {self._path}"
        return None

    def _ask_secret(self, secret: str, where: str) -> str:
        lookup = self._secret_lookup or self._configured_backend(where)
        value = lookup(secret)
        if value is None:
            raise ConfigError(f"{where} asks the secrets back end for {secret!r}, which it does not have")
        return value

    def _configured_backend(self, where: str) -> SecretLookup:
        backend = self.read(OPTIONS["secrets", "backend"]).value
        kwargs = self.read(OPTIONS["secrets", "backend_kwargs"]).value
        return secret_from_backend(str(backend or ""), str(kwargs or ""), where)

    def _default(self, option: Option) -> OptionValue:
        if isinstance(option.default, str):
            return option.default.replace("{home}", str(self._home))
        return option.default

    def _note_former_name(self, name: Name, spelling: Name, source: str) -> None:
        if spelling != name:
            self.warnings.append(
                f"{source} uses the former name [{spelling[0]}] {spelling[1]}; it is [{name[0]}] {name[1]} now"
            )


def _present_name(section: str, key: str) -> Name:
    name = (section.lower(), key.lower())
    return PRESENT_NAMES.get(name, name)


def _name_of_variable(variable: str) -> Name | None:
    """The undeclared option that an AIRFLOW__SECTION__KEY variable sets; None when a declared one has that name."""
    section, separator, key = variable.removeprefix("AIRFLOW__").partition("__")
    name = (section.lower(), key.lower())
    is_indirect = name[1].endswith(("_cmd", "_secret"))
    return None if not separator or not key or is_indirect or name in PRESENT_NAMES else name


def _expand(text: str) -> str:
    """``~`` and ``$NAME`` replaced, as Airflow does with every value."""
    for _ in range(8):
        expanded = os.path.expandvars(os.path.expanduser(text))
        if expanded == text:
            return text
        text = expanded
    return text
