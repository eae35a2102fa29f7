"""The package's bill of materials in CycloneDX 1.7: its requirements, its sources and the tools that made it.

The wheel contains it in `.dist-info/sboms/` (PEP 770). It has no time and no random number, so that it is always the
same for the same document.
"""

import json
from collections.abc import Sequence
from typing import Any

from packaging.requirements import Requirement
from packaging.version import Version

from strict_clients.model import PackageModel


def bill_of_materials(package: PackageModel, *, mark: str, requirements: Sequence[str], layout: str) -> str:
    """The bill as JSON: `mark` says that it is generated, `layout` is the version of ruff."""
    needed = [_needed(Requirement(text)) for text in requirements]
    itself = f"pkg:pypi/{package.distribution}@{package.version}"
    document = {
        "type": "data",
        "bom-ref": "document",
        "name": package.title.get_untrusted_value(),
        "version": package.api_version.get_untrusted_value(),
        "description": "The OpenAPI document of the package; the hash is that of its canonical JSON.",
        "hashes": [{"alg": "SHA-256", "content": package.document_digest}],
    }
    tools = (
        ("generator", package.generator_version),
        ("openapi-python-client", package.engine_version),
        ("ruff", layout),
    )
    bill = {
        "properties": [{"name": "note", "value": mark}],
        "bomFormat": "CycloneDX",
        "specVersion": "1.7",
        "version": 1,
        "metadata": {
            "lifecycles": [{"phase": "build"}],
            "tools": {"components": [{"type": "application", "name": name, "version": it} for name, it in tools]},
            "component": {
                "type": "library",
                "bom-ref": itself,
                "name": package.distribution,
                "version": package.version,
                "purl": itself,
                **({"licenses": [{"expression": package.license}]} if package.license else {}),
            },
        },
        "components": [document, *needed],
        "dependencies": [{"ref": itself, "dependsOn": ["document", *(one["bom-ref"] for one in needed)]}],
    }
    return json.dumps(bill, ensure_ascii=False, indent=1) + "\n"


def _needed(requirement: Requirement) -> dict[str, Any]:
    """A distribution that is not in the wheel, with the range of its versions (a `vers:` of the package URLs)."""
    purl = f"pkg:pypi/{requirement.name}"
    limits = sorted(requirement.specifier, key=lambda limit: Version(limit.version))
    texts = [f"{limit.operator.removeprefix('==')}{limit.version}" for limit in limits]
    return {
        "type": "library",
        "bom-ref": purl,
        "name": requirement.name,
        "purl": purl,
        "isExternal": True,
        "versionRange": f"vers:pypi/{'|'.join(texts) or '*'}",
    }
