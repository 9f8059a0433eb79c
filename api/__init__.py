"""The service: HTTP API, pages, imports and the command line."""
