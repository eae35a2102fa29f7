"""What the templates render of operations: their values, and the methods that call them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from keyword import iskeyword
from typing import Any

from attrs import field, frozen

from strict_clients.engine import Identifier, PythonCode, UntrustedString
from strict_clients.model.code import Imports, TypeCode, literal

_VERIFY = ("trust_short_page: bool = False", 'verify: Literal["end", "stable"] | None = None')
_PAGER = ("checkpoint: Mapping[str, JSON] | None = None", *_VERIFY, "prefetch: bool = False")
_PAGE = ("fresh_connection: bool = False",)
_MANY = ("concurrency: int = 8", "rate: float | None = None", *_VERIFY)


@frozen(kw_only=True)
class ParameterModel:
    """One parameter of an operation."""

    name: Identifier = field(converter=Identifier)
    wire: str
    location: str
    required: bool
    separator: str | None
    style: str
    """How an object is written: see the runtime's `Parameter`; empty for other types."""
    type: TypeCode
    schema: Mapping[str, Any] = field(repr=False)
    """What the document says of its values."""
    example: Any
    """A value that the service takes; None where the document names none."""
    doc: UntrustedString

    @property
    def signature(self) -> str:
        """Its place in a method's signature."""
        return f"{self.name}: {self.type.as_argument}" + ("" if self.required else " | None = None")

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
    def signature(self) -> str:
        """Its place in a method's signature."""
        return f"body: {self.type.as_argument}" + ("" if self.required else " | None = None")

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
    success: tuple[int | str, ...]
    """By number, or `2XX`."""
    empty: tuple[int | str, ...]
    others: tuple[tuple[int | str, AnswerModel], ...]
    """By status, bodies that are not read like `result`."""
    accept: str

    @property
    def may_be_empty(self) -> bool:
        """Whether a success may have no body, such as some statuses of a range."""
        return bool(self.empty) or "2XX" in self.success

    @property
    def types(self) -> tuple[TypeCode, ...]:
        """The types of all of them."""
        return (*([self.result] if self.result else []), *(answer.type for _, answer in self.others))


@frozen(kw_only=True)
class ErrorRuleModel:
    """When an answer becomes which error class."""

    error: Identifier = field(converter=Identifier)
    summary: str
    when: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    has_wait: bool = False
    body: AnswerModel | None = None
    """The body of such an answer, if the class has it."""


@frozen(kw_only=True)
class ResponseModel:
    """One response that the document describes."""

    status: str
    doc: UntrustedString
    headers: tuple[tuple[str, UntrustedString], ...]
    examples: tuple[Any, ...]
    """Of its JSON."""


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
    """An operation that the API no longer has."""

    call: str
    """How callers write it: `client.plants.list`."""
    last_version: UntrustedString
    replacement: str | None
    """What to call instead, in the same notation."""
    guessed: bool = False
    """Whether it is a guess: an operation that looks similar."""

    @property
    def text(self) -> str:
        """The text of its error."""
        guess = ", which looks similar (a guess: make sure that it does the same)" if self.guessed else ""
        instead = f"call {self.replacement}{guess}" if self.replacement else "nothing replaces it"
        version = self.last_version.get_untrusted_value()
        return f"{self.call}: the API has no such operation after version {version}; {instead}"


@frozen(kw_only=True)
class HeadModel:
    """The signature of a method."""

    overloads: tuple[PythonCode, ...]
    """Only if an argument changes the return type."""
    definition: PythonCode


@frozen(kw_only=True)
class OperationModel:
    """One operation."""

    id: str
    method_name: Identifier = field(converter=Identifier)
    constant: Identifier = field(converter=Identifier)
    http_method: str
    path: str
    origin: str
    """Scheme and host of its own server; empty if it uses the document's."""
    prefix: str | None
    """The path of its own server, if it has one."""
    summary: UntrustedString
    """The first paragraph of its description."""
    details: UntrustedString
    """The other paragraphs."""
    deprecated: bool
    positional: tuple[ParameterModel, ...]
    keywords: tuple[ParameterModel, ...]
    body: BodyModel | None
    answers: AnswersModel
    security: tuple[tuple[str, ...], ...]
    errors: tuple[tuple[str, tuple[ErrorRuleModel, ...]], ...]
    responses: tuple[ResponseModel, ...]
    pagination: PaginationModel | None
    replacement: str | None
    """The document's replacement for a deprecated operation, as callers write it: `client.plants.get`."""
    removed: RemovedModel | None

    @property
    def address(self) -> str:
        """Its path, after the parts of its own server."""
        return f"{self.origin}{self.prefix or ''}{self.path}"

    @property
    def deprecation(self) -> str:
        """The warning of a call of a deprecated operation."""
        instead = f"; call {self.replacement}" if self.replacement else ""
        return f"{self.method_name} is deprecated by the API's document{instead}"

    @property
    def parameters(self) -> tuple[ParameterModel, ...]:
        """All of them, in the order of the signature."""
        return self.positional + self.keywords

    @property
    def many(self) -> ParameterModel | None:
        """The parameter that selects the list, if there is exactly one: then many lists can be read at once."""
        return self.positional[0] if self.pagination and len(self.positional) == 1 else None

    @property
    def many_keywords(self) -> tuple[ParameterModel, ...]:
        """The keywords that apply to many lists, which a cursor does not."""
        return tuple(one for one in self.keywords if not self.pagination or one.name != self.pagination.cursor)

    @property
    def many_name(self) -> Identifier:
        """The unique name of the argument for the values."""
        taken = {keyword.name for keyword in self.keywords}
        one = self.positional[0].name.rstrip("_")
        name = f"{one}es" if one.endswith("s") else f"{one}s"
        return Identifier(f"{name}_" if name in taken or iskeyword(name) else name)

    def methods(self, *, asynchronous: bool) -> Iterator[tuple[str, HeadModel]]:
        """The signatures of its methods by their kind: `plain`, or `pager`, `page` and perhaps `many`."""
        prefix, define = ("Async", "async def") if asynchronous else ("", "def")
        if not self.pagination:
            arguments = ", ".join(["self", *self._arguments()])
            definition = f"{define} {self.method_name}({arguments}) -> {self._result}"
            yield "plain", HeadModel(overloads=(), definition=PythonCode(definition))
            return
        yield "pager", self._paged(f"def {self.method_name}", self._arguments(_PAGER), f"{prefix}Pager[{{}}]")
        yield "page", self._paged(f"{define} {self.method_name}_page", self._arguments(_PAGE), "Page[{}]")
        if self.many:
            values = f"{self.many_name}: Iterable[{self.many.type.as_argument}]"
            given = [values, "*", *(one.signature for one in self.many_keywords), *_MANY]
            yield "many", self._paged(f"def {self.method_name}_many", given, f"{prefix}Generator[Listed[{{}}]]")

    def _arguments(self, more: Sequence[str] = ()) -> list[str]:
        body = [self.body.signature] if self.body else []
        required = body if self.body and self.body.required else []
        keywords = [*(one.signature for one in self.keywords), *(body if not required else []), *more]
        positional = [*(one.signature for one in self.positional), *required]
        return [*positional, *(["*", *keywords] if keywords else [])]

    def _paged(self, start: str, arguments: Sequence[str], result: str) -> HeadModel:
        def head(on_invalid: str, item: str) -> PythonCode:
            given = ", ".join(["self", *arguments, f"on_invalid: {on_invalid}"])
            return PythonCode(f"{start}({given}) -> {result.replace('{}', item)}")

        return HeadModel(
            overloads=(
                head('Literal["raise"] = "raise"', self._result),
                head('Literal["keep"]', f"{self._result} | MalformedItem"),
            ),
            definition=head('Literal["raise", "keep"] = "raise"', "Any"),
        )

    @property
    def values(self) -> PythonCode:
        """The arguments by their names, as the runtime takes them."""
        return _mapping(self.parameters)

    @property
    def many_values(self) -> PythonCode:
        """The arguments that many lists share."""
        return _mapping(self.many_keywords)

    @property
    def result_annotation(self) -> PythonCode:
        """What a call returns; of a paged operation, the type of an item."""
        return PythonCode(self._result)

    @property
    def _result(self) -> str:
        names = dict.fromkeys(one.annotation for one in self.answers.types)
        optional = any(one.nullable for one in self.answers.types) or (
            self.answers.may_be_empty and not self.pagination
        )
        # JSON includes null and every type of a body except bytes.
        return " | ".join([*names, *(["None"] if optional or not names else [])])

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


def _mapping(parameters: Iterable[ParameterModel]) -> PythonCode:
    return PythonCode("{" + ", ".join(f"{literal(one.name)}: {one.name}" for one in parameters) + "}")
