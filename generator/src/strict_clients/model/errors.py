"""The error classes of a package: those that `x-error` names, and one for each other status that is described."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from strict_clients.engine import untrusted
from strict_clients.model.calls import ErrorRuleModel, ResourceModel
from strict_clients.model.package import ErrorModel
from strict_clients.model.types import Types
from strict_clients.statuses import DEFAULT, DEFAULT_OF_SERVER, base_of, phrase, ruled_classes


def build_errors(types: Types, resources: Iterable[ResourceModel], classes: Mapping[str, str]) -> Iterator[ErrorModel]:
    """All of them, each after its base; `classes` are the names of those without `x-error`."""
    for statuses, said in ruled_classes(types.document).values():
        yield _ruled(statuses, said)
    rules: dict[str, list[ErrorRuleModel]] = {}
    for operation in (one for resource in resources for one in resource.operations):
        for rule in (rule for _, rules in operation.errors for rule in rules):
            rules.setdefault(rule.error, []).append(rule)
    for key, name in classes.items():
        both = (DEFAULT, DEFAULT_OF_SERVER) if key.startswith(DEFAULT) else (key,)
        yield _plain(key, name, classes, [rule for one in both for rule in rules.get(classes.get(one, ""), ())])


def _ruled(statuses: tuple[str, ...], rule: Mapping[str, Any]) -> ErrorModel:
    summary = rule["summary"].strip().rstrip(".")
    return ErrorModel(
        name=rule["class"],
        doc=untrusted(f"{', '.join(statuses)}: {summary}."),
        bases=base_of(*statuses),
        wait_attribute=rule.get("wait-attribute"),
        wait_type=rule.get("wait-type"),
    )


def _plain(key: str, name: str, classes: Mapping[str, str], rules: Iterable[ErrorRuleModel]) -> ErrorModel:
    """A class without `x-error`; its text is the operations' description of the status, if they agree."""
    summaries = {rule.summary for rule in rules}
    text = summaries.pop() if len(summaries) == 1 else phrase(key)
    bodies = dict.fromkeys(rule.body.type for rule in rules if rule.body)
    return ErrorModel(
        name=name,
        doc=untrusted(f"{key}: {text[:1].upper()}{text[1:]}."),
        bases=f"{classes[DEFAULT]}, ServerError" if key == DEFAULT_OF_SERVER else base_of(key),
        bodies=() if key == DEFAULT_OF_SERVER else tuple(bodies),
    )
