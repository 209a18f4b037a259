"""Names of Airflow's ORM: sessions and mapped classes. They lead to the compat classes, which read the database and
send what is written to the scheduler. TaskInstance, DagRun, XCom, Variable and Connection are in the other tables:
light classes that stand in queries all the same (tradewind.sdk.queryable)."""

_SESSION = "tradewind.orm.session"
_MODELS = "tradewind.orm.models"

MODULES: dict[str, dict[str, str]] = {
    "airflow.settings": {_SESSION: "Session=scoped engine=ENGINE NEW_SESSION"},
    "airflow.utils.session": {_SESSION: "NEW_SESSION create_session provide_session"},
    "airflow.utils.db": {_SESSION: "create_session provide_session"},
    "airflow.models": {
        _MODELS: (
            "Base DagModel DagOwnerAttributes DagTag DagWarning Log Pool RenderedTaskInstanceFields SlaMiss TaskFail "
            "TaskInstanceHistory TaskMap TaskReschedule Trigger ImportError=ParseImportError"
        ),
    },
    "airflow.models.base": {_MODELS: "Base", "tradewind.orm.lengths": "ID_LEN COLLATION_ARGS"},
    "airflow.models.dag": {_MODELS: "DagModel DagOwnerAttributes DagTag"},
    "airflow.models.dagcode": {_MODELS: "DagCode"},
    "airflow.models.dagwarning": {_MODELS: "DagWarning"},
    "airflow.models.dagrun": {_MODELS: "DagRunNote"},
    "airflow.models.dataset": {_MODELS: "DatasetEvent DatasetModel"},
    "airflow.models.errors": {_MODELS: "ImportError=ParseImportError ParseImportError"},
    "airflow.models.log": {_MODELS: "Log"},
    "airflow.models.pool": {_MODELS: "Pool", "tradewind.sdk.exceptions": "PoolNotFound"},
    "airflow.models.renderedtifields": {_MODELS: "RenderedTaskInstanceFields"},
    "airflow.models.serialized_dag": {_MODELS: "SerializedDagModel"},
    "airflow.models.slamiss": {_MODELS: "SlaMiss"},
    "airflow.models.taskfail": {_MODELS: "TaskFail"},
    "airflow.models.taskinstance": {_MODELS: "TaskInstanceNote clear_task_instances"},
    "airflow.models.taskinstancehistory": {_MODELS: "TaskInstanceHistory"},
    "airflow.models.taskmap": {_MODELS: "TaskMap"},
    "airflow.models.taskreschedule": {_MODELS: "TaskReschedule"},
    "airflow.models.trigger": {_MODELS: "Trigger"},
    "airflow.jobs.job": {_MODELS: "Job"},
    "airflow.jobs.base_job": {_MODELS: "BaseJob=Job"},
}
