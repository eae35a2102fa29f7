"""A page for reviewers of an export."""

from .tally import Thresholds
from .write import Report, write_report

__all__ = ["Report", "Thresholds", "write_report"]
