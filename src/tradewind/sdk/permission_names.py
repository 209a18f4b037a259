"""Names of actions and resources, for ``access_control`` of DAGs and for packages that declare permissions."""

RESOURCE_ACTION = "Permissions"
RESOURCE_ADMIN_MENU = "Admin"
RESOURCE_ASSET = "Assets"
RESOURCE_AUDIT_LOG = "Audit Logs"
RESOURCE_BACKFILL = "Backfills"
RESOURCE_BROWSE_MENU = "Browse"
RESOURCE_CLUSTER_ACTIVITY = "Cluster Activity"
RESOURCE_CONFIG = "Configurations"
RESOURCE_CONNECTION = "Connections"
RESOURCE_DAG = "DAGs"
RESOURCE_DAG_CODE = "DAG Code"
RESOURCE_DAG_DEPENDENCIES = "DAG Dependencies"
RESOURCE_DAG_PREFIX = "DAG:"
RESOURCE_DAG_RUN = "DAG Runs"
RESOURCE_DAG_RUN_PREFIX = "DAG Run:"
RESOURCE_DAG_WARNING = "DAG Warnings"
RESOURCE_DATASET = "Datasets"
RESOURCE_DOCS = "Documentation"
RESOURCE_DOCS_MENU = "Docs"
RESOURCE_IMPORT_ERROR = "ImportError"
RESOURCE_JOB = "Jobs"
RESOURCE_MY_PASSWORD = "My Password"  # the resource's name
RESOURCE_MY_PROFILE = "My Profile"
RESOURCE_PASSWORD = "Passwords"  # the resource's name
RESOURCE_PERMISSION = "Permission Views"
RESOURCE_PLUGIN = "Plugins"
RESOURCE_POOL = "Pools"
RESOURCE_PROVIDER = "Providers"
RESOURCE_RESOURCE = "View Menus"
RESOURCE_ROLE = "Roles"
RESOURCE_SLA_MISS = "SLA Misses"
RESOURCE_TASK_INSTANCE = "Task Instances"
RESOURCE_TASK_LOG = "Task Logs"
RESOURCE_TASK_RESCHEDULE = "Task Reschedules"
RESOURCE_TRIGGER = "Triggers"
RESOURCE_USER = "Users"
RESOURCE_USER_STATS_CHART = "User Stats Chart"
RESOURCE_VARIABLE = "Variables"
RESOURCE_WEBSITE = "Website"
RESOURCE_XCOM = "XComs"

ACTION_CAN_CREATE = "can_create"
ACTION_CAN_READ = "can_read"
ACTION_CAN_EDIT = "can_edit"
ACTION_CAN_DELETE = "can_delete"
ACTION_CAN_ACCESS_MENU = "menu_access"
DEPRECATED_ACTION_CAN_DAG_READ = "can_dag_read"
DEPRECATED_ACTION_CAN_DAG_EDIT = "can_dag_edit"
DEPRECATED_ACTIONS = {
    DEPRECATED_ACTION_CAN_DAG_READ: ACTION_CAN_READ,
    DEPRECATED_ACTION_CAN_DAG_EDIT: ACTION_CAN_EDIT,
}
DAG_ACTIONS = {ACTION_CAN_READ, ACTION_CAN_EDIT, ACTION_CAN_DELETE}
PREFIX_LIST = [RESOURCE_DAG_PREFIX, RESOURCE_DAG_RUN_PREFIX]
PREFIX_RESOURCES_MAP = {RESOURCE_DAG_PREFIX: RESOURCE_DAG, RESOURCE_DAG_RUN_PREFIX: RESOURCE_DAG_RUN}
RESOURCE_DETAILS_MAP = {
    RESOURCE_DAG: {"actions": {*DAG_ACTIONS}},
    RESOURCE_DAG_RUN: {"actions": {ACTION_CAN_CREATE, *DAG_ACTIONS, ACTION_CAN_ACCESS_MENU}},
}


def resource_name(root_dag_id: str, resource: str) -> str:
    """The resource of one DAG: ``DAG:<id>``, ``DAG Run:<id>``; a name that has the prefix already stays as it is."""
    if root_dag_id in PREFIX_RESOURCES_MAP.values() or root_dag_id.startswith(tuple(PREFIX_LIST)):
        return root_dag_id
    prefixes = {resource: prefix for prefix, resource in PREFIX_RESOURCES_MAP.items()}
    return f"{prefixes[resource]}{root_dag_id}"


def resource_name_for_dag(root_dag_id: str) -> str:
    """``DAG:<id>``, the resource of one DAG."""
    return resource_name(root_dag_id, RESOURCE_DAG)
