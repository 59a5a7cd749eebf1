"""Which text says what, how well it fits the brief, and whether it supports a sentence."""
