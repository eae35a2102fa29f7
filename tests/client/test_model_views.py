"""Models: what their reprs show, their typed views, and what they refuse."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs
import pytest
from face_audit import (
    AuditEntry,
    AuditRequest,
    AuditResponse,
    DecodeError,
    FaceRectangle,
    InvalidArgumentError,
    LivenessDecision,
    LivenessResult,
    LivenessTarget,
)

from .servers import EXAMPLE


def test_repr_shows_no_face_data_and_no_unknown_field() -> None:
    """What a log shows of an entry says nothing about a face."""
    made = AuditEntry.from_dict(EXAMPLE | {"new": "unknown-value"})
    assert made.response is not None
    result = made.response.liveness_result
    assert result is not None

    shown = repr(made) + repr(made.response) + repr(result) + repr(result.target)

    assert "status_code=200" in shown
    assert "video.webp" in shown
    for hidden in ("spoof", "SPOOF", "782", "858", "unknown-value", "faceRectangle"):
        assert hidden not in shown


def test_body_has_typed_views() -> None:
    """A body is open; views give it the type that its fields show."""
    liveness = AuditResponse.from_dict(EXAMPLE["response"])
    failed = AuditResponse.from_dict({"body": {"error": {"code": "BadArgument", "message": "No face."}}})
    other = AuditResponse.from_dict({"body": ["x"]})

    result = liveness.liveness_result
    error = failed.error

    assert result is not None
    assert result.liveness_decision is LivenessDecision.SPOOF_FACE
    assert result.target is not None
    assert result.target.face_rectangle == FaceRectangle(top=782, left=260, width=858, height=984)
    assert result.model_version_used == "2022-10-15-preview.04"
    assert error is not None
    assert error.error is not None
    assert (error.error.code, error.error.message) == ("BadArgument", "No face.")
    assert (liveness.error, failed.liveness_result, other.liveness_result, other.error) == (None, None, None, None)


def test_view_of_another_shape_is_refused_where_it_is_used() -> None:
    """An entry with a strange body is still read; only its view raises."""
    made = AuditResponse.from_dict(
        {"body": {"livenessDecision": "realface", "target": {"faceRectangle": {"top": "1"}}}}
    )

    with pytest.raises(DecodeError, match="LivenessResult/target/faceRectangle/top: expected integer, got string"):
        _ = made.liveness_result


def test_unknown_decision_is_kept() -> None:
    """Decisions may grow: one that the document does not know stays the text that came."""
    raw = {"livenessDecision": "maybe", "verifyResult": {"isIdentical": True}}

    made = LivenessResult.from_dict(raw)

    assert made.liveness_decision == "maybe"
    assert made.verify_result == {"isIdentical": True}
    assert attrs.evolve(made).to_dict() == raw


def test_wrong_type_is_named_by_its_pointer() -> None:
    """`from_dict` names the model and the JSON pointer of the wrong field."""
    with pytest.raises(DecodeError, match="AuditEntry/response/statusCode: expected integer, got array"):
        AuditEntry.from_dict({"id": 1, "response": {"statusCode": []}})


@pytest.mark.parametrize(
    ("made", "place"),
    [
        (AuditEntry(id=None), "AuditEntry.id: expected string or integer, got null"),  # type: ignore[arg-type]
        (AuditResponse(status_code="x"), "AuditResponse.status_code: expected integer"),  # type: ignore[arg-type]
        (AuditEntry(id="1", received_date_time=datetime(2024, 1, 1)), "received_date_time: expected an aware"),  # noqa: DTZ001
        (AuditEntry(id="1", request=AuditResponse()), "AuditEntry.request: expected AuditRequest"),  # type: ignore[arg-type]
        (AuditEntry(id="1", request=AuditRequest(url=5)), "AuditRequest.url: expected string"),  # type: ignore[arg-type]
        (LivenessResult(target=LivenessTarget(), verify_result=[]), "verify_result: expected a mapping"),  # type: ignore[arg-type]
    ],
)
def test_model_made_by_hand_with_a_wrong_type_is_refused_when_written(made: Any, place: str) -> None:
    """What the document does not allow is not written."""
    with pytest.raises(InvalidArgumentError, match=place):
        made.to_dict()
