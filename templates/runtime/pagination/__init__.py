"""Pagination: where a listing is, and how it goes on, without I/O."""
