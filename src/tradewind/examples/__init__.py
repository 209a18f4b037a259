"""Example DAGs, shown by ``make run``: each file is written as any DAG file is, and shows one way of working."""
