"""DAG files to serialised DAGs: which files are due, parse children, versions, import errors."""
