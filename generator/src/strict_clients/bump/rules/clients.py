"""Rules for what all calls of a client share: names, server, regions, security, errors and waits."""

from typing import Any

from strict_clients.bump.change import Change
from strict_clients.bump.judgement import Judgement, elsewhere, major, minor, nothing, patch
from strict_clients.bump.naming import argument, member
from strict_clients.bump.rules.shared import Rules, always, either
from strict_clients.bump.uses import Uses
from strict_clients.check.places import Place, mapping, sequence
from strict_clients.names import variable_member


def _sdk_name(change: Change, _uses: Uses) -> Judgement:
    part = change.key.rpartition("/")[2]
    return major(f"what callers import or install has another name ({part})", f"{change.now} for {change.was}")


def _url(change: Change, _uses: Uses) -> Judgement:
    urls = [_filled(change, str(url)) for url in (change.was, change.now)]
    if _split(urls[0]) == _split(urls[1]):
        return minor("a part of the host can be chosen, or not any more; the default stays", settled=True)
    return _moved(*urls)


def _server(change: Change, _uses: Uses) -> Judgement:
    """For a server that only one version of an operation has: the other version uses the document's."""
    own, general = str(change.place.fields.get("url")), _of_document(change.place)
    return _moved(general, own) if change.added else _moved(own, general)


def _of_document(place: Place) -> str:
    """The URL of the server of the whole document."""
    while place.owner is not None:
        place = place.owner
    return str(place.fields["servers"][0]["url"])


def _moved(before: str, after: str) -> Judgement:
    """The judgement of calls that go to another URL."""
    was, now = _split(before), _split(after)
    if not was[0]:
        return minor("the document names a host; callers need not any more", settled=True)
    if not now[0]:
        return major("the document no longer names a host", "endpoint=... as an argument of the client")
    if was[0] != now[0]:
        return major(
            "keys are sent to another host, which firewalls, proxies and the rules of keys do not know",
            f"nothing in the code; allow {now[0]}, or give endpoint=... to stay at a host of your own",
        )
    return minor(
        f"calls go to {now[1] or '/'} of the same host; the code of callers stays, proxies that look at paths do not",
        settled=True,
    )


def _filled(change: Change, url: str) -> str:
    """The URL with the defaults of variables that only one of both has."""
    sides = [mapping(side.fields.get("variables")) if side else {} for side in (change.old, change.new)]
    for name in sides[0].keys() ^ sides[1].keys():
        url = url.replace(f"{{{name}}}", str({**sides[0], **sides[1]}[name].get("default")))
    return url


def _split(url: str) -> tuple[str, str]:
    scheme, separator, rest = url.rpartition("://")
    host, _, path = rest.partition("/")
    return f"{scheme}{separator}{host}", f"/{path}".rstrip("/")


def _variable(change: Change, _uses: Uses) -> Judgement:
    name = argument(change.place)
    if change.removed:
        return major(f"{name} of the clients is gone", f"calls of the client without {name.removeprefix('the ')}")
    if change.place.fields.get("x-required"):
        return major(f"clients need {name}", f"calls of the client with {name.removeprefix('the ')}")
    return minor(f"clients take {name}")


def _variable_default(change: Change, _uses: Uses) -> Judgement:
    if change.old and change.new and change.old.fields.get("x-required") and change.new.fields.get("x-required"):
        return patch("no client uses it: callers have to say")
    host = ", where their key may mean nothing" if _is_of_host(change.place) else ""
    kept = f"{argument(change.place).removeprefix('the argument ')}={change.was!r} as an argument of the client"
    is_left = change.was in sequence(change.place.fields.get("enum")) or "enum" not in change.place.fields
    return major(
        f"callers that give nothing reach {change.now!r} and not {change.was!r}{host}",
        kept if is_left else f"nothing: {change.was!r} is refused",
    )


def _is_of_host(variable: Place) -> bool:
    """Whether it is in the host, not in the path."""
    url = str(variable.owner.fields.get("url")) if variable.owner is not None else ""
    return f"{{{variable.name}}}" in (url.partition("://")[2] or url).partition("/")[0]


def _variable_required(change: Change, _uses: Uses) -> Judgement:
    name = argument(change.place).removeprefix("the argument ")
    if change.now:
        default = change.place.fields.get("default")
        return major("callers that give nothing get an error", f"{name}={default!r} as an argument of the client")
    return minor("callers may leave it out")


def _region(change: Change, _uses: Uses) -> Judgement:
    shown = [mapping(side.fields.get("x-display-names")) if side else {} for side in (change.old, change.new)]
    if change.added:
        return minor(f"{member(change.place, _python(shown[1], change.item))} is new")
    name = member(change.place, _python(shown[0], change.item))
    return major(
        f"{name} is gone, and its text {change.item!r} is refused before anything is sent",
        "another one" + ("; endpoint=... reaches a host that still answers" if _is_of_host(change.place) else ""),
    )


def _python(shown: dict[str, Any], value: str) -> str:
    return variable_member(str(shown.get(value, value)))


def _display_name(change: Change, _uses: Uses) -> Judgement:
    if not all(side and change.item in sequence(side.fields.get("enum")) for side in (change.old, change.new)):
        return elsewhere("told where the value came or went")
    was, now = (_python({change.item: shown or change.item}, change.item) for shown in (change.was, change.now))
    if was == now:
        return patch("the member keeps its name")
    return major(f"{member(change.place, was)} has another name", member(change.place, now))


def _class(change: Change, _uses: Uses) -> Judgement:
    return major(f"the enum {change.was} has another name", f"{change.now} for {change.was}")


def security(change: Change, _uses: Uses) -> Judgement:
    """The judgement of changed requirements: what sufficed still has to suffice."""
    was, now = (sorted(sorted(way) for way in map(mapping, sequence(ways))) for ways in (change.was, change.now))
    if was == now:
        return patch("the scopes, or the order, of what is asked for; clients send what they are given", settled=True)
    if all(any(set(way) <= set(old) for way in now or [[]]) for old in was or [[]]):
        return minor("what callers give for security is still accepted")
    return major(
        f"security that sufficed ({_ways(was)}) no longer does ({_ways(now)})",
        f"a client with the credentials of one of: {_ways(now)}",
    )


def _ways(ways: list[list[str]]) -> str:
    return " or ".join(" with ".join(way) or "none" for way in ways) or "none"


def _scheme(change: Change, _uses: Uses) -> Judgement:
    name = argument(change.place)
    if change.added:
        return minor(f"clients take {name}")
    return major(f"{name} of the clients is gone", "the credentials of another security scheme")


def _scheme_argument(change: Change, _uses: Uses) -> Judgement:
    was, now = (argument(side) if side else "" for side in (change.old, change.new))
    return major(f"{was} of the clients has another name", now.removeprefix("the argument ") + "=...")


def _scopes(change: Change, _uses: Uses) -> Judgement:
    gone = mapping(change.was).keys() - mapping(change.now).keys()
    if gone:
        return major(f"the scope of tokens is not known any more at {', '.join(sorted(gone))}", "scope=... there")
    return minor("tokens are asked for at more hosts, or for other scopes")


def _refusing(change: Change, _uses: Uses) -> Judgement:
    was, now = mapping(change.was), mapping(change.now)
    if added := now.keys() - was.keys():
        return major(f"tokens are refused at {', '.join(sorted(added))}", "a key there, or another endpoint")
    return minor("tokens are taken at more hosts") if was.keys() - now.keys() else patch("what an error advises")


def _wait(change: Change, _uses: Uses) -> Judgement:
    if change.added:
        return minor(f"{change.item} says how long to wait")
    return major("the wait of the error has another name or unit", "a look at the attribute of the class")


def _pointers(change: Change, _uses: Uses) -> Judgement:
    was, now = sequence(change.was), sequence(change.now)
    if now[: len(was)] == was:
        return minor("it is looked for at one more place, after the others")
    part = change.key.rpartition("/")[2].replace("-", " ")
    return major(f"the {part} of an error is not read where it was", f"a look at its new place: {now}")


_CLASSES = elsewhere("which class is raised for which answer is compared by itself")
_WAITS = minor("how long the service asks to wait is read in other places; retries come at other times")
CLIENTS: Rules = {
    ("info", "x-sdk/license"): always(
        patch("the package comes under another licence; the code of callers stays, whether they may use it may not")
    ),
    **{
        ("info", f"x-sdk/{key}"): always(patch("what the distribution says about itself"))
        for key in ("license-text", "authors", "urls", "keywords", "classifiers")
    },
    ("info", "version"): always(minor("the package speaks another version of the API")),
    ("info", "x-sdk/version"): always(nothing("the number of the release, which follows from everything else")),
    ("info", "x-sdk/before-1-0"): always(patch("how a break is counted before version 1.0.0", settled=True)),
    **{("info", f"x-sdk/{part}"): _sdk_name for part in ("distribution", "package", "client", "error")},
    ("server", "url"): _url,
    ("document", "x-other-servers"): always(minor("the servers that callers may name as the endpoint")),
    ("server", ""): _server,
    ("server variable", ""): _variable,
    ("server variable", "default"): _variable_default,
    ("server variable", "x-required"): _variable_required,
    ("server variable", "enum"): _region,
    ("server variable", "x-display-names"): _display_name,
    ("server variable", "x-class"): _class,
    ("document", "security"): security,
    ("operation", "security"): security,
    ("security scheme", ""): _scheme,
    ("security scheme", "name"): always(
        minor(
            "clients send the credential in another header; the code of callers stays, proxies that look at it do not",
            settled=True,
        )
    ),
    ("security scheme", "x-parameter"): _scheme_argument,
    ("security scheme", "x-token-credential"): always(
        major("the argument takes what gives tokens, or does not any more", "the new credential for the old one")
    ),
    ("security scheme", "x-token-credential/scopes"): _scopes,
    ("security scheme", "x-token-credential/refused"): _refusing,
    **{
        ("security scheme", key): always(
            major("the credential is of another kind", "the new credential for the old one")
        )
        for key in ("type", "scheme", "in")
    },
    ("document", "x-error-body/code"): _pointers,
    ("document", "x-error-body/message"): _pointers,
    ("document", "x-error-body/code-headers"): _pointers,
    ("document", "x-error-body/request-id-headers"): _pointers,
    **{("document", f"x-wait-hints{part}"): always(_WAITS) for part in ("", "/headers", "/phrases")},
    ("document", "x-client-request-id"): either(
        minor("calls send an id of the caller's"),
        major("the caller's ids go another way, or none", "a look at who searches for them"),
    ),
    ("document", "x-error-body"): either(
        minor("errors get a code and a message"), major("errors lose their code and message", "a look at their text")
    ),
    ("document", "x-replaced-by"): always(patch("what takes the place of operations that are gone", settled=True)),
    **{("response", f"x-error{part}"): always(_CLASSES) for part in ("", "/when", "/has-wait")},
    ("response", "x-error/summary"): always(patch("text for people; code does not see it")),
    **{("response", f"x-error/{key}"): _wait for key in ("wait-attribute", "wait-type")},
}
