"""How texts become names and answers (offered as ``airflow.utils.helpers`` and ``…strings``)."""

from __future__ import annotations

import re
import secrets
import string

KEY_REGEX = re.compile(r"^[\w.-]+$")
GROUP_KEY_REGEX = re.compile(r"^[\w-]+$")
CAMELCASE_TO_SNAKE_CASE_REGEX = re.compile(r"(?!^)([A-Z]+)")

TRUE_LIKE_VALUES = frozenset({"on", "t", "true", "y", "yes", "1"})
"""Texts that mean yes in settings and forms."""


def convert_camel_to_snake(camel_str: str) -> str:
    """``CamelCase`` as ``camel_case``."""
    return CAMELCASE_TO_SNAKE_CASE_REGEX.sub(r"_\1", camel_str).lower()


def get_random_string(length: int = 8, choices: str = string.ascii_letters + string.digits) -> str:
    """A random text of letters and digits."""
    return "".join(secrets.choice(choices) for _ in range(length))


def to_boolean(astring: str | None) -> bool:
    """Whether the text means yes: on, t, true, y, yes, 1, in any case."""
    return astring is not None and astring.lower() in TRUE_LIKE_VALUES
