"""Requests: what is sent, and where."""
