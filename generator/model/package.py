"""What the templates render: one value for each thing of the package, with every decision already taken."""

from keyword import iskeyword
from typing import Any

from attrs import field, frozen
from attrs.converters import optional

from generator.engine import Identifier, PythonCode, UntrustedString
from generator.model.code import Import, Imports, TypeCode, literal


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
    """Whether it is never answered, in a class that is answered too."""
    other_names: tuple[str, ...]
    doc: UntrustedString

    @property
    def annotation(self) -> PythonCode:
        """The field's type: with None where it may be missing, with Unset where null and missing differ."""
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
        """Whether it may be missing and may be null, which are two things."""
        return self.type.nullable and not self.required

    @property
    def hashed(self) -> bool:
        """Whether it takes part in the hash: mappings and open values cannot."""
        return "Mapping[" not in self.type.annotation and "JSON" not in self.type.annotation

    @property
    def codec(self) -> PythonCode:
        """The expression of its type."""
        return PythonCode(self.type.codec)

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
            "null": self.type.nullable,
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
    """What only its annotations need, of modules that import this one."""
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
class ParameterModel:
    """One parameter of an operation."""

    name: Identifier = field(converter=Identifier)
    wire: str
    location: str
    required: bool
    separator: str | None
    type: TypeCode
    doc: UntrustedString

    @property
    def signature(self) -> PythonCode:
        """Its place in a method's signature."""
        annotation = self.type.as_argument
        return PythonCode(f"{self.name}: {annotation}" + ("" if self.required else " | None = None"))

    @property
    def codec(self) -> PythonCode:
        """The expression of its type."""
        return PythonCode(self.type.known or self.type.codec)


@frozen(kw_only=True)
class BodyModel:
    """The body that an operation sends."""

    type: TypeCode
    content: str
    """The expression for the runtime's `bodies` module."""
    required: bool
    doc: UntrustedString

    @property
    def signature(self) -> PythonCode:
        """Its place in a method's signature."""
        return PythonCode(f"body: {self.type.as_argument}" + ("" if self.required else " | None = None"))

    @property
    def codec(self) -> PythonCode:
        """The expression of its content."""
        return PythonCode(self.content)


@frozen(kw_only=True)
class AnswerModel:
    """What one success of an operation carries."""

    type: TypeCode
    content: str
    """The expression for the runtime's `bodies` module."""

    @property
    def codec(self) -> PythonCode:
        """The expression of its content."""
        return PythonCode(self.content)


@frozen(kw_only=True)
class AnswersModel:
    """What the successes of an operation carry."""

    result: TypeCode | None
    """Of the first JSON; of a paged operation, the type of an item."""
    success: tuple[int, ...]
    empty: tuple[int, ...]
    others: tuple[tuple[int, AnswerModel], ...]
    """By status, what is read another way than `result`."""
    accept: str

    @property
    def types(self) -> tuple[TypeCode, ...]:
        """The types of all of them."""
        return (*([self.result] if self.result else []), *(answer.type for _, answer in self.others))


@frozen(kw_only=True)
class ErrorRuleModel:
    """When an answer becomes which error class."""

    error: Identifier = field(converter=Identifier)
    summary: str
    when: tuple[tuple[str, tuple[Any, ...]], ...]
    has_wait: bool


@frozen(kw_only=True)
class PaginationModel:
    """How the pages of an operation follow each other."""

    style: str
    cursor: str
    limit: str | None
    default_limit: int | None
    items: str
    cursor_at: str
    same: tuple[tuple[str, str], ...]


@frozen(kw_only=True)
class RemovedModel:
    """What is known of an operation that the API does not have any more."""

    call: str
    """How callers write it: `client.plants.list`."""
    last_version: UntrustedString
    replacement: str | None
    """What to call in its place, written likewise."""

    @property
    def text(self) -> str:
        """What its error says."""
        instead = f"call {self.replacement}" if self.replacement else "nothing takes its place, so do without it"
        version = self.last_version.get_untrusted_value()
        return f"{self.call}: the API has no such operation after version {version}; {instead}"


@frozen(kw_only=True)
class OperationModel:
    """One operation."""

    id: str
    method_name: Identifier = field(converter=Identifier)
    constant: Identifier = field(converter=Identifier)
    http_method: str
    path: str
    doc: UntrustedString
    deprecated: bool
    positional: tuple[ParameterModel, ...]
    keywords: tuple[ParameterModel, ...]
    body: BodyModel | None
    answers: AnswersModel
    security: tuple[tuple[str, ...], ...]
    errors: tuple[tuple[str, tuple[ErrorRuleModel, ...]], ...]
    pagination: PaginationModel | None
    replacement: str | None
    """What the document names in place of a deprecated operation, as callers write it: `client.plants.get`."""
    removed: RemovedModel | None

    @property
    def deprecation(self) -> str:
        """What a call of a deprecated operation warns of."""
        instead = f"; call {self.replacement}" if self.replacement else ""
        return f"{self.method_name} is deprecated by the API's document{instead}"

    @property
    def parameters(self) -> tuple[ParameterModel, ...]:
        """All of them, in the order of the signature."""
        return self.positional + self.keywords

    @property
    def many(self) -> ParameterModel | None:
        """The parameter that says which list is paged, where there is exactly one: then many can be paged at once."""
        return self.positional[0] if self.pagination and len(self.positional) == 1 else None

    @property
    def many_keywords(self) -> tuple[ParameterModel, ...]:
        """The keywords of all of them: a cursor belongs to one."""
        return tuple(one for one in self.keywords if not self.pagination or one.name != self.pagination.cursor)

    @property
    def many_signature(self) -> PythonCode:
        """The place of the values in the method's signature."""
        assert self.many is not None  # noqa: S101  # the template asks for it first
        return PythonCode(f"{self.many_name}: Iterable[{self.many.type.as_argument}]")

    @property
    def many_name(self) -> Identifier:
        """The name of the argument for the values, which no other argument has."""
        taken = {keyword.name for keyword in self.keywords}
        one = self.positional[0].name.rstrip("_")
        name = f"{one}es" if one.endswith("s") else f"{one}s"
        return Identifier(f"{name}_" if name in taken or iskeyword(name) else name)

    @property
    def result_annotation(self) -> PythonCode:
        """What a call returns; of a paged operation, the type of an item."""
        names = dict.fromkeys(one.annotation for one in self.answers.types)
        optional = any(one.nullable for one in self.answers.types) or (self.answers.empty and not self.pagination)
        # JSON takes in null and every other type of a body but bytes.
        return PythonCode(" | ".join([*names, *(["None"] if optional or not names else [])]))

    @property
    def result_codec(self) -> PythonCode | None:
        """The expression of the result's type."""
        result = self.answers.result
        if result is None:
            return None
        return PythonCode(f"compounds.Nullable({result.codec})" if result.nullable else result.codec)

    @property
    def raised(self) -> tuple[ErrorRuleModel, ...]:
        """The rules of the error classes that it documents, each class once."""
        return tuple({rule.error: rule for _, rules in self.errors for rule in rules}.values())


@frozen(kw_only=True)
class ResourceModel:
    """The operations of one tag."""

    name: Identifier = field(converter=Identifier)
    class_name: Identifier = field(converter=Identifier)
    doc: UntrustedString
    operations: tuple[OperationModel, ...]
    imports: Imports

    @property
    def live(self) -> tuple[OperationModel, ...]:
        """Those that the API still has."""
        return tuple(operation for operation in self.operations if operation.removed is None)

    @property
    def error_names(self) -> tuple[Identifier, ...]:
        """The error classes that its operations raise."""
        return tuple(sorted({rule.error for operation in self.operations for rule in operation.raised}))


@frozen(kw_only=True)
class ErrorModel:
    """One error class of the document."""

    name: Identifier = field(converter=Identifier)
    doc: UntrustedString
    wait_attribute: Identifier | None = field(converter=optional(Identifier))
    wait_type: str | None


@frozen(kw_only=True)
class SchemeModel:
    """One security scheme, an argument of the clients."""

    name: str
    parameter: Identifier = field(converter=Identifier)
    header: str
    prefix: str
    environment: str | None
    doc: UntrustedString


@frozen(kw_only=True)
class VariableModel:
    """One server variable, an argument of the clients."""

    name: str
    parameter: Identifier = field(converter=Identifier)
    default: str | None
    environment: str | None
    in_path: bool
    enum: EnumModel | None
    doc: UntrustedString


@frozen(kw_only=True)
class ServerModel:
    """Where the service is."""

    host: str | None
    """Scheme and host, with variables in braces; None where callers have to name them."""
    prefix: str
    environment: str | None
    variables: tuple[VariableModel, ...]


@frozen(kw_only=True)
class ErrorBodyModel:
    """Where error answers hold what."""

    code: tuple[str, ...]
    message: tuple[str, ...]
    code_headers: tuple[str, ...]
    request_id_headers: tuple[str, ...]
    wait_headers: tuple[tuple[str, str], ...]
    wait_phrases: tuple[str, ...]


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
    title: UntrustedString
    doc: UntrustedString
    api_version: UntrustedString
    document_digest: str
    engine_version: str
    generator_version: str
    server: ServerModel
    schemes: tuple[SchemeModel, ...]
    error_body: ErrorBodyModel
    errors: tuple[ErrorModel, ...]
    models: tuple[ModelModel, ...]
    enums: tuple[EnumModel, ...]
    resources: tuple[ResourceModel, ...]
    document: dict[str, Any] = field(repr=False)

    @property
    def has_files(self) -> bool:
        """Whether callers have to make parts of forms."""
        return any(Import("._runtime.requests.bodies", "FilePart") in model.imports.names for model in self.models)
