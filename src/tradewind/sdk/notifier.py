"""BaseNotifier: a callback with templates, for ``on_failure_callback`` and its sisters."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from .context import context_merge
from .logging_mixin import LoggingMixin
from .templating import Templater

if TYPE_CHECKING:
    from .dag import DAG


class BaseNotifier(Templater, LoggingMixin):
    """Subclass, take arguments in ``__init__``, send in ``notify``."""

    template_fields: Sequence[str] = ()
    template_ext: Sequence[str] = ()
    is_notifier: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self.resolve_template_files()

    def _update_context(self, context: Any) -> Any:
        # Arguments may use one another in their templates, as names of the context.
        own = ((name, getattr(self, name, None)) for name in self.template_fields)
        context_merge(context, dict(own))
        return context

    def _render(self, template: Any, context: Any, dag: DAG | None = None) -> Any:
        return super()._render(template, context, dag or context["dag"])

    @abstractmethod
    def notify(self, context: Any) -> None:
        """Send the notification."""
        raise NotImplementedError

    def __call__(self, *args: Any) -> None:
        """Called as a callback with the context (or, for missed SLAs, with five arguments)."""
        if len(args) == 1:
            context = args[0]
        else:
            names = ("dag", "task_list", "blocking_task_list", "slas", "blocking_tis")
            context = dict(zip(names, args, strict=False))
        self._update_context(context)
        dag = context.get("dag")
        self.render_template_fields(context, self.get_template_env(dag=dag) if dag is not None else None)
        try:
            self.notify(context)
        except Exception:
            self.log.exception("Failed to send notification")
