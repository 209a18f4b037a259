"""What the package says of itself, under every key that a provider may use."""

from __future__ import annotations

from typing import Any

BASE = "airflow.providers.tryout"


def get_provider_info() -> dict[str, Any]:
    """As the entry point ``apache_airflow_provider`` names it."""
    uris = [{"schemes": ["tryout"], "handler": f"{BASE}.stores.sanitize_uri"}]
    return {
        "package-name": "apache-airflow-providers-tryout",
        "name": "Tryout",
        "description": "`Tryout <https://tryout.example/>`__ of every kind\n",
        "integrations": [{"integration-name": "Tryout", "external-doc-url": "https://tryout.example/", "tags": ["x"]}],
        "hooks": [{"integration-name": "Tryout", "python-modules": [f"{BASE}.hooks"]}],
        "operators": [{"integration-name": "Tryout", "python-modules": [f"{BASE}.operators"]}],
        "triggers": [{"integration-name": "Tryout", "python-modules": [f"{BASE}.operators"]}],
        "connection-types": [{"hook-class-name": f"{BASE}.hooks.TryoutHook", "connection-type": "tryout"}],
        "extra-links": [f"{BASE}.operators.TryoutLink"],
        "notifications": [f"{BASE}.outward.TryoutNotifier"],
        "secrets-backends": [f"{BASE}.stores.TryoutSecrets"],
        "logging": [f"{BASE}.outward.TryoutTaskHandler"],
        "task-decorators": [{"name": "tryout", "class-name": f"{BASE}.operators.tryout_task"}],
        "executors": [f"{BASE}.commands.TryoutExecutor"],
        "cli": [f"{BASE}.commands.get_tryout_commands"],
        "auth-backends": [f"{BASE}.commands"],
        "filesystems": [f"{BASE}.stores"],
        "dialects": [{"dialect-type": "tryout", "dialect-class-name": f"{BASE}.hooks.TryoutDialect"}],
        "asset-uris": uris,
        "dataset-uris": uris,
        "plugins": [{"name": "tryout", "plugin-class": f"{BASE}.outward.TryoutPlugin"}],
        "config": {
            "tryout": {
                "description": "Options of the tryout.",
                "options": {
                    "greeting": {
                        "description": "What is said first.",
                        "version_added": "1.0.0",
                        "type": "string",
                        "example": "hi",
                        "default": "hello",
                    },
                    "times": {"description": "How often.", "type": "integer", "default": "3", "example": None},
                    "password": {"description": "Secret.", "type": "string", "sensitive": True, "default": None},
                },
            }
        },
    }
