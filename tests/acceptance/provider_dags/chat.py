"""Slack and Discord, as operators and notifiers."""

from __future__ import annotations

from datetime import datetime

from airflow.operators.bash import BashOperator
from airflow.providers.discord.notifications.discord import DiscordNotifier
from airflow.providers.discord.operators.discord_webhook import DiscordWebhookOperator
from airflow.providers.slack.notifications.slack import send_slack_notification
from airflow.providers.slack.operators.slack import SlackAPIPostOperator
from airflow.providers.slack.operators.slack_webhook import SlackWebhookOperator

from airflow import DAG

with DAG("chat", start_date=datetime(2024, 1, 1), schedule=None):
    api = SlackAPIPostOperator(
        task_id="slack_api",
        slack_conn_id="real_slack",
        channel="#data",
        text="run {{ run_id }}",
    )
    webhook = SlackWebhookOperator(
        task_id="slack_webhook", slack_webhook_conn_id="real_slack_webhook", message="hello from {{ task.task_id }}"
    )
    discord = DiscordWebhookOperator(task_id="discord", http_conn_id="real_discord", message="at {{ ds }}")
    notified = BashOperator(
        task_id="notified",
        bash_command="true",
        on_success_callback=[
            DiscordNotifier(discord_conn_id="real_discord", text="{{ ti.task_id }} is done"),
            send_slack_notification(slack_conn_id="real_slack", channel="#ok", text="{{ ti.task_id }} is done"),
        ],
    )
    [api, webhook, discord] >> notified
