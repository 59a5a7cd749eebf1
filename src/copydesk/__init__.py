"""Copydesk: researches, writes and search-optimizes articles with citations that hold."""
