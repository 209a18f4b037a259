"""Operators that ask people: a choice, an approval, a form.

Nobody can answer here yet (the question has no page and no operation of the API): a question with ``response_timeout``
ends by it, with its defaults when it has some; one without is refused when it runs, as it would wait forever. The DAG's
warning says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import quote

from tradewind.sdk import timezone
from tradewind.sdk.exceptions import AirflowException, AirflowFailException
from tradewind.sdk.operator import BaseOperator
from tradewind.sdk.params import ParamsDict
from tradewind.sdk.settings import config_value
from tradewind.standard.branch import BranchMixIn
from tradewind.standard.skipping import SkipMixin
from tradewind.standard.triggers import DateTimeTrigger


class HITLTriggerEventError(AirflowException):
    """The wait for an answer ended with an error."""


class HITLTimeoutError(HITLTriggerEventError):
    """Nobody answered in time, and there are no defaults."""


class HITLRejectException(AirflowException):
    """Somebody said no, and the task is to fail then."""


class HITLOperator(BaseOperator):
    """Asks people to choose among ``options``, and to fill in ``params``."""

    template_fields: Sequence[str] = ("subject", "body")

    def __init__(
        self,
        *,
        subject: str,
        options: list[str],
        body: str | None = None,
        defaults: str | list[str] | None = None,
        multiple: bool = False,
        params: Any = None,
        notifiers: Any = None,
        assigned_users: Any = None,
        response_timeout: timedelta | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.subject = subject
        self.options = options
        self.body = body
        self.defaults = [defaults] if isinstance(defaults, str) else defaults
        self.multiple = multiple
        self.params = params if isinstance(params, ParamsDict) else ParamsDict(params or {})
        self.notifiers = _listed(notifiers)
        self.assigned_users = _listed(assigned_users)
        self.response_timeout = response_timeout
        self._check()

    def _check(self) -> None:
        if not self.options:
            raise ValueError('"options" cannot be empty.')
        if "_options" in self.params:
            raise ValueError('"_options" is not allowed in params')
        if self.defaults is None:
            return
        if not set(self.defaults) <= set(self.options):
            raise ValueError(f'defaults "{self.defaults}" should be a subset of options "{self.options}"')
        if len(self.defaults) > 1 and not self.multiple:
            raise ValueError('More than one defaults given when "multiple" is set to False.')

    def execute(self, context: Any) -> Any:
        """Tell the notifiers, then wait."""
        for notify in self.notifiers:
            notify(context)
        if self.response_timeout is None:
            raise AirflowFailException(
                f"{self.task_id!r} asks people for input and nobody can answer here: "
                "give it response_timeout and defaults"
            )
        moment = timezone.utcnow() + self.response_timeout
        self.defer(trigger=DateTimeTrigger(moment=moment), method_name="execute_complete")

    def execute_complete(self, context: Any, event: Any = None) -> Any:
        """The time is over: the defaults are the answer."""
        if self.defaults is None:
            raise HITLTimeoutError(f"nobody answered within {self.response_timeout}, and there are no defaults")
        return {
            "chosen_options": self.defaults,
            "params_input": self.params.dump(),
            "responded_at": timezone.utcnow(),
            "responded_by_user": None,
        }

    @classmethod
    def generate_link_to_ui_from_context(
        cls,
        *,
        context: Mapping[str, Any],
        base_url: str | None = None,
        options: list[str] | None = None,
        params_input: Mapping[str, Any] | None = None,
    ) -> str:
        """The address of the task instance's page, for notifications."""
        return context["task"].generate_link_to_ui(  # type: ignore[no-any-return]  # the operator's own
            task_instance=context["ti"], base_url=base_url, options=options, params_input=params_input
        )

    def generate_link_to_ui(
        self,
        *,
        task_instance: Any,
        base_url: str | None = None,
        options: list[str] | None = None,
        params_input: Mapping[str, Any] | None = None,
    ) -> str:
        """The same, of this task. Raises ValueError for options or params that it has not."""
        unknown = [*(set(options or ()) - set(self.options)), *(set(params_input or ()) - set(self.params))]
        if unknown:
            raise ValueError(f"{unknown} are not among the options and params of {self.task_id!r}")
        base = (base_url or str(config_value("webserver", "base_url", ""))).rstrip("/")
        place = (task_instance.dag_id, "runs", task_instance.run_id, "tasks", task_instance.task_id)
        return f"{base}/dags/{'/'.join(quote(part, safe='') for part in place)}"


class ApprovalOperator(HITLOperator, SkipMixin):
    """Asks for a yes. After a no, what follows is skipped, or (``fail_on_reject``) the task fails."""

    inherits_from_skipmixin = True
    APPROVE: ClassVar[str] = "Approve"
    REJECT: ClassVar[str] = "Reject"

    def __init__(
        self, *, ignore_downstream_trigger_rules: bool = False, fail_on_reject: bool = False, **kwargs: Any
    ) -> None:
        for name in ("options", "multiple"):
            if name in kwargs:
                raise ValueError(f"Passing {name} to ApprovalOperator is not allowed.")
        self.ignore_downstream_trigger_rules = ignore_downstream_trigger_rules
        self.fail_on_reject = fail_on_reject
        super().__init__(options=[self.APPROVE, self.REJECT], multiple=False, **kwargs)

    def execute_complete(self, context: Any, event: Any = None) -> Any:
        """Go on, skip, or fail."""
        answer = super().execute_complete(context, event)
        if answer["chosen_options"] == [self.APPROVE]:
            return answer
        if self.fail_on_reject:
            raise HITLRejectException('Receive "Reject"')
        self.log.info("Rejected: what follows is skipped")
        self.skip(context["ti"], self._followers(context))
        return answer

    def _followers(self, context: Any) -> Iterator[Any]:
        task = context["task"]
        of_task = task.get_flat_relatives if self.ignore_downstream_trigger_rules else task.get_direct_relatives
        return (each for each in of_task(upstream=False) if not each.is_teardown)


class HITLBranchOperator(HITLOperator, BranchMixIn):
    """Asks which way to go; options are task ids, or names of them by ``options_mapping``."""

    inherits_from_skipmixin = True

    def __init__(self, *, options_mapping: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.options_mapping = options_mapping or {}
        unknown = set(self.options_mapping) - set(self.options)
        if unknown:
            raise ValueError(f"options_mapping has {sorted(unknown)}, which are no options")

    def execute_complete(self, context: Any, event: Any = None) -> Any:
        """Follow what was chosen, skip the rest."""
        answer = super().execute_complete(context, event)
        return self.do_branch(context, [self.options_mapping.get(each, each) for each in answer["chosen_options"]])


class HITLEntryOperator(HITLOperator):
    """Asks for params; the one option is to be done."""

    OK: ClassVar[str] = "OK"

    def __init__(self, **kwargs: Any) -> None:
        if "options" not in kwargs:
            kwargs["options"] = [self.OK]
            kwargs.setdefault("defaults", [self.OK])
        super().__init__(**kwargs)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
