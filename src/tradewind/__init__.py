"""A workflow orchestrator that speaks Apache Airflow. Importing this package executes nothing."""

__version__ = "0.1.0"
AIRFLOW_VERSION = "2.11.2"
"""What the façade reports: provider packages parse it and branch on it."""
API_VERSION = f"{AIRFLOW_VERSION}+tradewind.{__version__}"
