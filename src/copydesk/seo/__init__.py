"""Search optimization: fields that are valid by construction, named checks, structured data, clean text."""
