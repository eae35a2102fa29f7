"""The body of an answer as it arrives: decoded, bounded, and checked to its end."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping

from ..errors import BodyRefusedError, IncompleteBodyError, TransportError
from ..wire import HTTPResponse

# A page of 1,000 entries takes 1 MB; a much larger body is refused before it fills the memory.
LARGEST = 16 * 1024 * 1024
# Pages of identical entries compress to less than a hundredth, so up to this size any ratio is plausible.
_FREE = 4 * 1024 * 1024
_HIGHEST_RATIO = 200
# Each member costs time and memory traffic, even if it is empty.
_MOST_MEMBERS = 10_000
_STEP = 64 * 1024
_GZIP_WITH_HEADER = 31


class Body:
    """Collects the body of one answer."""

    def __init__(self) -> None:
        self._status: int | None = None
        self._headers: Mapping[str, str] = {}
        self._chunks: list[bytes] = []
        self._received = self._size = 0
        self._gzip: _Gzip | None = None

    @property
    def begun(self) -> bool:
        """Whether the answer's head has arrived."""
        return self._status is not None

    @property
    def progress(self) -> str:
        """How much arrived, for an error message."""
        return f"{self._received} of {self._headers.get('content-length', 'unknown')} bytes"

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Take the answer's status and headers, by their lower-case names.

        Raises:
            BodyRefusedError: the body has an encoding that was not requested.
        """
        self._status, self._headers = status, headers
        encoding = headers.get("content-encoding", "").strip().lower()
        if encoding in {"gzip", "x-gzip"}:  # the same, RFC 9110, 8.4.1.3
            self._gzip = _Gzip()
        elif encoding not in {"", "identity"}:
            raise BodyRefusedError(
                f"body in the content encoding {encoding!r:.40}, which was not asked for; look for a proxy"
            )

    def add(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            BodyRefusedError: the body is larger than any answer should be.
            IncompleteBodyError: it is damaged.
        """
        self._received += len(chunk)
        self._require_room(self._received)
        for piece in [chunk] if self._gzip is None else self._gzip.decode(chunk):
            self._size += len(piece)
            self._require_room(self._size)
            self._chunks.append(piece)

    def _require_room(self, size: int) -> None:
        if size > LARGEST:
            raise BodyRefusedError(f"body of more than {LARGEST} bytes; ask for smaller pages")

    def end(self) -> None:
        """Take the end.

        Raises:
            BodyRefusedError: it was made to fill the memory (a decompression bomb).
            IncompleteBodyError: something is missing.
        """
        # Checked only at the end, so that the result does not depend on how the bytes were split on the network.
        if self._size > _FREE and self._size > _HIGHEST_RATIO * self._received:
            raise BodyRefusedError(f"body that grows more than {_HIGHEST_RATIO} times when decoded; report it")
        if self._gzip is not None and self._received and not self._gzip.ended:
            raise IncompleteBodyError(f"the gzip data breaks off after {self._received} bytes; try again")

    def whole(self) -> HTTPResponse:
        """The answer."""
        return HTTPResponse(status=self._status or 0, headers=self._headers, content=b"".join(self._chunks))

    def broken(self, fault: TransportError) -> HTTPResponse:
        """The answer's status and headers, with the fault of its body."""
        return HTTPResponse(status=self._status or 0, headers=self._headers, content=b"", fault=fault)


class _Gzip:
    """Decodes gzip of any number of members (RFC 1952, 2.2); zlib checks each one's checksum and length."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP_WITH_HEADER)
        self._members = 1

    @property
    def ended(self) -> bool:
        """Whether the last member is whole."""
        return self._member.eof

    def decode(self, data: bytes) -> Iterator[bytes]:
        """What these bytes decode to, in pieces of bounded size."""
        # zlib copies what it has not consumed at every step, so it is given little at a time.
        for start in range(0, len(data), _STEP):
            yield from self._decode(data[start : start + _STEP])

    def _decode(self, data: bytes) -> Iterator[bytes]:
        piece = b""
        while data or len(piece) == _STEP:
            if self._member.eof:
                if not data:
                    return
                self._begin_member()
            try:
                piece = self._member.decompress(data, _STEP)
            except zlib.error as error:
                raise IncompleteBodyError(f"the gzip data is damaged ({error}); try again") from None
            data = self._member.unused_data or self._member.unconsumed_tail
            if piece:
                yield piece

    def _begin_member(self) -> None:
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise BodyRefusedError(f"body of more than {_MOST_MEMBERS} gzip members; report it")
        self._member = zlib.decompressobj(_GZIP_WITH_HEADER)
