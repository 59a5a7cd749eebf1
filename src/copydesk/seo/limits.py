"""The limits of search fields, in display width unless said otherwise."""

MIN_TITLE, MAX_TITLE = 30, 60
MIN_DESCRIPTION, MAX_DESCRIPTION = 120, 156
