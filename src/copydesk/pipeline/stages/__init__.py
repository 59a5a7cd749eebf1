"""The stages: functions from values to values. They neither store nor retry."""
