"""JSON pointers (RFC 6901), which name a place in a document: `/paths/~1plants/get`."""


def escape(key: str | int) -> str:
    """The key or index as a token of a pointer."""
    return str(key).replace("~", "~0").replace("/", "~1")


def unescape(token: str) -> str:
    """The key that a token of a pointer represents."""
    return token.replace("~1", "/").replace("~0", "~")


def keys(pointer: str) -> list[str]:
    """The keys and indexes that lead from the document to the place; none for the document itself."""
    return [unescape(token) for token in pointer.split("/")[1:]]
