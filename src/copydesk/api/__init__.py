"""The REST API: routes that parse, call one service method, and answer."""
