"""The durable engine: DBOS set up, work handed over, work recovered."""
