"""Language models behind their ports."""
