"""Applies OpenAPI Overlays 1.0: changes to a third party's document, each overlay in its own file.

No library on PyPI does this well. oas-patch 0.6.0, the only one, finds targets with jsonpath-ng, which fails 336 of the
703 cases of the compliance test suite of RFC 9535; it ignores a target that matches nothing; and it puts one object in
several places, where the next action changes it in all of them. python-jsonpath passes all cases; the merge is here.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from attrs import field, frozen

from strict_clients.breaches import Breach, GenerationRefused
from strict_clients.check.places import mapping, sequence
from strict_clients.check.specification import violations
from strict_clients.load import Document, sealed
from strict_clients.pointers import escape
from strict_clients.targets import Array, Exhausted, Location, Object, QueryRefused, Targets

_TEXT = {"type": "string"}
_EXTENSIBLE = {"type": "object", "patternProperties": {"^x-": True}, "additionalProperties": False}
_INFO = {"properties": {"title": _TEXT, "version": _TEXT}, "required": ["title", "version"]}
_ACTION = {
    "properties": {"target": _TEXT, "description": _TEXT, "update": True, "remove": {"type": "boolean"}},
    "required": ["target"],
}
_OVERLAY = {
    "properties": {
        "overlay": {"type": "string", "pattern": r"^1\.0\.[0-9]+\Z"},
        "info": _EXTENSIBLE | _INFO,
        "extends": _TEXT,
        "actions": {"type": "array", "minItems": 1, "items": _EXTENSIBLE | _ACTION},
    },
    "required": ["overlay", "info", "actions"],
}


def overlaid(document: Document, overlay: Document, *, path: Path, over: Path) -> Document:
    """A copy of the document, read from `over`, after the actions of the overlay, read from `path`.

    Raises: GenerationRefused with everything that is wrong with the overlay.
    """
    breaches = list(_faults(overlay.raw, path, over))
    if not breaches:
        changed = _Changed(Targets(document.raw))
        changed.apply(overlay.raw["actions"])
        if not changed.breaches:
            return sealed(changed.targets.plain(), path)
        breaches = changed.breaches
    raise GenerationRefused(Breach(one.pointer, f"{path}: {one.message}") for one in breaches)


def _faults(raw: dict[str, Any], path: Path, over: Path) -> Iterator[Breach]:
    """What is wrong with the overlay, regardless of the document."""
    yield from violations("", raw, _EXTENSIBLE | _OVERLAY, "see the Overlay Specification 1.0")
    for number, action in enumerate(map(mapping, sequence(raw.get("actions")))):
        if action and "update" not in action and action.get("remove", False) is False:
            yield Breach(f"/actions/{number}", "does nothing; give it 'update', or 'remove: true'")
    if isinstance(raw.get("extends"), str) and not _may_be(raw["extends"], path.parent, over):
        yield Breach("/extends", f"{raw['extends']!r} is not {over}; name that document, or leave the field out")


def _may_be(reference: str, folder: Path, document: Path) -> bool:
    """Whether the reference names the document, or is absolute: the origin of the document is not known."""
    try:
        split = urlsplit(reference)
        return bool(split.scheme) or (folder / unquote(split.path)).resolve() == document.resolve()
    except ValueError:
        return False


@frozen
class _Changed:
    """A document while the actions are applied, and what has gone wrong so far."""

    targets: Targets
    breaches: list[Breach] = field(factory=list[Breach])

    def apply(self, actions: list[Any]) -> None:
        """Apply the actions in order, continuing after failures, so that all reasons are found."""
        for number, action in enumerate(actions):
            pointer = f"/actions/{number}"
            try:
                self._act(pointer, action)
            except QueryRefused as error:
                self.breaches.append(Breach(f"{pointer}/target", f"{action['target']!r:.200} {error}"))
            except Exhausted as error:
                self.breaches.append(Breach(pointer, f"the overlay {error}"))
                return

    def _act(self, pointer: str, action: dict[str, Any]) -> None:
        locations = self.targets.find(action["target"])
        if not locations:
            message = f"{action['target']!r:.200} matches nothing; correct it or remove the action"
            self._refuse(f"{pointer}/target", message)
        elif not action.get("remove"):
            size = len(json.dumps(action["update"]))
            for location in locations:
                self.targets.take(size)
                self._update(location, action["update"], f"{pointer}/update")
        elif () in locations:
            self._refuse(f"{pointer}/target", "selects the whole document; remove parts of it")
        else:
            # Backwards, so that the indexes and parents of the remaining targets stay valid.
            for location in sorted(locations, reverse=True):
                del self._at(location[:-1])[location[-1]]

    def _update(self, location: Location, update: Any, pointer: str) -> None:
        old = self._at(location)
        place = "".join(f"/{escape(key)}" for key in location)
        if isinstance(old, Array) and not isinstance(update, list):
            old.append(self.targets.copy(update))
        elif isinstance(old, Object | Array):
            self._merged(old, update, place, pointer)
        else:
            self._refuse(pointer, f"cannot change {_kind(old)} (#{place}); let the target select what contains it")

    def _merged(self, old: Any, new: Any, place: str, pointer: str) -> Any:
        """The replacement of `old` in the document, which is `old` itself if it is an object or an array."""
        if isinstance(old, Object) and isinstance(new, dict):
            for key, value in mapping(new).items():
                below = (f"{place}/{escape(key)}", f"{pointer}/{escape(key)}")
                old[key] = self._merged(old[key], value, *below) if key in old else self.targets.copy(value)
        elif isinstance(old, Array) and isinstance(new, list):
            old.extend(self.targets.copy(new))
        elif isinstance(old, Object | Array) or isinstance(new, dict | list):
            self._refuse(pointer, f"is {_kind(new)} and #{place} {_kind(old)}; remove that in an earlier action")
        else:
            return new
        return old

    def _at(self, location: Location) -> Any:
        node = self.targets.root
        for key in location:
            node = node[key]
        return node

    def _refuse(self, pointer: str, message: str) -> None:
        self.breaches.append(Breach(pointer, message))


def _kind(value: Any) -> str:
    return "an object" if isinstance(value, dict) else "an array" if isinstance(value, list) else "a single value"
