"""Renders the samples of every operation that has them: `{path: text}`."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, TemplateError

from strict_clients.engine import environment
from strict_clients.files import Files
from strict_clients.render import MARK, GenerationFailed
from strict_clients.samples.facts import Call
from strict_clients.samples.filters import FILTERS, comment
from strict_clients.samples.languages import LANGUAGES, Language


def render_samples(call: Call, templates: Path) -> Files:
    """The samples of an operation by their file names, each saying in its first lines that it is generated.

    Raises:
        GenerationFailed: a template prints what it must not.
    """
    jinja = _jinja(templates)
    return {language.file: _render(jinja, language, call) for language in LANGUAGES}


def _render(jinja: Environment, language: Language, call: Call) -> str:
    name = f"{language.file}.jinja"
    try:
        return jinja.get_template(name).render(call=call, head=comment(_head(language, call), language.mark))
    except (TemplateError, TypeError) as error:
        raise GenerationFailed(f"templates/samples/{name}: {error or type(error).__name__}; correct it") from error


def _head(language: Language, call: Call) -> Iterator[str]:
    """The lines that every sample begins with: the mark, what it does, and how it is run."""
    variables = " and ".join(one.environment for one in call.headers)
    result = "each item" if call.paging else "the answer"
    yield MARK
    yield call.summary
    yield f"Prints {result} on a line. Needs {language.needs}."
    yield f"Set {call.endpoint} (such as {call.host}){' and ' if variables else ''}{variables}, then:"
    if language.build:
        yield f"$ {language.build}"
    yield f"$ {' '.join([language.run, *call.arguments])}"


@lru_cache(maxsize=1)
def _jinja(templates: Path) -> Environment:
    """The environment of the packages, with other marks: `{{` begins much in JavaScript and C#."""
    jinja = environment(templates / "samples").overlay(
        variable_start_string="«",
        variable_end_string="»",
        block_start_string="«%",
        block_end_string="%»",
        comment_start_string="«#",
        comment_end_string="#»",
    )
    jinja.filters.update(FILTERS)
    return jinja
