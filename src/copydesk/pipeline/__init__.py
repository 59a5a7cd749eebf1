"""From a brief to a checked article: stages, and the workflow that orders them."""
