"""Imports and first pages, each in a Python of its own."""

from __future__ import annotations

from functools import partial

from .pages import KEY
from .processes import run_fresh
from .timing import Timing, interleave

BARE = "bare Python"
IMPORTS = {
    BARE: "pass",
    "ours": "import face_audit",
    "ours, client": "from face_audit import FaceAuditClient",
    "stock": "from stock_client.api.audit_entries import audit_entries_list",
    "azure": "import azure.ai.vision.face",
}
_FIRST_PAGES = {
    "ours": """
from face_audit import FaceAuditClient
with FaceAuditClient({key!r}, endpoint={url!r}) as client:
    assert len(client.audit_entries.list_page({session!r}, top=5).items) == 5
""",
    "stock": """
from stock_client import AuthenticatedClient
from stock_client.api.audit_entries import audit_entries_list
header = "Ocp-Apim-Subscription-Key"
with AuthenticatedClient(base_url={url!r}, token={key!r}, prefix="", auth_header_name=header) as client:
    assert len(audit_entries_list.sync({session!r}, client=client, top=5)) == 5
""",
    "azure": """
from azure.ai.vision.face import FaceSessionClient
from azure.core.credentials import AzureKeyCredential
with FaceSessionClient(endpoint={url!r}, credential=AzureKeyCredential({key!r})) as client:
    assert len(client.get_liveness_session_audit_entries({session!r}, top=5)) == 5
""",
}


def imports(rounds: int) -> dict[str, Timing]:
    """What importing takes, the start and the end of Python included."""
    return interleave({name: partial(_run, code) for name, code in IMPORTS.items()}, rounds=rounds)


def first_pages(url: str, session: str, rounds: int) -> dict[str, Timing]:
    """What a process takes that makes a client and lists one page of five entries."""
    filled = {name: code.format(key=KEY, url=url, session=session) for name, code in _FIRST_PAGES.items()}
    return interleave({name: partial(_run, code) for name, code in filled.items()}, rounds=rounds)


def _run(code: str) -> list[tuple[float, float]]:
    return [run_fresh(code)]
