"""The runtime of a generated client: HTTP and JSON, and nothing of any one API."""
