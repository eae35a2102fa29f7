"""A generator of Python clients from OpenAPI documents with vendor extensions."""

__version__ = "0.1.0"
