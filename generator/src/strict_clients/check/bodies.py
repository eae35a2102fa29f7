"""Rules of bodies: content types, forms, files, and what an operation answers."""

from collections.abc import Iterator

from strict_clients.breaches import Breach
from strict_clients.check.operations import properties
from strict_clients.check.places import Place, follow, mapping, walk
from strict_clients.load import Document
from strict_clients.media import choose, kind

_FORMS = ("multipart", "form")


def contents_are_supported(document: Document) -> Iterator[Breach]:
    """Each body has a content type that a client can send or read."""
    for place in walk(document, "request body", "response"):
        content, sent = mapping(place.fields.get("content")), place.kind == "request body"
        chosen = choose(content, sent=sent)
        if content and chosen is None:
            for name in content:
                yield Breach(place.at("content", name), f"content type {name!r} is not supported; use application/json")
        elif "$ref" not in place.fields and sent and not content:
            yield Breach(place.at("content"), "body has no content type; name one, such as application/json")
        elif chosen is not None:
            yield from _schema_of(document, place.child("media type", "content", chosen), str(kind(chosen)))


def _schema_of(document: Document, place: Place, how: str) -> Iterator[Breach]:
    schema = follow(document, place.child("schema", "schema"))
    if how == "json" and "schema" not in place.fields:
        yield Breach(place.pointer, "body has no schema; add one ({} for anything)")
    elif how in _FORMS and not properties(document, schema):
        yield Breach(place.pointer, "form has no object schema with properties; name its fields")
    elif how in {"text", "bytes"} and schema.fields.get("type", "string") != "string":
        yield Breach(place.at("schema"), "body of this content type is not a string; write type: string, or no schema")


def encodings_are_supported(document: Document) -> Iterator[Breach]:
    """The encoding of a part says its content type, and is that of a field."""
    for place in walk(document, "encoding"):
        media = place.owner
        assert media is not None  # noqa: S101  # an encoding is inside a media type
        if kind(media.name) != "multipart":
            yield Breach(place.pointer, "encoding is supported in multipart/form-data only; leave it out")
            continue
        for key in place.fields:
            if key != "contentType" and not key.startswith("x-"):
                yield Breach(place.at(key), f"field {key!r} is not supported here; leave it out")
        for one in str(place.fields.get("contentType", "text/plain")).split(","):
            if kind(one.strip()) is None:
                yield Breach(place.at("contentType"), f"{one.strip()!r} is not a content type; correct it")
        if place.name not in properties(document, media.child("schema", "schema")):
            yield Breach(place.pointer, f"{place.name!r} is not a field of the form; correct it")


def files_stay_out_of_json(document: Document) -> Iterator[Breach]:
    """A form with files is not used as JSON too."""
    for place in walk(document, "schema"):
        if place.fields.get("format") != "binary" and "contentMediaType" not in place.fields:
            continue
        holder = place.owner if place.role == "items" else place
        form = None if holder is None or holder.role != "properties" else holder.owner
        if form is not None and "contentEncoding" not in place.fields:
            yield from _used_as_json(document, form)


def _used_as_json(document: Document, form: Place) -> Iterator[Breach]:
    for place in walk(document, "schema"):
        owner = place.owner
        as_form = owner is not None and owner.kind == "media type" and kind(owner.name) == "multipart"
        if "$ref" in place.fields and not as_form and follow(document, place).pointer == form.pointer:
            yield Breach(place.at("$ref"), f"{form.name!r} contains a file, which JSON cannot; use another schema")


def encodings_of_texts_are_supported(document: Document) -> Iterator[Breach]:
    """Bytes in JSON are base64."""
    for place in walk(document, "schema"):
        if place.fields.get("contentEncoding", "base64") != "base64":
            shown = place.fields["contentEncoding"]
            yield Breach(place.at("contentEncoding"), f"encoding {shown!r} is not supported; use base64")
