"""When: timetables, the built-in ones and the class that third parties extend. Pure but for a default clock.

Nothing here reads configuration, storage or DAG files.
"""
