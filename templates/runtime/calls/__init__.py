"""Calls: one call with all its attempts, without I/O."""
