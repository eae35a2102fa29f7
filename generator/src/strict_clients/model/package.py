"""The input of the templates: one value for each part of the package, with all decisions made."""

from typing import Any

from attrs import field, frozen
from attrs.converters import optional

from strict_clients.check.places import mapping
from strict_clients.engine import Identifier, PythonCode, UntrustedString
from strict_clients.model.calls import ResourceModel
from strict_clients.model.code import Import, Imports, TypeCode, literal


@frozen(kw_only=True)
class FieldModel:
    """One field of a model class."""

    name: Identifier = field(converter=Identifier)
    wire: str
    type: TypeCode
    required: bool
    sensitive: bool
    read_only: bool = False
    """Whether it is never sent, in a class that is sent too."""
    write_only: bool = False
    """Whether it is never in answers, in a class that also is in answers."""
    other_names: tuple[str, ...]
    doc: UntrustedString

    @property
    def annotation(self) -> PythonCode:
        """The field's type: with None if it may be missing, with Unset if null and missing differ."""
        text = self.type.annotation
        if text != "JSON" and (self.type.nullable or self.optional or self.write_only):
            text += " | None"
        return PythonCode(text + (" | Unset" if self.unset else ""))

    @property
    def optional(self) -> bool:
        """Whether a caller may leave it out."""
        return not self.required or self.read_only

    @property
    def unset(self) -> bool:
        """Whether it may be missing and may be null, with different meanings."""
        return self.type.nullable and not self.required

    @property
    def hashed(self) -> bool:
        """Whether it takes part in the hash: mappings and open values cannot."""
        return "Mapping[" not in self.type.annotation and "JSON" not in self.type.annotation

    @property
    def options(self) -> PythonCode:
        """The arguments of `attrs.field`."""
        parts = [f"default={self._default}"] if self._default else []
        parts += ["repr=False"] if self.sensitive else []
        parts += ["hash=False"] if not self.hashed else []
        return PythonCode(", ".join([*parts, f"metadata={self._in_json}"]))

    @property
    def _in_json(self) -> str:
        also = f"also={literal(self.other_names)}" if self.other_names else ""
        flags = {
            "required": self.required,
            # An open value may be null, which differs from missing only if it is required.
            "null": self.type.nullable or (self.required and self.type.annotation == "JSON"),
            "read_only": self.read_only,
            "write_only": self.write_only,
        }
        said = [literal(self.wire), self.type.codec, also, *(f"{name}=True" for name, holds in flags.items() if holds)]
        return f"in_json({', '.join(filter(None, said))})"

    @property
    def _default(self) -> str:
        if self.unset:
            return "UNSET"
        return "None" if self.optional else self.type.default


@frozen(kw_only=True)
class ViewModel:
    """A typed view of an open field."""

    name: Identifier = field(converter=Identifier)
    of: Identifier = field(converter=Identifier)
    model: Identifier = field(converter=Identifier)
    module: Identifier = field(converter=Identifier)
    when_has: str


@frozen(kw_only=True)
class ModelModel:
    """One model class."""

    name: Identifier = field(converter=Identifier)
    module: Identifier = field(converter=Identifier)
    doc: UntrustedString
    fields: tuple[FieldModel, ...]
    views: tuple[ViewModel, ...]
    imports: Imports
    later: Imports = field(factory=Imports)
    """Imports that only its annotations need, from modules that import this one."""
    has_unset: bool

    @property
    def later_imports(self) -> Imports:
        """Those that only its annotations and its views need."""
        needed = {Import(f".models.{view.module}", view.model) for view in self.views if view.model != self.name}
        return Imports(names=(self.later.names | needed) - self.imports.names)


@frozen(kw_only=True)
class MemberModel:
    """One member of an enum."""

    name: Identifier = field(converter=Identifier)
    value: str | int
    doc: UntrustedString | None = None


@frozen(kw_only=True)
class EnumModel:
    """One enum class."""

    name: Identifier = field(converter=Identifier)
    module: Identifier = field(converter=Identifier)
    base: Identifier = field(converter=Identifier)
    """`StrEnum` or `IntEnum`."""
    doc: UntrustedString
    members: tuple[MemberModel, ...]


@frozen(kw_only=True)
class ErrorModel:
    """One error class of the document."""

    name: Identifier = field(converter=Identifier)
    doc: UntrustedString
    bases: str = "APIStatusError"
    bodies: tuple[TypeCode, ...] = ()
    """The bodies of its answers in all operations; empty if there are none."""
    wait_attribute: Identifier | None = field(default=None, converter=optional(Identifier))
    wait_type: str | None = None

    @property
    def inherited(self) -> PythonCode:
        """Its base classes."""
        return PythonCode(self.bases)

    @property
    def body(self) -> PythonCode:
        """The type of its body, which may be missing because a proxy may have sent the answer."""
        names = dict.fromkeys(one.annotation for one in self.bodies)
        return PythonCode(" | ".join([*names, *(["None"] if "JSON" not in names else [])]))


@frozen(kw_only=True)
class TokenHostsModel:
    """The hosts that take tokens, and those that do not, by patterns."""

    scopes: tuple[tuple[str, str], ...]
    """Patterns, each with the scope of tokens there."""
    refused: tuple[tuple[str, str], ...]
    """Patterns, each with what to do instead."""


@frozen(kw_only=True)
class SchemeModel:
    """One security scheme, an argument of the clients."""

    name: str
    parameter: Identifier = field(converter=Identifier)
    place: Identifier = field(converter=Identifier)
    """`header`, `query` or `cookie`."""
    wire: str
    """Its name there."""
    prefix: str
    environment: str | None
    doc: UntrustedString
    tokens: TokenHostsModel | None = None
    instead_of: tuple[str, ...] = ()
    """The schemes that callers do not give beside it, because it does for all that they do."""

    @property
    def basic(self) -> bool:
        """Whether it is a user name and a password."""
        return self.prefix == "Basic "

    @property
    def sources(self) -> tuple[str, ...]:
        """The runtime's types for the argument of the sync client."""
        if self.tokens:
            return ("TokenCredential",)
        return ("BasicSource",) if self.basic else ("CredentialSource", "KeyHolder")

    @property
    def async_sources(self) -> tuple[str, ...]:
        """The same for the async client."""
        return (f"Async{self.sources[0]}", *(() if self.tokens else self.sources))

    @property
    def annotation(self) -> PythonCode:
        """The type of the argument of the sync client."""
        return PythonCode(" | ".join([*self.sources, "None"]))

    @property
    def async_annotation(self) -> PythonCode:
        """The same for the async client."""
        return PythonCode(" | ".join([*self.async_sources, "None"]))


@frozen(kw_only=True)
class VariableModel:
    """One server variable, an argument of the clients."""

    name: str
    parameter: Identifier = field(converter=Identifier)
    default: str | None
    example: str
    """A value that is known, whether it is taken by default or not."""
    environment: str | None
    in_path: bool
    enum: EnumModel | None
    doc: UntrustedString


@frozen(kw_only=True)
class ServerModel:
    """Where the service is."""

    host: str | None
    """Scheme and host, with variables in braces; None if callers have to name them."""
    prefix: str
    environment: str | None
    variables: tuple[VariableModel, ...]


@frozen(kw_only=True)
class ErrorBodyModel:
    """Where the parts of error answers are."""

    code: tuple[str, ...]
    message: tuple[str, ...]
    code_headers: tuple[str, ...]
    request_id_headers: tuple[str, ...]
    wait_headers: tuple[tuple[str, str], ...]
    wait_phrases: tuple[str, ...]
    described: tuple[str, ...]
    """The headers of answers that callers see."""


@frozen(kw_only=True)
class PublicationModel:
    """The metadata of a distribution, apart from its name and version."""

    license_text: str | None
    authors: list[dict[str, str]]
    urls: dict[str, str]
    keywords: list[str]
    classifiers: tuple[str, ...]


@frozen(kw_only=True)
class PackageModel:
    """The whole package."""

    distribution: str
    name: Identifier = field(converter=Identifier)
    client: Identifier = field(converter=Identifier)
    error: Identifier = field(converter=Identifier)
    version: str
    license: str | None
    """As an SPDX expression."""
    publication: PublicationModel
    title: UntrustedString
    doc: UntrustedString
    api_version: UntrustedString
    document_digest: str
    engine_version: str
    generator_version: str
    server: ServerModel
    schemes: tuple[SchemeModel, ...]
    error_body: ErrorBodyModel
    call_id_header: str
    """The header for the caller's id of a call; empty if the API has none."""
    errors: tuple[ErrorModel, ...]
    models: tuple[ModelModel, ...]
    enums: tuple[EnumModel, ...]
    resources: tuple[ResourceModel, ...]
    left_out: tuple[tuple[str, str], ...]
    """The operations that are not generated, each with the reason."""
    document: dict[str, Any] = field(repr=False)
    other_servers: tuple[tuple[str, UntrustedString], ...]
    """The servers that the client does not call by default, each with its description."""
    anonymous: bool
    """Whether a client without credentials can call operations, if there are credentials."""

    @property
    def origins(self) -> tuple[str, ...]:
        """The hosts of operations that are called elsewhere."""
        found = {one.origin for resource in self.resources for one in resource.live}
        return tuple(sorted(found - {"", self.server.host}))

    @property
    def sources(self) -> PythonCode:
        """The runtime's types for the credentials of the sync client."""
        return PythonCode(", ".join(sorted({name for scheme in self.schemes for name in scheme.sources})))

    @property
    def async_sources(self) -> PythonCode:
        """The same for the async client."""
        return PythonCode(", ".join(sorted({name for scheme in self.schemes for name in scheme.async_sources})))

    @property
    def takes_tokens(self) -> bool:
        """Whether callers can give a credential that provides tokens."""
        return any(scheme.tokens for scheme in self.schemes)

    @property
    def error_imports(self) -> Imports:
        """The imports for the annotations of error bodies."""
        bodies = (body for error in self.errors for body in error.bodies)
        return Imports(names=frozenset[Import]().union(*(body.imports | body.later for body in bodies)))

    @property
    def has_emulator(self) -> bool:
        """Whether the emulator supports an operation."""
        operations = (one for item in self.document["paths"].values() for one in mapping(item).values())
        return any("x-emulator" in mapping(one) for one in operations)

    @property
    def has_files(self) -> bool:
        """Whether callers may have to make parts of forms."""
        return any(Import("._runtime.requests.bodies", "FilePart") in model.imports.names for model in self.models)
