"""Responses: what was received, and what it means."""
