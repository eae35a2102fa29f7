"""Rules for operations: their methods, arguments, bodies, pages and answers."""

from strict_clients.bump.change import Change
from strict_clients.bump.judgement import Judgement, elsewhere, major, minor, patch
from strict_clients.bump.naming import argument, method, named
from strict_clients.bump.rules.shared import Rules, always
from strict_clients.bump.uses import Uses
from strict_clients.check.places import Place, mapping
from strict_clients.media import kind


def _operation(change: Change, _uses: Uses) -> Judgement:
    name = method(change.place)
    if change.added:
        return minor(f"{name} is new", settled=True)
    if "x-removed" in change.place.fields:
        return major(f"{name}, which only said what replaced it, is gone", _replacement(change.place))
    return major(f"{name} is gone: the API has no such operation", _replacement(change.place))


def _removed(change: Change, _uses: Uses) -> Judgement:
    name = method(change.place)
    if change.added:
        return major(
            f"{name} is gone from the API; the method stays and only raises an error", _replacement(change.place)
        )
    return minor(f"{name} is back")


def _replacement(operation: Place) -> str:
    named = operation.fields.get("x-replaced-by")
    return f"the operation {named}" if named else "see the chapter on removed operations"


def _renamed(change: Change, _uses: Uses) -> Judgement:
    was, now = (method(side) if side else "" for side in (change.old, change.new))
    if was == now:
        return patch("the method keeps its name", settled=True)
    return major(f"{was} has another name", now)


def _moved(change: Change, _uses: Uses) -> Judgement:
    if change.item:
        return major(
            f"{method(change.place)} is sent where {change.item} was sent, and does what that did",
            f"a look at what {method(change.place)} does; {change.item} may be what does it now",
        )
    what = {"path": "path", "method": "HTTP method"}[change.key]
    return minor(
        f"{method(change.place)} stays, and is sent with another {what}; proxies that look at it do not know it",
        settled=True,
    )


def _pagination(change: Change, _uses: Uses) -> Judgement:
    name = method(change.place)
    if change.added:
        return major(f"{name} gives a pager, and not an answer", f"for item in {name}(...), or {name}_page(...)")
    return major(f"{name} gives an answer, and not a pager", f"{name}(...) without iterating over pages")


def _items(change: Change, _uses: Uses) -> Judgement:
    name = method(change.place)
    if change.item:
        return major(f"{name} pages another list: {change.now}, and paged {change.was}", "a look at what its items are")
    return minor(f"{name} pages the same list at another place", settled=True)


def _cursor(change: Change, _uses: Uses) -> Judgement:
    return major(
        f"{method(change.place)} continues in another way: a checkpoint that was kept belongs to another listing",
        "the listing from its beginning; checkpoints of the old version are refused or wrong",
    )


def _parameter(change: Change, _uses: Uses) -> Judgement:
    if _is_shared(change.place):
        return elsewhere("a part that operations may refer to; what matters is where it is used")
    name = argument(change.place)
    if change.removed:
        return major(f"{name} is gone", "the call without it")
    if change.place.fields.get("required"):
        return major(f"{name} has to be given", "the call with it")
    return minor(f"{name} may be given", settled=True)


def _required(change: Change, _uses: Uses) -> Judgement:
    if change.now:
        return major(f"{argument(change.place)} has to be given", "the call with it")
    return minor(f"{argument(change.place)} may be left out")


def _location(change: Change, _uses: Uses) -> Judgement:
    if "path" in {change.was, change.now}:
        return major(f"{argument(change.place)} has another position in the call", "arguments of a path without a name")
    return minor(f"{argument(change.place)} stays, and is sent in another part of the request", settled=True)


def _name(change: Change, _uses: Uses) -> Judgement:
    was, now = (argument(side) if side else "" for side in (change.old, change.new))
    if was == now and change.place.fields.get("in") == "header" and change.was.lower() == change.now.lower():
        return patch("the header is the same one: its name has no case", settled=True)
    if was == now:
        return minor(f"{now} stays, and is sent under another name", settled=True)
    return major(f"{was} has another name", now)


def _body(change: Change, _uses: Uses) -> Judgement:
    if _is_shared(change.place):
        return elsewhere("a part that operations may refer to; what matters is where it is used")
    if change.removed:
        return major("the call no longer takes a body", "the call without it")
    if change.place.fields.get("required"):
        return major("the call needs a body", "the call with body=...")
    return minor("the call takes a body")


def _body_required(change: Change, _uses: Uses) -> Judgement:
    if change.now:
        return major("the call needs its body", "the call with body=...")
    return major("the body is a keyword where it was the first argument", "body=... by its name")


def _response(change: Change, _uses: Uses) -> Judgement:
    if _is_shared(change.place):
        return elsewhere("a part that operations may refer to; what matters is where it is used")
    status = change.place.name
    if not status.startswith("2"):
        said = "described" if change.added else "no longer described"
        return elsewhere(f"status {status} is {said}; which class it raises is compared by itself")
    if change.added and not mapping(change.place.fields.get("content")):
        return major("the call may give None, where there is no content", "a look whether the result is None")
    if change.added:
        return minor(f"status {status} is documented")
    return elsewhere(f"status {status} is no longer documented; what it raises is compared by itself")


def _status(change: Change, _uses: Uses) -> Judgement:
    return minor(f"{named(change.place)} comes with another status", settled=True)


def _media_type(change: Change, _uses: Uses) -> Judgement:
    if change.key and _essence(change.was) == _essence(change.now):
        return patch("the content is the same one", settled=True)
    if change.key and kind(change.was) == kind(change.now):
        return minor(f"{change.now} is read and written as {change.was} was: values stay what they were", settled=True)
    if change.key:
        return major(f"the content is {change.now}, and was {change.was}", "a look at what the call takes or gives")
    if change.added:
        return minor(f"content of type {change.place.name} is documented")
    return major(f"content of type {change.place.name} is gone", "a look at what the call takes or gives")


def _essence(name: str) -> str:
    """A content type without its parameters."""
    return name.partition(";")[0].strip().lower()


def _is_shared(place: Place) -> bool:
    return place.owner is not None and place.owner.kind == "components"


OPERATIONS: Rules = {
    ("operation", ""): _operation,
    ("operation", "x-removed"): _removed,
    ("operation", "x-removed/last-version"): always(patch("when the operation was last there")),
    ("operation", "x-replaced-by"): always(patch("what takes the place of the operation")),
    ("operation", "operationId"): _renamed,
    ("operation", "tags"): _renamed,
    ("operation", "path"): _moved,
    ("operation", "method"): _moved,
    ("operation", "x-pagination"): _pagination,
    **{("operation", f"x-pagination/{key}"): _cursor for key in ("style", "cursor", "cursor-at")},
    **{
        ("operation", f"x-pagination/{key}"): always(minor("pages are asked for or checked in another way"))
        for key in ("limit", "same")
    },
    ("operation", "x-pagination/items"): _items,
    ("operation", "x-emulator"): always(minor("the emulator serves it in another way")),
    **{
        ("operation", f"x-emulator/{key}"): always(minor("the emulator serves it in another way"))
        for key in ("collection", "lifetime-seconds", "order")
    },
    ("parameter", ""): _parameter,
    ("parameter", "required"): _required,
    ("parameter", "in"): _location,
    ("parameter", "name"): _name,
    ("parameter", "x-content"): always(minor("the value is written in another way; the code of callers stays")),
    **{
        ("parameter", key): always(
            minor("the value is written in another way; the code of callers stays", settled=True)
        )
        for key in ("style", "explode", "allowReserved", "allowEmptyValue")
    },
    ("request body", ""): _body,
    ("request body", "required"): _body_required,
    ("response", ""): _response,
    ("response", "key"): _status,
    ("media type", ""): _media_type,
    ("media type", "key"): _media_type,
    ("media type", "encoding"): always(minor("parts of a form are written in another way; the code of callers stays")),
}
