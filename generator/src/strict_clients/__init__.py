"""A generator of Python clients: an OpenAPI document and its vendor extensions in, a package out."""

__version__ = "0.1.0"
