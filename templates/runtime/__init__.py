"""The runtime of a generated client: HTTP and JSON, without anything that is specific to one API."""
