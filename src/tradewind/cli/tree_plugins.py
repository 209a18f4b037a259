"""The commands on what third parties bring: plugins and providers."""

from __future__ import annotations

from .tree import OUTPUT, Command, Group, argument, flag


def _topic(name: str, help: str) -> Command:
    return Command(name, help, "plugins:list_topic", (OUTPUT,))


PLUGINS = Command("plugins", "list plugins and what they bring", "plugins:list_plugins", (OUTPUT,))

PROVIDERS = Group(
    "providers",
    "list and install provider packages",
    (
        _topic("list", "list installed providers"),
        Command(
            "get",
            "all about one provider",
            "plugins:get_provider",
            (
                argument("provider_name", help="name of the package"),
                flag("-f", "--full", help="all that it says of itself"),
                OUTPUT,
                argument("--color", choices=("on", "off", "auto"), default="auto", help="colour"),
            ),
        ),
        Command(
            "install",
            "install provider packages beside this program",
            "plugins:install_providers",
            (
                argument(
                    "names",
                    nargs="+",
                    metavar="NAME",
                    help="postgres, common-sql==1.20, apache-airflow-providers-http …",
                ),
                flag("-U", "--upgrade", help="newer versions of what is there"),
                flag("-n", "--dry-run", help="print what would be called"),
            ),
        ),
        _topic("hooks", "list hooks and their connection types"),
        _topic("behaviours", "list connection types with a form of their own"),
        _topic("widgets", "list further fields of connection forms"),
        _topic("links", "list extra links"),
        _topic("secrets", "list secrets back ends"),
        _topic("logging", "list task log handlers"),
        _topic("notifications", "list notifiers"),
        _topic("executors", "list executors"),
        _topic("triggers", "list modules of triggers"),
        _topic("auth", "list back ends of API authentication"),
        _topic("auth-managers", "list auth managers"),
        _topic("configs", "list options that providers bring"),
        Command("lazy-loaded", "check that the command line does not load providers", "plugins:lazy_loaded"),
    ),
)
