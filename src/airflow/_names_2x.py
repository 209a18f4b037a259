"""The table of old places, Airflow 1.10's and early 2.x's: still there, with a RemovedInAirflow3Warning on use.

Those of provider classes lead into the provider package, when it is installed.
"""

_OLD: dict[str, tuple[dict[str, str], str]] = {
    # module: (rows, what to import instead)
    "airflow.hooks.base_hook": ({"tradewind.sdk.lookups": "BaseHook"}, "airflow.hooks.base"),
    "airflow.models.dagparam": ({"tradewind.sdk.params": "DagParam"}, "airflow.models.param"),
    "airflow.operators.bash_operator": ({"tradewind.standard.bash": "BashOperator"}, "airflow.operators.bash"),
    "airflow.operators.branch_operator": (
        {"tradewind.standard.branch": "BaseBranchOperator"},
        "airflow.operators.branch",
    ),
    "airflow.operators.dagrun_operator": (
        {"tradewind.standard.dag_runs": "TriggerDagRunOperator"},
        "airflow.operators.trigger_dagrun",
    ),
    "airflow.operators.dummy": (
        {"tradewind.standard.branch": "DummyOperator=EmptyOperator EmptyOperator"},
        "airflow.operators.empty",
    ),
    "airflow.operators.dummy_operator": (
        {"tradewind.standard.branch": "DummyOperator=EmptyOperator EmptyOperator"},
        "airflow.operators.empty",
    ),
    "airflow.operators.email_operator": ({"tradewind.standard.email": "EmailOperator"}, "airflow.operators.email"),
    "airflow.operators.latest_only_operator": (
        {"tradewind.standard.branch": "LatestOnlyOperator"},
        "airflow.operators.latest_only",
    ),
    "airflow.operators.python_operator": (
        {
            "tradewind.standard.python": "BranchPythonOperator PythonOperator ShortCircuitOperator",
            "tradewind.standard.other_python": "PythonVirtualenvOperator",
        },
        "airflow.operators.python",
    ),
    "airflow.sensors.base_sensor_operator": (
        {"tradewind.sdk.sensor": "BaseSensorOperator"},
        "airflow.sensors.base",
    ),
    "airflow.sensors.date_time_sensor": (
        {"tradewind.standard.waiting": "DateTimeSensor"},
        "airflow.sensors.date_time",
    ),
    "airflow.sensors.external_task_sensor": (
        {"tradewind.standard.external_task": "ExternalTaskMarker ExternalTaskSensor"},
        "airflow.sensors.external_task",
    ),
    "airflow.sensors.time_delta_sensor": (
        {"tradewind.standard.waiting": "TimeDeltaSensor"},
        "airflow.sensors.time_delta",
    ),
    "airflow.contrib.hooks.fs_hook": ({"tradewind.standard.filesystem": "FSHook"}, "airflow.hooks.filesystem"),
    "airflow.contrib.operators.dummy_operator": (
        {"tradewind.standard.branch": "DummyOperator=EmptyOperator"},
        "airflow.operators.empty",
    ),
    "airflow.contrib.sensors.bash_sensor": ({"tradewind.standard.polling": "BashSensor"}, "airflow.sensors.bash"),
    "airflow.contrib.sensors.file_sensor": (
        {"tradewind.standard.polling": "FileSensor"},
        "airflow.sensors.filesystem",
    ),
    "airflow.contrib.sensors.python_sensor": (
        {"tradewind.standard.polling": "PythonSensor"},
        "airflow.sensors.python",
    ),
    "airflow.contrib.sensors.weekday_sensor": (
        {"tradewind.standard.waiting": "DayOfWeekSensor"},
        "airflow.sensors.weekday",
    ),
    "airflow.contrib.utils.weekday": ({"tradewind.sdk.weekday": "WeekDay"}, "airflow.utils.weekday"),
}

_PROVIDERS = """
airflow.contrib.hooks.aws_dynamodb_hook AwsDynamoDBHook=amazon.aws.hooks.dynamodb:DynamoDBHook
airflow.contrib.hooks.aws_hook AwsHook=amazon.aws.hooks.base_aws:AwsBaseHook
airflow.contrib.hooks.aws_lambda_hook AwsLambdaHook=amazon.aws.hooks.lambda_function:LambdaHook
airflow.contrib.hooks.aws_sqs_hook SQSHook=amazon.aws.hooks.sqs:SqsHook
airflow.contrib.hooks.bigquery_hook BigQueryHook=google.cloud.hooks.bigquery:BigQueryHook
airflow.contrib.hooks.gcp_api_base_hook GoogleCloudBaseHook=google.common.hooks.base_google:GoogleBaseHook
airflow.contrib.hooks.gcs_hook GoogleCloudStorageHook=google.cloud.hooks.gcs:GCSHook
airflow.contrib.hooks.mongo_hook MongoHook=mongo.hooks.mongo:MongoHook
airflow.contrib.hooks.redis_hook RedisHook=redis.hooks.redis:RedisHook
airflow.contrib.hooks.sftp_hook SFTPHook=sftp.hooks.sftp:SFTPHook
airflow.contrib.hooks.snowflake_hook SnowflakeHook=snowflake.hooks.snowflake:SnowflakeHook
airflow.contrib.hooks.ssh_hook SSHHook=ssh.hooks.ssh:SSHHook
airflow.contrib.operators.databricks_operator \
DatabricksSubmitRunOperator=databricks.operators.databricks:DatabricksSubmitRunOperator
airflow.contrib.operators.kubernetes_pod_operator \
KubernetesPodOperator=cncf.kubernetes.operators.pod:KubernetesPodOperator
airflow.contrib.operators.sftp_operator SFTPOperator=sftp.operators.sftp:SFTPOperator
airflow.contrib.operators.snowflake_operator SnowflakeOperator=snowflake.operators.snowflake:SnowflakeOperator
airflow.contrib.operators.spark_submit_operator \
SparkSubmitOperator=apache.spark.operators.spark_submit:SparkSubmitOperator
airflow.contrib.operators.ssh_operator SSHOperator=ssh.operators.ssh:SSHOperator
airflow.hooks.S3_hook S3Hook=amazon.aws.hooks.s3:S3Hook
airflow.hooks.dbapi DbApiHook=common.sql.hooks.sql:DbApiHook
airflow.hooks.dbapi_hook DbApiHook=common.sql.hooks.sql:DbApiHook
airflow.hooks.hive_hooks HiveCliHook=apache.hive.hooks.hive:HiveCliHook
airflow.hooks.http_hook HttpHook=http.hooks.http:HttpHook
airflow.hooks.mssql_hook MsSqlHook=microsoft.mssql.hooks.mssql:MsSqlHook
airflow.hooks.mysql_hook MySqlHook=mysql.hooks.mysql:MySqlHook
airflow.hooks.oracle_hook OracleHook=oracle.hooks.oracle:OracleHook
airflow.hooks.postgres_hook PostgresHook=postgres.hooks.postgres:PostgresHook
airflow.hooks.slack_hook SlackHook=slack.hooks.slack:SlackHook
airflow.hooks.sqlite_hook SqliteHook=sqlite.hooks.sqlite:SqliteHook
airflow.kubernetes.secret Secret=cncf.kubernetes.secret:Secret
airflow.operators.docker_operator DockerOperator=docker.operators.docker:DockerOperator
airflow.operators.generic_transfer GenericTransfer=common.sql.operators.generic_transfer:GenericTransfer
airflow.operators.hive_operator HiveOperator=apache.hive.operators.hive:HiveOperator
airflow.operators.http_operator SimpleHttpOperator=http.operators.http:SimpleHttpOperator
airflow.operators.mssql_operator MsSqlOperator=common.sql.operators.sql:SQLExecuteQueryOperator
airflow.operators.mysql_operator MySqlOperator=common.sql.operators.sql:SQLExecuteQueryOperator
airflow.operators.postgres_operator PostgresOperator=common.sql.operators.sql:SQLExecuteQueryOperator
airflow.operators.slack_operator SlackAPIPostOperator=slack.operators.slack:SlackAPIPostOperator
airflow.operators.sqlite_operator SqliteOperator=common.sql.operators.sql:SQLExecuteQueryOperator
airflow.operators.sql BranchSQLOperator=common.sql.operators.sql:BranchSQLOperator \
SQLCheckOperator=common.sql.operators.sql:SQLCheckOperator \
SQLIntervalCheckOperator=common.sql.operators.sql:SQLIntervalCheckOperator \
SQLThresholdCheckOperator=common.sql.operators.sql:SQLThresholdCheckOperator \
SQLValueCheckOperator=common.sql.operators.sql:SQLValueCheckOperator
airflow.sensors.http_sensor HttpSensor=http.sensors.http:HttpSensor
airflow.sensors.s3_key_sensor S3KeySensor=amazon.aws.sensors.s3:S3KeySensor
airflow.sensors.sql SqlSensor=common.sql.sensors.sql:SqlSensor
airflow.sensors.sql_sensor SqlSensor=common.sql.sensors.sql:SqlSensor
"""
"""module, then name=place:name below ``airflow.providers``."""


def _provider_rows() -> dict[str, dict[str, str]]:
    modules: dict[str, dict[str, str]] = {}
    for line in _PROVIDERS.strip().splitlines():
        module, *words = line.split()
        for word in words:
            name, _, place = word.partition("=")
            target, _, real = place.partition(":")
            rows = modules.setdefault(module, {})
            target = f"airflow.providers.{target}"
            rows[target] = f"{rows.get(target, '')} {name}={real}"
    return modules


MODULES: dict[str, dict[str, str]] = {
    **{module: rows for module, (rows, _) in _OLD.items()},
    **_provider_rows(),
}

MOVED: dict[str, str] = {
    **{module: new for module, (_, new) in _OLD.items()},
    **{module: next(iter(rows)) for module, rows in _provider_rows().items()},
    "airflow.utils.helpers.chain": "airflow.models.baseoperator.chain",
    "airflow.utils.helpers.cross_downstream": "airflow.models.baseoperator.cross_downstream",
    "airflow.AirflowException": "airflow.exceptions.AirflowException",
    "airflow.utils.decorators.apply_defaults": "nothing (every operator applies default_args)",
}
"""Old module or name → where it is now; using it warns."""
