"""The emulator's command, started as a module."""

from __future__ import annotations

import runpy
import sys

import pytest


def test_module_is_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m face_audit.testing --help` names itself as it is called."""
    monkeypatch.setattr(sys, "argv", ["testing", "--help"])

    with pytest.raises(SystemExit) as ended:
        runpy.run_module("face_audit.testing", run_name="__main__")

    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("usage: python -m face_audit.testing ")
