"""The page of an API: hosts, operations with their samples, answers with their examples, and the fields of both."""

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from strict_clients.files import Files
from strict_clients.model import PackageModel
from strict_clients.model.calls import OperationModel, ParameterModel
from strict_clients.model.package import FieldModel, SchemeModel
from strict_clients.render import MARK
from strict_clients.samples.languages import LANGUAGES
from strict_clients.samples.markdown import code, example, fence, line, prose

STYLE = f"""/* {MARK} */
.samples input {{ position: absolute; opacity: 0; }}
.samples label {{ display: inline-block; margin: 0 .2rem .3rem 0; padding: .1rem .5rem; cursor: pointer; }}
.samples label {{ border: 1px solid var(--color-background-border, #999); border-radius: .3rem; }}
.samples input:checked + label {{ background: var(--color-brand-primary, #05a); color: #fff; }}
.samples input:checked + label {{ color: var(--color-background-primary, #fff); }}
.samples input:focus-visible + label {{ outline: 2px solid var(--color-brand-primary, #05a); outline-offset: 2px; }}
.samples .sample {{ display: none; }}
""" + "".join(
    f".samples input:nth-of-type({at}):checked ~ .sample:nth-of-type({at}) {{ display: block; }}\n"
    for at in range(1, len(LANGUAGES) + 1)
)
"""Makes tabs of the samples of an operation; without it, they are shown one after the other."""
_PLACES = {"path": "in the path", "query": "in the query", "header": "a header", "cookie": "a cookie"}


def write_page(package: PackageModel, samples: Mapping[str, Files]) -> str:
    """The page in Markdown; `samples` has those of an operation by its constant in lower case."""
    return "\n\n".join(filter(None, _page(package, samples))) + "\n"


def _page(package: PackageModel, samples: Mapping[str, Files]) -> Iterator[str]:
    yield f"<!-- {MARK} -->"
    yield f"# {line(package.title)}"
    yield f"Version {line(package.api_version)}. " + prose(package.doc)
    for resource in package.resources:
        for operation in resource.live:
            yield from _operation(package, operation, samples.get(operation.constant.lower(), {}))
    yield from _classes(package)
    yield from _hosts(package)
    if samples:
        yield (
            "The samples as files: "
            + ", ".join(f"[{name}/{file}]({name}/{file})" for name, files in samples.items() for file in files)
            + ". [openapi.json](openapi.json) is the document with all of them, for programs that show `x-codeSamples`."
        )


def _hosts(package: PackageModel) -> Iterator[str]:
    server = package.server
    yield "## Hosts"
    yield code((server.host or "https://host") + server.prefix)
    for variable in server.variables:
        yield f"{code(variable.name)}: {line(variable.doc)}"
        if variable.enum:
            host = (server.host or "").partition("://")[2] if not variable.in_path else f"{{{variable.name}}}"
            yield "\n".join(
                f"- {line(member.doc or '')}: {code(host.replace(f'{{{variable.name}}}', str(member.value)))}"
                for member in variable.enum.members
            )


def _operation(package: PackageModel, operation: OperationModel, samples: Files) -> Iterator[str]:
    host = operation.origin or package.server.host or "https://host"
    prefix = package.server.prefix if operation.prefix is None else operation.prefix
    yield f"## {line(operation.summary).rstrip('.')}"
    yield code(f"{operation.http_method} {host}{prefix}{operation.path}")
    yield prose(operation.details)
    yield "### Parameters" if operation.parameters or operation.security != ((),) else ""
    names = dict.fromkeys(name for way in operation.security for name in way)
    schemes = (_scheme(one) for one in package.schemes if one.name in names)
    yield "\n".join([*map(_parameter, operation.parameters), *schemes])
    yield "No body is sent." if operation.body is None else f"### Body\n\n{prose(operation.body.doc)}"
    if samples:
        yield "### Code samples"
        yield from _tabs(operation.constant.lower(), samples)
    yield "### Responses"
    yield from _responses(operation)


def _responses(operation: OperationModel) -> Iterator[str]:
    rules = dict(operation.errors)
    for response in operation.responses:
        yield f"#### {line(response.status)}"
        yield prose(response.doc)
        raised = [f"- {code(rule.error)}: {line(rule.summary)}." for rule in rules.get(response.status, ())]
        yield "\n".join(["What the package raises, and what to do:", "", *raised]) if raised else ""
        yield from map(example, response.examples)
    headers = {name: doc for response in operation.responses for name, doc in response.headers}
    if headers:
        yield "### Response headers"
        yield "\n".join(f"- {code(name)}: {line(doc)}" for name, doc in headers.items())


def _parameter(one: ParameterModel) -> str:
    facts = [_PLACES[one.location], "required" if one.required else "optional", *_types(one.schema)]
    shown = "" if one.example is None else f" Example: {code(str(one.example))}."
    return f"- {code(one.wire)} ({line(', '.join(facts))}): {line(one.doc)}{shown}"


def _types(schema: Mapping[str, Any]) -> Iterable[str]:
    stated = schema.get("type", ())
    return [" or ".join([stated] if isinstance(stated, str) else stated)] if stated else []


def _scheme(one: SchemeModel) -> str:
    name = one.wire + (f": {one.prefix}…" if one.prefix else "")
    return f"- {code(name)} ({_PLACES[one.place]}, required): {line(one.doc)}"


def _tabs(name: str, samples: Files) -> Iterator[str]:
    """Radio buttons with labels, which need no script; the blank lines let Markdown highlight the code."""
    shown = [language for language in LANGUAGES if language.file in samples]
    yield '<div class="samples">\n' + "\n".join(
        f'<input type="radio" name="{name}" id="{name}-{at}"{" checked" if at == 1 else ""}>'
        f'<label for="{name}-{at}">{escape(language.label)}</label>'
        for at, language in enumerate(shown, start=1)
    )
    for language in shown:
        yield f'<div class="sample">\n\n{fence(samples[language.file], language.lexer)}\n\n</div>'
    yield "</div>"


def _classes(package: PackageModel) -> Iterator[str]:
    yield "## Fields" if package.models else ""
    for model in package.models:
        yield f"### {model.name}"
        yield prose(model.doc)
        yield "\n".join(map(_field, model.fields))
    for enum in package.enums:
        yield f"### {enum.name}"
        yield prose(enum.doc)
        yield "\n".join(f"- {code(str(member.value))}" for member in enum.members)


def _field(one: FieldModel) -> str:
    spellings = ", ".join(map(code, (one.wire, *one.other_names)))
    facts = ", ".join([one.type.annotation, *([] if one.required else ["may be missing"])])
    return f"- {spellings} ({line(facts)}): {line(one.doc)}"
