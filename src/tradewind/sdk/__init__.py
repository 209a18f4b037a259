"""What DAG authors import: DAG, operators, TaskFlow, params, templates. No engine, no storage."""
