"""Readers: from untrusted bytes to documents, in processes that may be killed."""
