"""What an option is: its name, type, default and how a text becomes its value. The declared ones are in options.py."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tradewind.model.errors import ConfigError

OptionValue = str | int | float | bool | None

_TRUE = frozenset({"t", "true", "1", "yes", "on"})
_FALSE = frozenset({"f", "false", "0", "no", "off"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One declared option. ``kind`` is str, int, float or bool; ``{home}`` in a text default is the home folder."""

    section: str
    key: str
    kind: type
    default: OptionValue
    doc: str
    sensitive: bool = False
    """Masked in listings; may come from ``key_cmd`` and ``key_secret``."""
    choices: tuple[str, ...] = ()
    """Allowed values, compared without case."""
    minimum: float | None = None
    maximum: float | None = None

    @property
    def env_name(self) -> str:
        """The environment variable that sets it."""
        return env_name(self.section, self.key)

    def parse(self, text: str, source: str) -> OptionValue:
        """``text`` as a value of the option. Raises ConfigError that names the option, ``source``, what is allowed."""
        try:
            value = _convert(self.kind, text.strip())
        except ValueError:
            raise self._error(text, source) from None
        if value is None and self.default is not None:
            raise self._error(text, source)
        return self._checked(value, text, source)

    def allowed(self) -> str:
        """What may be written, in words."""
        if self.choices:
            return "one of " + ", ".join(repr(choice) for choice in self.choices)
        words = {bool: "True or False", int: "a whole number", float: "a number"}.get(self.kind, "a text")
        bounds = [f"at least {self.minimum:g}" if self.minimum is not None else ""]
        bounds.append(f"at most {self.maximum:g}" if self.maximum is not None else "")
        return " ".join([words, " and ".join(bound for bound in bounds if bound)]).strip()

    def _checked(self, value: OptionValue, text: str, source: str) -> OptionValue:
        if self.choices and str(value).lower() not in {choice.lower() for choice in self.choices}:
            raise self._error(text, source)
        if isinstance(value, int | float) and not isinstance(value, bool):
            too_small = self.minimum is not None and value < self.minimum
            too_big = self.maximum is not None and value > self.maximum
            if too_small or too_big:
                raise self._error(text, source)
        return value

    def _error(self, text: str, source: str) -> ConfigError:
        shown = "a value that is not shown" if self.sensitive else repr(text)
        return ConfigError(f"[{self.section}] {self.key} is {shown} (from {source}); expected {self.allowed()}")


def env_name(section: str, key: str) -> str:
    """The environment variable of an option: ``AIRFLOW__SECTION__KEY``; dots in a section become underscores."""
    return f"AIRFLOW__{section.replace('.', '_').upper()}__{key.upper()}"


def declare(
    key: str,
    default: OptionValue,
    doc: str,
    *,
    kind: type | None = None,
    sensitive: bool = False,
    choices: tuple[str, ...] = (),
    minimum: float | None = None,
    maximum: float | None = None,
) -> Option:
    """An option without a section yet; its type is the default's unless given."""
    return Option(
        section="",
        key=key,
        kind=kind or (type(default) if default is not None else str),
        default=default,
        doc=doc,
        sensitive=sensitive,
        choices=choices,
        minimum=minimum,
        maximum=maximum,
    )


def in_section(section: str, *options: Option) -> Iterator[Option]:
    """The options, put into ``section``."""
    return (replace(option, section=section) for option in options)


def parse_bool(text: str) -> bool:
    """A yes or no as airflow.cfg writes it, with a comment behind it or not. Raises ValueError."""
    word = text.partition("#")[0].strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError(f"{text!r} is neither True nor False")


def _convert(kind: type, text: str) -> OptionValue:
    if kind is str:
        return text
    if not text:
        # Airflow's file has "key = " for numbers that are optional: nothing is set.
        return None
    if kind is bool:
        return parse_bool(text)
    return int(text, 0) if kind is int and text.lower().startswith(("0o", "0x")) else kind(text)
