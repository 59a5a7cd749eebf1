"""The public shapes: what requests may say and what answers look like, as contract.md has them."""
