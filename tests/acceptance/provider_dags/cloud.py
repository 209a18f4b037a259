"""Amazon's operators, sensors and hooks, against a local server of its API."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

from airflow.decorators import task
from airflow.io.path import ObjectStoragePath
from airflow.models import Variable
from airflow.providers.amazon.aws.hooks.dynamodb import DynamoDBHook
from airflow.providers.amazon.aws.hooks.secrets_manager import SecretsManagerHook
from airflow.providers.amazon.aws.operators.lambda_function import (
    LambdaCreateFunctionOperator,
    LambdaInvokeFunctionOperator,
)
from airflow.providers.amazon.aws.operators.s3 import (
    S3CopyObjectOperator,
    S3CreateBucketOperator,
    S3CreateObjectOperator,
    S3DeleteObjectsOperator,
    S3ListOperator,
)
from airflow.providers.amazon.aws.operators.sns import SnsPublishOperator
from airflow.providers.amazon.aws.operators.sqs import SqsPublishOperator
from airflow.providers.amazon.aws.sensors.lambda_function import LambdaFunctionStateSensor
from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor
from airflow.providers.amazon.aws.sensors.sqs import SqsSensor

from airflow import DAG

START = datetime(2024, 1, 1)
AWS = {"aws_conn_id": "real_aws", "region_name": "eu-west-1"}

with DAG("s3", start_date=START, schedule=None, default_args={"aws_conn_id": "real_aws"}):
    bucket = S3CreateBucketOperator(task_id="bucket", bucket_name="data")
    later = S3KeySensor(
        task_id="later", bucket_name="data", bucket_key="in/{{ ds }}.txt", deferrable=True, poke_interval=1, timeout=60
    )
    put = S3CreateObjectOperator(task_id="put", s3_bucket="data", s3_key="in/{{ ds }}.txt", data="hello", replace=True)
    wait = S3KeySensor(task_id="wait", bucket_key="s3://data/in/*.txt", wildcard_match=True, poke_interval=1)
    copy = S3CopyObjectOperator(
        task_id="copy",
        source_bucket_key="s3://data/in/{{ ds }}.txt",
        dest_bucket_key="s3://data/out/copy.txt",
    )
    listed = S3ListOperator(task_id="listed", bucket="data")
    delete = S3DeleteObjectsOperator(task_id="delete", bucket="data", keys=["out/copy.txt"])

    @task
    def by_path() -> str:
        path = ObjectStoragePath("s3://data/in/", conn_id="real_aws")
        return next(one.read_text() for one in path.iterdir())

    bucket >> [later, put]
    put >> wait >> copy >> listed >> delete
    put >> by_path()

with DAG("queues", start_date=START, schedule=None, default_args=AWS):

    @task
    def make() -> str:
        from airflow.providers.amazon.aws.hooks.sns import SnsHook
        from airflow.providers.amazon.aws.hooks.sqs import SqsHook

        queue = SqsHook(**AWS).create_queue("jobs")["QueueUrl"]
        topic = SnsHook(**AWS).get_conn().create_topic(Name="news")["TopicArn"]
        Variable.set("queue", queue)
        Variable.set("topic", topic)
        return queue

    publish = SqsPublishOperator(task_id="publish", sqs_queue="{{ var.value.queue }}", message_content="job {{ ds }}")
    receive = SqsSensor(task_id="receive", sqs_queue="{{ var.value.queue }}", poke_interval=1, timeout=30)
    tell = SnsPublishOperator(task_id="tell", target_arn="{{ var.value.topic }}", message="news of {{ ds }}")
    made = make()
    made >> publish >> receive
    made >> tell

with DAG("tables", start_date=START, schedule=None):

    @task
    def dynamo() -> int:
        hook = DynamoDBHook(table_name="people", table_keys=["id"], **AWS)
        table = hook.conn.create_table(
            TableName="people",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        table.wait_until_exists()
        hook.write_batch_data([{"id": str(number), "name": "ann"} for number in range(3)])
        return table.scan()["Count"]

    @task
    def secret() -> str:
        hook = SecretsManagerHook(**AWS)
        hook.conn.create_secret(Name="mine", SecretString="geheim-4711")
        return str(len(hook.get_secret("mine")))

    dynamo()
    secret()

with DAG("functions", start_date=START, schedule=None):

    @task
    def role() -> str:
        from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook

        iam = AwsBaseHook(client_type="iam", **AWS).get_conn()
        return iam.create_role(RoleName="runs", AssumeRolePolicyDocument="{}")["Role"]["Arn"]

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("code.py", "def run(event, context):\n    return event['n'] * 2\n")
    create = LambdaCreateFunctionOperator(
        task_id="create",
        function_name="double",
        runtime="python3.12",
        role="{{ ti.xcom_pull('role') }}",
        handler="code.run",
        code={"ZipFile": packed.getvalue()},
        **AWS,
    )
    ready = LambdaFunctionStateSensor(task_id="ready", function_name="double", poke_interval=1, timeout=30, **AWS)
    invoke = LambdaInvokeFunctionOperator(
        task_id="invoke", function_name="double", payload='{"n": {{ macros.json.dumps(2) }}}', **AWS
    )
    role() >> create >> ready >> invoke

with DAG("kept_in_s3", start_date=START, schedule=None):
    # A variable and a connection that only the secrets back end has.
    @task
    def from_backend() -> list[str]:
        from airflow.hooks.base import BaseHook

        return [Variable.get("only_there"), BaseHook.get_connection("only_there").host]

    @task
    def large() -> list[int]:
        return list(range(1000))

    @task
    def summed(numbers: list[int]) -> int:
        return sum(numbers)

    from_backend()
    summed(large())
