"""The engine, openapi-python-client: parsing, types, names, escaping, and the Jinja environment.

Only this module imports it. Neither its Python API nor its template variables are stable, so its version is
asserted, and an upgrade is a separate commit.
"""

import re
import unicodedata
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from keyword import iskeyword
from pathlib import Path
from typing import Any, Self, cast

import openapi_python_client
from jinja2 import Environment, FileSystemLoader
from jinja2.runtime import Undefined
from markupsafe import Markup
from openapi_python_client import Project, strings
from openapi_python_client import schema as oai
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData, openapi
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import (
    AnyProperty,
    EnumProperty,
    LiteralEnumProperty,
    ModelProperty,
    Property,
)
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.parser.properties.date import DateProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.file import FileProperty
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.properties.uuid import UuidProperty
from openapi_python_client.parser.responses import Response
from openapi_python_client.schema.untrusted_string import UntrustedString

from strict_clients.breaches import Breach, GenerationRefused

__all__ = [
    "AnyProperty",
    "BooleanProperty",
    "ConstProperty",
    "DateProperty",
    "DateTimeProperty",
    "Endpoint",
    "FileProperty",
    "FloatProperty",
    "GeneratorData",
    "Identifier",
    "IntProperty",
    "ListProperty",
    "LiteralEnumProperty",
    "ModelProperty",
    "NoneProperty",
    "Property",
    "PythonCode",
    "Response",
    "StringProperty",
    "UnionProperty",
    "UntrustedString",
    "UuidProperty",
    "class_name",
    "derived_operation_id",
    "endpoints",
    "environment",
    "member_name",
    "normalized",
    "parse",
    "pointer_of",
    "python_name",
    "safe_for_docstring",
    "shown_content_type",
    "snake_case",
    "untrusted",
    "vanilla_templates",
]

VERSION = "0.29.1"
"""The only version that these calls were written for."""

PythonCode = strings.PythonCode
_FIELD_PREFIX = "field_"

if openapi_python_client.__version__ != VERSION:  # pragma: no cover  # needs another version installed
    raise ImportError(
        f"openapi-python-client: version {openapi_python_client.__version__} is installed, this was written for "
        f"{VERSION}; install the pinned one"
    )


def snake_case(value: str) -> str:
    """The value in snake_case, without characters that no identifier has."""
    return normalized(strings.snake_case(_part_words(value)))


def class_name(value: str) -> str:
    """The name of the class made of this value."""
    return normalized(strings.ClassName(_part_words(value), _FIELD_PREFIX))


def _part_words(value: str) -> str:
    """The value with `_` between words, as in `filter[name]` and `repos/list`: the engine would join them."""
    return re.sub(r"(?<=\w)[^\w. -]+(?=\w)", "_", value)


def derived_operation_id(path: str, method: str) -> str:
    """The operationId of an operation that has none."""
    return str(openapi.generate_operation_id(path=UntrustedString(path), method=method, prefix=_FIELD_PREFIX))


def member_name(value: str | int, name: str | None, index: int) -> str:
    """The name of the enum member for this value, which is at that index; `name` is the document's."""
    if name is None and isinstance(value, str) and not value[:1].isalpha():
        return f"VALUE_{index}"
    names = [] if name is None else [name]
    (member,) = EnumProperty.values_from_list(cast("Any", [value]), cast("Any", None), names)
    return normalized(member)


def python_name(value: str) -> str:
    """The Python identifier made of this value."""
    return normalized(strings.PythonIdentifier(_part_words(value), _FIELD_PREFIX))


class Identifier(str):
    """A name that is used in code unchanged; anything that is not a name is refused."""

    __slots__ = ()

    def __new__(cls, name: str) -> Self:
        """Hold a name, in the form that Python gives it."""
        if not normalized(name).isidentifier() or iskeyword(name):
            raise GenerationRefused([Breach("", f"{name!r:.80} cannot become a name in Python; rename its source")])
        return super().__new__(cls, normalized(name))


def normalized(name: str) -> str:
    """The name in Python's normal form: names that differ only in form are the same (PEP 3131)."""
    return unicodedata.normalize("NFKC", name)


def safe_for_docstring(value: str) -> str:
    """The value, escaped for the inside of a docstring."""
    return strings.safe_for_docstring(value)


def untrusted(value: str) -> UntrustedString:
    """A text of the document, which templates refuse to print unless a filter escaped it."""
    return UntrustedString(value)


def parse(raw: Mapping[str, Any], media_types: Mapping[str, str] | None = None) -> GeneratorData:
    """The document as the engine reads it; `media_types` maps media types that it does not know to ones that it does.

    Raises:
        GenerationRefused: the engine would skip something, or only warn.
    """
    try:
        with _shallow_copies():
            parsed = GeneratorData.from_dict(cast("dict[str, Any]", raw), config=_config(media_types))
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


def endpoints(parsed: GeneratorData) -> Iterator[Endpoint]:
    """All operations that the engine read."""
    for collection in parsed.endpoint_collections_by_tag.values():
        yield from collection.endpoints


def shown_content_type(response: Response) -> str | None:
    """The content type of an answer; the engine gets at most one."""
    content = response.data.content if isinstance(response.data, oai.Response) else None
    return next((name.get_untrusted_value() for name in content or ()), None)


def pointer_of(parsed: Property | Endpoint) -> str:
    """The JSON pointer of the place that this was read from, which the engine's copy of the document contains."""
    return "" if parsed.description is None else parsed.description.get_untrusted_value()


@contextmanager
def _shallow_copies() -> Generator[None]:
    """Make the engine copy operations shallowly: it would copy each one five times with everything it refers to.

    This makes it linear. The engine changes the copies only by adding to their lists.
    """
    module: Any = openapi
    deep = module.deepcopy
    module.deepcopy = _copy_endpoint
    try:
        yield
    finally:
        module.deepcopy = deep


def _copy_endpoint(endpoint: Endpoint) -> Endpoint:
    copied = copy(endpoint)
    for name, value in vars(endpoint).items():
        if isinstance(value, list | set):
            setattr(copied, name, copy(cast("list[Any]", value)))
    copied.responses = copy(endpoint.responses)
    copied.responses.patterns = copy(endpoint.responses.patterns)
    return copied


def environment(templates: Path) -> Environment:
    """The engine's Jinja environment with its filters, over our templates alone."""
    nothing: dict[str, Any] = {"openapi": "3.1.0", "info": {"title": "none", "version": "0"}, "paths": {}}
    jinja = Project(openapi=parse(nothing), config=_config()).env
    # Without the engine's own templates, a misspelled name is an error instead of one of its files.
    jinja.loader = FileSystemLoader(str(templates))
    jinja.undefined = _Refused
    # With it, the output of macros is marked as safe, like that of filters; `finalize` lets nothing else pass.
    jinja.autoescape = True
    jinja.finalize = _refuse_unescaped
    return jinja


def vanilla_templates() -> dict[str, str]:
    """The engine's own templates, none of which is rendered: their texts by their names."""
    folder = Path(openapi_python_client.__file__).parent / "templates"
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.jinja")}
    return {name: path.read_text(encoding="utf-8") for name, path in sorted(paths.items())}


class _Refused(Undefined):
    """An undefined variable: it may be tested, but neither printed, iterated nor measured."""

    def __iter__(self) -> Iterator[Any]:
        self._fail_with_undefined_error()

    def __len__(self) -> int:
        self._fail_with_undefined_error()


def _refuse_unescaped(value: Any) -> Markup:
    if isinstance(value, Undefined):
        value()  # raises an error that names what is undefined; an `if` without `else` is also undefined
    if isinstance(value, Markup | Identifier):
        return Markup(value)  # noqa: S704  # not HTML but code, made safe by a filter or the check of a name
    shown = type(cast("object", value)).__name__
    raise TypeError(f"a template prints a bare {shown}; pass it through a filter that makes it safe in its place")


def _breach(error: GeneratorError) -> Breach:
    text = " ".join(f"{error.header} {error.detail or ''}".split())
    place = getattr(getattr(error, "data", None), "description", None)
    pointer = place.get_untrusted_value() if isinstance(place, UntrustedString) else ""
    return Breach(pointer, f"the engine refuses it ({text:.500}); change the named part")


def _config(media_types: Mapping[str, str] | None = None) -> Config:
    # Literal enums, because the engine otherwise refuses values that differ only in case.
    settings = ConfigFile(
        field_prefix=_FIELD_PREFIX,
        post_hooks=[],
        literal_enums=True,
        content_type_overrides=dict(media_types or {}),
    )
    return Config.from_sources(
        settings,
        MetaType.NONE,
        document_source=Path("document"),
        file_encoding="utf-8",
        overwrite=False,
        output_path=Path("output"),
    )
