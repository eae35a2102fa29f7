"""Rules for fields of many kinds of objects, and texts that several rules use."""

from collections.abc import Callable, Mapping

from strict_clients.bump.change import Change
from strict_clients.bump.judgement import Judgement, major, minor, patch
from strict_clients.bump.uses import Uses

Rule = Callable[[Change, Uses], Judgement]
Rules = Mapping[tuple[str, str], Rule]
"""By kind of object and field; `*` is any kind, and an empty field is the object itself, added or removed."""


def always(judgement: Judgement) -> Rule:
    """The same judgement for every change."""

    def rule(_change: Change, _uses: Uses) -> Judgement:
        return judgement

    return rule


def either(added: Judgement, other: Judgement) -> Rule:
    """One judgement for additions, another for removals and changes."""

    def rule(change: Change, _uses: Uses) -> Judgement:
        return added if change.added else other

    return rule


def _environment(change: Change, _uses: Uses) -> Judgement:
    if change.added:
        return minor(f"an environment variable is read that was not: {change.now}")
    now = f"set {change.now}" if change.now else "give the argument"
    return major(f"the environment variable {change.was} is no longer read", f"{now} where {change.was} was set")


def _deprecated(change: Change, _uses: Uses) -> Judgement:
    if change.now:
        return minor("calls warn that it is deprecated")
    return patch("calls no longer warn")


_WORDS = patch("text for people; code does not see it")
HEADERS = patch("headers of answers are text, whatever is described of it", settled=True)


def judge_header(change: Change, uses: Uses) -> Judgement:
    """The judgement of a response header that was added or removed."""
    name = change.place.name
    if name.lower() in uses.described:
        return patch("callers see this header of answers before and after", settled=True)
    if change.added:
        return minor(f"pages and errors show the header {name}")
    return major(f"pages and errors show the header {name} no more", "code that does without it")


SHARED: Rules = {
    **{
        ("*", key): always(_WORDS)
        for key in ("description", "summary", "externalDocs", "example", "examples", "$comment", "bearerFormat")
    },
    **{("info", key): always(_WORDS) for key in ("title", "contact", "license", "termsOfService")},
    **{("example", key): always(patch("an example, which the emulator may serve")) for key in ("", "value")},
    ("tag", ""): always(patch("tags are described; what matters is which one an operation has", settled=True)),
    ("*", "x-emulator-when"): always(patch("when the emulator answers an example")),
    ("*", "x-env"): _environment,
    ("operation", "deprecated"): _deprecated,
    ("*", "deprecated"): always(patch("for people; code does not see it", settled=True)),
    ("document", "openapi"): always(patch("the version of the specification")),
    ("document", "jsonSchemaDialect"): always(patch("the dialect of JSON Schema")),
}
