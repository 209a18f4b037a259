"""``Operator``: a plain or a mapped task, as type hints name it."""

from __future__ import annotations

from .mapping import MappedOperator
from .operator import BaseOperator

Operator = BaseOperator | MappedOperator
