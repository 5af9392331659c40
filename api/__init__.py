"""Ask a human: the HTTP API over `cases` and the officers' console it serves."""
