"""Pagination: the position in a listing, and how it continues, without I/O."""
