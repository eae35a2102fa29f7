"""Responses: what came, and what it means."""
