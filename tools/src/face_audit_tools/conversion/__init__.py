"""Converts an export into one file of typed columns."""

from .convert import Conversion, convert
from .targets import Target

__all__ = ["Conversion", "Target", "convert"]
