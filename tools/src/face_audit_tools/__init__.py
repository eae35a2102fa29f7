"""Keeps the audit entries of Face liveness sessions as evidence: export, verify, compare.

`export_session` and `export_sessions` write a folder, `read_folder` and `open_evidence` read it, `verify` finds what
was changed in it, and `compare_digests` compares its digests with those that devices recorded. `write_report` writes a
page about it for a reviewer, and `convert` one file of typed columns; both need an extra of this distribution.
"""

from .conversion import Conversion, convert
from .deleting import Deleted, delete_sessions, older_sessions
from .digests import Compared, Comparison, Expected, compare_digests, read_expected
from .errors import DamagedError, FolderError, InputError, ToolError, UnsureError
from .evidence import Evidence, open_evidence, read_folder
from .export import export_session, export_sessions
from .reading import Entry
from .record import Checkpoint, Listing, Manifest, PageRecord, Quarantined, Run, Segment
from .report import Report, Thresholds, write_report
from .result import Result, SessionSummary, Summary, read_summary
from .verifying import Verification, verify
from .version import VERSION

__version__ = VERSION

__all__ = [
    "Checkpoint",
    "Compared",
    "Comparison",
    "Conversion",
    "DamagedError",
    "Deleted",
    "Entry",
    "Evidence",
    "Expected",
    "FolderError",
    "InputError",
    "Listing",
    "Manifest",
    "PageRecord",
    "Quarantined",
    "Report",
    "Result",
    "Run",
    "Segment",
    "SessionSummary",
    "Summary",
    "Thresholds",
    "ToolError",
    "UnsureError",
    "Verification",
    "__version__",
    "compare_digests",
    "convert",
    "delete_sessions",
    "export_session",
    "export_sessions",
    "older_sessions",
    "open_evidence",
    "read_expected",
    "read_folder",
    "read_summary",
    "verify",
    "write_report",
]
