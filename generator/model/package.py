"""What the templates render: one value for each thing of the package, with every decision already taken."""

from keyword import iskeyword
from typing import Any

from attrs import field, frozen

from generator.engine import PythonCode, UntrustedString, python_name
from generator.model.code import Import, Imports, TypeCode


@frozen(kw_only=True)
class FieldModel:
    """One field of a model class."""

    name: str
    wire: str
    type: TypeCode
    required: bool
    sensitive: bool
    other_names: tuple[str, ...]
    doc: UntrustedString

    @property
    def annotation(self) -> PythonCode:
        """The field's type: with None where it may be missing, with Unset where null and missing differ."""
        text = self.type.annotation
        if self.type.annotation != "JSON" and (self.type.nullable or not self.required):
            text += " | None"
        return PythonCode(text + (" | Unset" if self.unset else ""))

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
    def options(self) -> PythonCode | None:
        """The arguments of `attrs.field`, if it needs any."""
        parts = ["default=UNSET"] if self.unset else ["default=None"] if not self.required else []
        parts += ["repr=False"] if self.sensitive else []
        parts += ["hash=False"] if not self.hashed else []
        plain = {"default=UNSET", "default=None"} >= set(parts)
        return None if plain else PythonCode(", ".join(parts))

    @property
    def default(self) -> PythonCode | None:
        """Its default, if it has one."""
        return PythonCode("UNSET" if self.unset else "None") if not self.required else None


@frozen(kw_only=True)
class ViewModel:
    """A typed view of an open field."""

    name: str
    field: str
    model: str
    when_has: str

    @property
    def module(self) -> str:
        """The module of `model`."""
        return python_name(self.model)


@frozen(kw_only=True)
class ModelModel:
    """One model class."""

    name: str
    module: str
    doc: UntrustedString
    fields: tuple[FieldModel, ...]
    views: tuple[ViewModel, ...]
    imports: Imports
    has_unset: bool
    slow: PythonCode | None
    """Why msgspec cannot read its pages, or None where it can."""

    @property
    def view_imports(self) -> Imports:
        """Those that only its views need."""
        needed = {Import(f".models.{view.module}", view.model) for view in self.views}
        return Imports(names=frozenset(needed) - self.imports.names)


@frozen(kw_only=True)
class MemberModel:
    """One member of an enum."""

    name: str
    value: str | int
    doc: UntrustedString | None = None


@frozen(kw_only=True)
class EnumModel:
    """One enum class."""

    name: str
    module: str
    base: str
    """`StrEnum` or `IntEnum`."""
    doc: UntrustedString
    members: tuple[MemberModel, ...]


@frozen(kw_only=True)
class ParameterModel:
    """One parameter of an operation."""

    name: str
    wire: str
    location: str
    required: bool
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
    """The JSON body of an operation."""

    type: TypeCode
    required: bool
    doc: UntrustedString

    @property
    def signature(self) -> PythonCode:
        """Its place in a method's signature."""
        return PythonCode(f"body: {self.type.as_argument}" + ("" if self.required else " | None = None"))

    @property
    def codec(self) -> PythonCode:
        """The expression of its type."""
        return PythonCode(self.type.codec)


@frozen(kw_only=True)
class ErrorRuleModel:
    """When an answer becomes which error class."""

    error: str
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
class OperationModel:
    """One operation."""

    id: str
    method_name: str
    constant: str
    http_method: str
    path: str
    doc: UntrustedString
    deprecated: bool
    positional: tuple[ParameterModel, ...]
    keywords: tuple[ParameterModel, ...]
    body: BodyModel | None
    success: tuple[int, ...]
    empty: tuple[int, ...]
    result: TypeCode | None
    security: tuple[tuple[str, ...], ...]
    errors: tuple[tuple[str, tuple[ErrorRuleModel, ...]], ...]
    pagination: PaginationModel | None

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
    def many_name(self) -> str:
        """The name of the argument for the values, which no other argument has."""
        taken = {keyword.name for keyword in self.keywords}
        one = self.positional[0].name.rstrip("_")
        name = f"{one}es" if one.endswith("s") else f"{one}s"
        return f"{name}_" if name in taken or iskeyword(name) else name

    @property
    def result_annotation(self) -> PythonCode:
        """What a call returns; of a paged operation, the type of an item."""
        if self.result is None:
            return PythonCode("None")
        optional = self.result.nullable or self.empty
        return PythonCode(self.result.annotation + (" | None" if optional and self.pagination is None else ""))

    @property
    def result_codec(self) -> PythonCode | None:
        """The expression of the result's type."""
        if self.result is None:
            return None
        return PythonCode(f"schema.Nullable({self.result.codec})" if self.result.nullable else self.result.codec)

    @property
    def raised(self) -> tuple[ErrorRuleModel, ...]:
        """The rules of the error classes that it documents, each class once."""
        return tuple({rule.error: rule for _, rules in self.errors for rule in rules}.values())


@frozen(kw_only=True)
class ResourceModel:
    """The operations of one tag."""

    name: str
    class_name: str
    doc: UntrustedString
    operations: tuple[OperationModel, ...]
    imports: Imports

    @property
    def error_names(self) -> tuple[str, ...]:
        """The error classes that its operations raise."""
        return tuple(sorted({rule.error for operation in self.operations for rule in operation.raised}))


@frozen(kw_only=True)
class ErrorModel:
    """One error class of the document."""

    name: str
    doc: UntrustedString
    wait_attribute: str | None
    wait_type: str | None


@frozen(kw_only=True)
class SchemeModel:
    """One security scheme, an argument of the clients."""

    name: str
    parameter: str
    header: str
    prefix: str
    environment: str | None
    doc: UntrustedString


@frozen(kw_only=True)
class VariableModel:
    """One server variable, an argument of the clients."""

    name: str
    parameter: str
    default: str | None
    environment: str | None
    enum: EnumModel | None
    doc: UntrustedString


@frozen(kw_only=True)
class ServerModel:
    """Where the service is."""

    host: str
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
    name: str
    client: str
    error: str
    version: str
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
