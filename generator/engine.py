"""The engine, openapi-python-client: parsing, types, names, escaping, and the Jinja environment.

This is the only importer of it. Neither its Python API nor its template variables are stable, so its version is
asserted, and another version is a commit of its own.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import openapi_python_client
from jinja2 import Environment, FileSystemLoader
from jinja2.runtime import Undefined
from openapi_python_client import Project, strings
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import AnyProperty, EnumProperty, ModelProperty, Property
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.date import DateProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.properties.uuid import UuidProperty
from openapi_python_client.schema.untrusted_string import UntrustedString

from generator.breaches import Breach, GenerationRefused

__all__ = [
    "AnyProperty",
    "BooleanProperty",
    "DateProperty",
    "DateTimeProperty",
    "Endpoint",
    "EnumProperty",
    "FloatProperty",
    "GeneratorData",
    "IntProperty",
    "ListProperty",
    "ModelProperty",
    "NoneProperty",
    "Property",
    "PythonCode",
    "StringProperty",
    "UnionProperty",
    "UntrustedString",
    "UuidProperty",
    "class_name",
    "environment",
    "parse",
    "python_name",
    "safe_for_docstring",
    "snake_case",
    "untrusted",
    "vanilla_templates",
]

VERSION = "0.29.1"
"""The one version that these calls were written for."""

PythonCode = strings.PythonCode
_FIELD_PREFIX = "field_"

if openapi_python_client.__version__ != VERSION:  # pragma: no cover  # needs another version installed
    raise ImportError(
        f"openapi-python-client: version {openapi_python_client.__version__} is installed, this was written for "
        f"{VERSION}; install the pinned one"
    )


def snake_case(value: str) -> str:
    """The value in snake_case, without characters that no identifier has."""
    return strings.snake_case(value)


def class_name(value: str) -> str:
    """The name of the class made of this value."""
    return str(strings.ClassName(value, _FIELD_PREFIX))


def python_name(value: str) -> str:
    """The Python identifier made of this value."""
    return str(strings.PythonIdentifier(value, _FIELD_PREFIX))


def safe_for_docstring(value: str) -> str:
    """The value, escaped for the inside of a docstring."""
    return strings.safe_for_docstring(value)


def untrusted(value: str) -> UntrustedString:
    """A text of the document: the templates refuse to print it unless a filter escaped it."""
    return UntrustedString(value)


def parse(raw: dict[str, Any]) -> GeneratorData:
    """The document as the engine understands it.

    Raises:
        GenerationRefused: whatever the engine would skip or only warn of.
    """
    try:
        parsed = GeneratorData.from_dict(raw, config=_config())
    except (ValueError, TypeError) as error:  # the engine raises these bare, for enums with clashing names
        raise GenerationRefused(
            [Breach("", f"the engine cannot read the document ({error}); change the named part")]
        ) from error
    if isinstance(parsed, GeneratorError):
        raise GenerationRefused([_breach(parsed)])
    collections = parsed.endpoint_collections_by_tag.values()
    errors = [*parsed.errors, *(error for collection in collections for error in collection.parse_errors)]
    if errors:
        raise GenerationRefused([_breach(error) for error in errors])
    return parsed


def environment(templates: Path) -> Environment:
    """The engine's Jinja environment with its filters, over our templates alone."""
    nothing: dict[str, Any] = {"openapi": "3.1.0", "info": {"title": "none", "version": "0"}, "paths": {}}
    jinja = Project(openapi=parse(nothing), config=_config()).env
    # Without the engine's own templates a misspelled name is an error instead of a vanilla file.
    jinja.loader = FileSystemLoader(str(templates))
    jinja.undefined = _Refused
    jinja.finalize = _refuse_unescaped
    return jinja


def vanilla_templates() -> dict[str, str]:
    """The engine's own templates, none of which is rendered: their texts by their names."""
    folder = Path(openapi_python_client.__file__).parent / "templates"
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.jinja")}
    return {name: path.read_text(encoding="utf-8") for name, path in sorted(paths.items())}


class _Refused(Undefined):
    """An undefined variable: it may be tested, but neither printed, iterated nor measured."""

    def __str__(self) -> str:
        self._fail_with_undefined_error()

    def __iter__(self) -> Iterator[Any]:
        self._fail_with_undefined_error()

    def __len__(self) -> int:
        self._fail_with_undefined_error()


def _refuse_unescaped(value: Any) -> Any:
    if value is None or isinstance(value, UntrustedString | PythonCode | dict | list | tuple | set):
        shown = type(cast("object", value)).__name__
        raise TypeError(
            f"a template prints a bare {shown}; pass it through a filter that makes it safe where it stands"
        )
    return value


def _breach(error: GeneratorError) -> Breach:
    text = " ".join(f"{error.header} {error.detail or ''}".split())
    return Breach("", f"the engine refuses it ({text}); change the named part")


def _config() -> Config:
    return Config.from_sources(
        ConfigFile(field_prefix=_FIELD_PREFIX, post_hooks=[]),
        MetaType.NONE,
        document_source=Path("document"),
        file_encoding="utf-8",
        overwrite=False,
        output_path=Path("output"),
    )
