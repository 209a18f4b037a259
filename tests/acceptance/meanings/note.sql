note of {{ ti.task_id }}
second
