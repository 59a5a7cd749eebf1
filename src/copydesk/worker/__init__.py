"""A worker: runs tasks, takes up what dead workers left, and keeps watch that every task ends."""

from copydesk.worker.running import Worker

__all__ = ["Worker"]
