"""An emulator of any API, made from its OpenAPI document."""

from __future__ import annotations

from .emulator import Emulator
from .failures import FAULTS

__all__ = ["FAULTS", "Emulator"]
