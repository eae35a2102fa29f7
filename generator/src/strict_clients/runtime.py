"""The public names of the runtime in the templates, read from its modules without importing them."""

import ast
from functools import cache
from pathlib import Path

_HERE = Path(__file__).resolve().parent
TEMPLATES = next(filter(Path.is_dir, (_HERE / "templates", *(above / "templates" for above in _HERE.parents))))
"""In a distribution, they are part of the package; in the repository, they are in a separate folder."""
BASE_ERROR = "SdkError"
"""The base of all errors, whose public name the document gives."""


@cache
def public_names(templates: Path = TEMPLATES) -> dict[str, tuple[str, ...]]:
    """The names in the `__all__` of each module that has one, by the module's name within the package."""
    folder = templates / "runtime"
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(folder.rglob("*.py")):
        module = ".".join(["", "_runtime", *path.relative_to(folder).with_suffix("").parts])
        for node in ast.parse(path.read_bytes()).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
                found[module] = tuple(ast.literal_eval(node.value))
    # The emulator is for tests: `testing` has its names.
    return {module: names for module, names in found.items() if not module.startswith("._runtime.emulator")}
