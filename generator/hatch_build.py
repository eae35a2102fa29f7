"""Puts the templates of the repository into the distribution."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Templates(BuildHookInterface):  # type: ignore[type-arg]  # no settings of its own
    """Adds them where the generator looks for them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add them where they are missing: an sdist has them in their place, an editable installation needs no copy."""
        beside = Path(self.root).parent / "templates"
        if beside.is_dir() and version != "editable":
            place = "strict_clients/templates"
            build_data["force_include"][str(beside)] = place if self.target_name == "wheel" else f"src/{place}"
