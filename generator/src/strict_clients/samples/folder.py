"""The folder with the samples of a document, its page, and the document with the samples in it."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from strict_clients.check.places import METHODS
from strict_clients.files import Files
from strict_clients.model import PackageModel
from strict_clients.render import MARK
from strict_clients.runtime import TEMPLATES
from strict_clients.samples.facts import calls
from strict_clients.samples.languages import LANGUAGES
from strict_clients.samples.page import STYLE, write_page
from strict_clients.samples.render import render_samples

PAGE = "README.md"


def make_folder(package: PackageModel, *, templates: Path = TEMPLATES) -> Files:
    """All files of the folder by their paths.

    Raises:
        GenerationFailed: a template is wrong.
    """
    shown = {call.id: (str(call.folder), render_samples(call, templates)) for call in calls(package)}
    files = {f"{folder}/{name}": text for folder, samples in shown.values() for name, text in samples.items()}
    document = _with_samples(package.document, {name: samples for name, (_, samples) in shown.items()})
    return {
        PAGE: write_page(package, dict(shown.values())),
        "openapi.json": json.dumps({"x-generated": MARK, **document}, ensure_ascii=False, indent=1) + "\n",
        "samples.css": STYLE,
        **files,
    }


def is_folder_of_samples(target: Path, _: Files) -> bool:
    """Whether the folder is empty, or its page says that it is generated."""
    page = target / PAGE
    return not any(target.iterdir()) or (page.is_file() and MARK in page.read_text(encoding="utf-8").partition("\n")[0])


def _with_samples(document: dict[str, Any], samples: dict[str, Files]) -> dict[str, Any]:
    """The document whose operations have their samples as `x-codeSamples`, which Redoc and others show."""
    copy = deepcopy(document)
    for item in copy["paths"].values():
        for operation in (item[method] for method in METHODS if method in item):
            if operation.get("operationId") in samples:
                texts = samples[operation["operationId"]]
                operation["x-codeSamples"] = [
                    {"lang": language.lexer, "label": language.label, "source": texts[language.file]}
                    for language in LANGUAGES
                ]
    return copy
