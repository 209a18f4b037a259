"""Operators whose work is a coroutine."""

from __future__ import annotations

from typing import Any

from .operator import BaseOperator


class BaseAsyncOperator(BaseOperator):
    """Subclasses define ``aexecute``; it runs in an event loop of the task's own."""

    @property
    def is_async(self) -> bool:
        """Whether the work is a coroutine."""
        return True

    async def aexecute(self, context: Any) -> Any:
        """The work. Its result is the XCom."""
        raise NotImplementedError(f"{type(self).__name__} must define aexecute()")

    def execute(self, context: Any) -> Any:
        """Run ``aexecute`` to its end; within ``execution_timeout``, as any task."""
        import asyncio  # large, and most tasks have no loop

        return asyncio.run(self.aexecute(context))
