"""The world behind the ports; only the wiring builds what stands here."""
