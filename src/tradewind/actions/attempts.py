"""What a running attempt may ask, answered over storage inside the caller's transaction: the Gateway of wire.messages.

Every request carries the attempt's token; a token that is not the row's any more is refused (the attempt was cleared,
marked or rescued meanwhile) and nothing changes. A request that comes twice (a worker re-sends what a dead scheduler
did not answer) changes nothing the second time and gets the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tradewind.model.errors import AlreadyExists, Forbidden, InvalidInput, NotFound
from tradewind.model.records import TaskInstance
from tradewind.storage.database import Transaction
from tradewind.timetables import registry
from tradewind.wire import messages as wire
from tradewind.wire.plugin_messages import PluginFailed

from . import attempt_ends as ends
from . import attempt_questions as questions
from . import attempt_values as values
from .asking import STALE, Answer, Asking, Specs


def answer(
    tx: Transaction,
    specs: Specs,
    token: str,
    request: wire.AttemptRequest,
    row: TaskInstance | None = None,
    *,
    timetables: registry.TimetableBuilder = registry.build,
) -> Answer:
    """Carry out one request of the attempt that holds ``token``.

    ``row`` is the task instance when the caller has just read it. What is refused on purpose becomes a
    ``wire.Refused``; only defects and database errors are raised, and AnswerPending when ``timetables`` must first ask
    a plugin: nothing was done then, the same request is to come again.
    """
    row = row or tx.task_instances.by_token(token)
    if row is None:
        return answer_without_row(tx, request)
    handler = HANDLERS[type(request)]
    try:
        return handler(Asking(tx, specs, token, row, tx.now, timetables=timetables), request)
    except NotFound as error:
        return Answer(reply=wire.Refused(code="not_found", message=str(error)))
    except AlreadyExists as error:
        return Answer(reply=wire.Refused(code="already_exists", message=str(error)))
    except (InvalidInput, PluginFailed) as error:
        return Answer(reply=wire.Refused(code="invalid", message=str(error)))
    except Forbidden as error:
        return Answer(reply=wire.Refused(code="forbidden", message=str(error)))


def answer_without_row(tx: Transaction, request: wire.AttemptRequest) -> Answer:
    """An attempt whose token no row has was taken off its task instance. Only what it has done counts."""
    if isinstance(request, wire.CallbackDone):
        tx.callbacks.done(request.callback_id)
        return Answer(reply=wire.Ok())
    return Answer(reply=STALE)


HANDLERS: Mapping[type, Callable[[Asking, Any], Answer]] = {
    wire.Start: ends.start,
    wire.Rendered: ends.rendered,
    wire.Place: ends.place,
    wire.Finish: ends.finish,
    wire.CallbackDone: ends.callback_done,
    wire.PutXCom: values.put_xcom,
    wire.GetXComs: values.get_xcoms,
    wire.DeleteXComs: values.delete_xcoms,
    wire.GetVariable: values.get_variable,
    wire.PutVariable: values.put_variable,
    wire.DeleteVariable: values.delete_variable,
    wire.GetConnection: values.get_connection,
    wire.TriggerRun: questions.trigger_run,
    wire.RunSubDag: questions.run_subdag,
    wire.GetRun: questions.get_run,
    wire.GetPreviousRun: questions.get_previous_run,
    wire.CountRuns: questions.count_runs,
    wire.CountTaskInstances: questions.count_task_instances,
    wire.GetTaskStates: questions.get_task_states,
    wire.GetDagInfo: questions.get_dag_info,
    wire.IsLatestRun: questions.is_latest_run,
    wire.ChangeRows: questions.change_rows,
    wire.GetDatasetEvents: questions.get_dataset_events,
    wire.GetTriggeringEvents: questions.get_triggering_events,
    wire.GetAsset: questions.about_assets,
    wire.GetKept: questions.about_assets,
    wire.PutKept: questions.about_assets,
    wire.DeleteKept: questions.about_assets,
}
