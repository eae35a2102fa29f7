"""An emulator of any API, made from its OpenAPI document."""

from __future__ import annotations

from .answers import FAULTS
from .emulator import Emulator

__all__ = ["FAULTS", "Emulator"]
