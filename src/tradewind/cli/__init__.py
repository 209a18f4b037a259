"""The command line: airflow's names and ours."""
