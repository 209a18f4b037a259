"""SSH, SFTP, FTP, mail and Redis."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from airflow.decorators import task
from airflow.models import Variable
from airflow.providers.ftp.hooks.ftp import FTPHook
from airflow.providers.ftp.operators.ftp import FTPFileTransmitOperator
from airflow.providers.ftp.sensors.ftp import FTPSensor
from airflow.providers.imap.hooks.imap import ImapHook
from airflow.providers.imap.sensors.imap_attachment import ImapAttachmentSensor
from airflow.providers.redis.hooks.redis import RedisHook
from airflow.providers.redis.operators.redis_publish import RedisPublishOperator
from airflow.providers.redis.sensors.redis_key import RedisKeySensor
from airflow.providers.sftp.operators.sftp import SFTPOperator
from airflow.providers.sftp.sensors.sftp import SFTPSensor
from airflow.providers.smtp.operators.smtp import EmailOperator
from airflow.providers.ssh.operators.ssh import SSHOperator

from airflow import DAG

START = datetime(2024, 1, 1)


@task
def write_local() -> str:
    path = Path(Variable.get("scratch"), "local.txt")
    path.write_text("from here\n")
    return str(path)


@task
def same(path: str) -> str:
    text = Path(path).read_text()
    assert text == "from here\n", text
    return text


with DAG("ssh", start_date=START, schedule=None):
    SSHOperator(task_id="run", ssh_conn_id="real_ssh", command="echo over ssh; exit 0")
    SSHOperator(task_id="fails", ssh_conn_id="real_ssh", command="exit 3", retries=0)
    local = write_local()
    put = SFTPOperator(
        task_id="put",
        ssh_conn_id="real_ssh",
        local_filepath="{{ var.value.scratch }}/local.txt",
        remote_filepath="/up/remote.txt",
        operation="put",
        create_intermediate_dirs=True,
    )
    wait = SFTPSensor(task_id="wait", sftp_conn_id="real_sftp", path="/up/remote.txt", poke_interval=1, timeout=30)
    wait_later = SFTPSensor(
        task_id="wait_later",
        sftp_conn_id="real_sftp",
        path="/up/remote.txt",
        poke_interval=1,
        timeout=30,
        deferrable=True,
    )
    get = SFTPOperator(
        task_id="get",
        ssh_conn_id="real_ssh",
        local_filepath="{{ var.value.scratch }}/back_ssh.txt",
        remote_filepath="/up/remote.txt",
        operation="get",
    )
    local >> put >> [wait, wait_later] >> get >> same("{{ var.value.scratch }}/back_ssh.txt")

with DAG("ftp", start_date=START, schedule=None):
    put = FTPFileTransmitOperator(
        task_id="put",
        ftp_conn_id="real_ftp",
        local_filepath="{{ var.value.scratch }}/local.txt",
        remote_filepath="/ftp.txt",
        operation="put",
    )
    wait = FTPSensor(task_id="wait", ftp_conn_id="real_ftp", path="ftp.txt", poke_interval=1, timeout=30)

    @task
    def listed() -> list[str]:
        with FTPHook("real_ftp") as hook:
            return sorted(hook.list_directory("/"))

    write_local() >> put >> wait >> listed()

with DAG("mail", start_date=START, schedule=None):
    send = EmailOperator(
        task_id="send",
        conn_id="real_smtp",
        from_email="from@example.com",
        to="to@example.com",
        subject="run {{ run_id }}",
        html_content="<b>{{ ds }}</b>",
        files=["{{ var.value.scratch }}/local.txt"],
    )

    wait = ImapAttachmentSensor(
        task_id="wait", attachment_name="data.csv", conn_id="real_imap", poke_interval=1, timeout=30
    )

    @task
    def attachment() -> str:
        with ImapHook("real_imap") as hook:
            name, content = hook.retrieve_mail_attachments("data.csv")[0]
        return f"{name}: {content.decode().strip()}"

    write_local() >> send
    wait >> attachment()

with DAG("redis", start_date=START, schedule=None):
    wait = RedisKeySensor(task_id="wait", redis_conn_id="real_redis", key="ready", poke_interval=1, timeout=30)

    @task
    def set_key() -> str:
        redis = RedisHook("real_redis").get_conn()
        redis.set("ready", "yes")
        return redis.get("ready").decode()

    publish = RedisPublishOperator(task_id="publish", redis_conn_id="real_redis", channel="news", message="at {{ ds }}")
    set_key() >> wait >> publish
