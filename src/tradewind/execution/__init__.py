"""Inside and around one task process: runner, zygotes, template, worker, DAG file import. No storage."""
