"""When runs are due: cron, intervals, events. Pure; third parties subclass base.Timetable."""
