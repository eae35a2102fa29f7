"""Rules of credentials that are asked for tokens: one at most, of bearer tokens, for the hosts that take them."""

from collections.abc import Iterator

from strict_clients.breaches import Breach
from strict_clients.check.operations import operations
from strict_clients.check.places import Place, mapping, sequence, walk
from strict_clients.load import Document

_KEY = "x-token-credential"


def token_credentials_send_tokens(document: Document) -> Iterator[Breach]:
    """One scheme at most is asked for tokens, which its requests send; a host takes them or not."""
    for index, place in enumerate(_schemes(document)):
        if index:
            yield Breach(place.at(_KEY), "a client takes one credential that gives tokens; leave this one out")
        if place.fields.get("type") == "apiKey" or str(place.fields.get("scheme")).lower() == "basic":
            yield Breach(place.at(_KEY), "this scheme sends no tokens; make it one of type http with scheme bearer")
        if "x-env" in place.fields:
            yield Breach(place.at("x-env"), "no environment variable holds what is asked for tokens; leave it out")
        hosts = mapping(place.fields[_KEY])
        for pattern in mapping(hosts.get("refused")):
            if pattern in mapping(hosts["scopes"]):
                yield Breach(place.at(_KEY, "refused", pattern), f"{pattern!r} has a scope too; name it once")


def tokens_stay_at_the_service(document: Document) -> Iterator[Breach]:
    """No operation sends tokens to a server of its own: they are for the endpoint, whose owner could use them."""
    names = {place.name for place in _schemes(document)}
    for operation in operations(document):
        needs = sequence(operation.place.fields.get("security", document.raw.get("security")))
        if "servers" in operation.place.fields and names & {name for one in needs for name in mapping(one)}:
            yield Breach(operation.place.at("servers"), "tokens are for the endpoint alone; name other security here")


def _schemes(document: Document) -> list[Place]:
    return [place for place in walk(document, "security scheme") if _KEY in place.fields]
