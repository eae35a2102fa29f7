"""Endpoints: all spellings of one are the same (RFC 3986, 6.2), and a gateway's path precedes every request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from face_audit import ConfigurationError, InvalidArgumentError
from face_audit._runtime.requests.endpoint import Endpoint, parse_endpoint, refuse_prefix
from hypothesis import given
from hypothesis import strategies as st

from .conftest import KEY
from .properties import FIXED, refusal
from .servers import PATH, PREFIX, SESSION, Service

if TYPE_CHECKING:
    from .conftest import Driver

SPELLINGS = [
    ("https://example.com", "https://example.com"),
    ("HTTPS://example.com", "https://example.com"),
    ("hTTps://EXAMPLE.Com/", "https://example.com"),
    ("https://example.com.", "https://example.com"),
    ("https://example.com.:443/", "https://example.com"),
    ("https://example.com:443", "https://example.com"),
    ("https://example.com:00443", "https://example.com"),
    ("https://example.com:" + "0" * 5000 + "443", "https://example.com"),
    ("https://example.com:", "https://example.com"),
    ("https://example.com:/", "https://example.com"),
    ("https://a.b.c:8443", "https://a.b.c:8443"),
    ("https://a.b.c:80", "https://a.b.c:80"),
    ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
    ("https://10.0.0.1:443", "https://10.0.0.1"),
    ("https://[fd00::1]:5000", "https://[fd00::1]:5000"),
    ("https://[FD00:0:0::0001]", "https://[fd00::1]"),
    ("https://[fd00:0:0:0:0:0:0:1]:443", "https://[fd00::1]"),
    ("https://[::]", "https://[::]"),
    ("https://example.com/team", "https://example.com/team"),
    ("https://example.com:443/team/", "https://example.com/team"),
    ("https://EXAMPLE.com/Team/a.b/~x", "https://example.com/Team/a.b/~x"),
    ("https://example.com/te%61m/%c3%a9%20%3b", "https://example.com/team/%C3%A9%20%3B"),
    ("https://example.com/a@b:c/d;e=f,(g)", "https://example.com/a@b:c/d;e=f,(g)"),
    ("https://example.com/...", "https://example.com/..."),
]


@pytest.mark.parametrize(("spelled", "url"), SPELLINGS)
def test_endpoint_has_one_spelling(driver: Driver, spelled: str, url: str) -> None:
    """Case, a dot at the end of the host, the scheme's own port, zeros and escapes that mean nothing go away."""
    assert driver.client(spelled).made.endpoint == url
    assert parse_endpoint(url) == parse_endpoint(spelled)


@pytest.mark.parametrize(
    ("spelled", "origin", "host", "port"),
    [
        ("http://localhost", "http://localhost", "localhost", 80),
        ("HTTP://LocalHost.:80", "http://localhost", "localhost", 80),
        ("http://localhost:443", "http://localhost:443", "localhost", 443),
        ("http://127.8.9.10:1", "http://127.8.9.10:1", "127.8.9.10", 1),
        ("http://127.0.0.1./", "http://127.0.0.1", "127.0.0.1", 80),
        ("http://[::1]:65535/", "http://[::1]:65535", "[::1]", 65535),
        ("http://[0:0::0001]", "http://[::1]", "[::1]", 80),
        ("https://[::1]", "https://[::1]", "[::1]", 443),
    ],
)
def test_loopback_is_known_in_any_spelling(spelled: str, origin: str, host: str, port: int) -> None:
    """Http is allowed only to this machine, by any name."""
    found = parse_endpoint(spelled)

    assert found == Endpoint(origin=origin, host=host, port=port, path="", url=origin)
    assert found.loopback


@pytest.mark.parametrize("mapped", ["http://[::ffff:127.0.0.1]:81", "http://[::FFFF:7f00:1]:81"])
def test_mapped_address_of_loopback_is_loopback(mapped: str) -> None:
    """Systems connect to the IPv4 address that it holds."""
    assert parse_endpoint(mapped).loopback
    assert parse_endpoint(mapped) == parse_endpoint("http://[::ffff:127.0.0.1]:81")


@pytest.mark.parametrize("spelled", ["https://128.0.0.1", "https://[::2]", "https://[::]", "https://localhost.a"])
def test_other_hosts_are_not_loopback(spelled: str) -> None:
    """What only looks like this machine is another one."""
    assert not parse_endpoint(spelled).loopback


@pytest.mark.parametrize(
    ("endpoint", "reason"),
    [
        ("https://me:word@example.com", "contains user information; leave out what precedes the @"),
        ("https://@example.com", "contains user information"),
        ("https://a@b@example.com", "contains user information"),
        ("https://example.com?a=b", "contains a query or a fragment; leave it out"),
        ("https://example.com/team?", "contains a query or a fragment"),
        ("https://example.com/#", "contains a query or a fragment"),
        ("https://example.com/team#a/b\n", "contains a query or a fragment"),
        ("https://", "its host is not a host name; check the spelling"),
        ("https:///team", "its host is not a host name"),
        ("https://xn--a-ecp.example", r"its host is not a host name \(IDNA\)"),
        ("https://example.com:0", "its port is out of range; use 1 to 65535"),
        ("https://example.com:65536", "its port is out of range"),
        ("http://example.com", "http would send the key in the clear to another machine; use https"),
        ("example.com", "is not a URL of scheme and host; write it as 'https://host'"),
        (5, "is not a URL"),
    ],
)
def test_message_says_what_an_endpoint_holds_too_much(driver: Driver, endpoint: Any, reason: str) -> None:
    """Since it cannot show the value, it names the part that is wrong."""
    with pytest.raises(ConfigurationError, match=f"^endpoint: {reason}") as caught:
        driver.client(endpoint)

    assert "word" not in str(caught.value)


@pytest.mark.parametrize(
    "path",
    [
        *("/.", "/..", "/../face", "/a/../b", "/a/./b", "/a/..", "/a/%2e%2E/b", "/%2e", "/v1%2e0", "/..;/a", "/.;x"),
        *("/%2E%2E;a", "/..%3b/a", "//", "//evil.com", "/a//b", "/a//", "/a%2fb", "/a%2F", "/a%5cb", "/a\\b", "/a%00"),
        *("/a%0d%0aX: 1", "/a%7f", "/a\n", "/a b", "/a%", "/a%2", "/a%zz", "/%252e%252e", "/é", "/a%ff", "/a%c2%85"),
        *("/a%e2%80%ae", "/a[b]", '/a"b', "/a<b", "/a|b", "/{team}", "/a\ud800"),
    ],
    ids=ascii,
)
def test_path_that_servers_may_read_in_two_ways_is_refused(driver: Driver, path: str) -> None:
    """Dot segments, empty segments, and slashes, backslashes, dots and control characters that are encoded."""
    with pytest.raises(ConfigurationError, match="^endpoint: its path is not a plain one; leave out"):
        driver.client(f"https://example.com{path}")


def test_gateways_path_precedes_every_request(driver: Driver, service: Service) -> None:
    """It goes before the document's own path; the client shows it, and so do its errors."""
    service.will([])
    client = driver.client(f"{service.url}/team/face/")

    client.page(top=5)

    assert service.requests[0].target == f"/team/face{PATH}?top=5"
    assert client.made.endpoint == f"{service.url}/team/face"
    assert client.made.path_prefix == PREFIX
    assert repr(client.made) == f"{driver.kind.__name__}(endpoint='{service.url}/team/face')"


@pytest.mark.parametrize("path", ["/face", "/face/v1.0", "/Face/v1.0/", "/f%61ce/x", "/face/" + "x" * 200])
@pytest.mark.parametrize("how", ["endpoint", "FACE_ENDPOINT"])
def test_endpoint_with_the_documents_own_path_is_refused(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, path: str, how: str
) -> None:
    """As portals show it: every request would hold that path twice, so the message says which path to leave out."""
    monkeypatch.setenv("FACE_ENDPOINT", f"https://example.com{path}")
    given = {"endpoint": f"https://example.com{path}"} if how == "endpoint" else {}

    with pytest.raises(ConfigurationError) as caught:
        driver.client(**given)

    shown = parse_endpoint(f"https://example.com{path}").path
    advice = f"endpoint: its path begins like the one that every request adds; leave {shown!r:.80} out"
    assert str(caught.value) == advice


@pytest.mark.parametrize(
    ("path", "prefix", "refused"),
    [
        ("/face", "/face/v1", True),
        ("/face/v1", "/face", True),
        ("/v2", "/v2", True),
        ("/team/face", "/face/v1", False),
        ("/faces", "/face/v1", False),
        ("/face", "", False),
        ("", "/face", False),
        ("", "", False),
    ],
)
def test_first_segment_alone_is_compared(path: str, prefix: str, refused: bool) -> None:
    """A gateway may use the same word further on."""
    endpoint = parse_endpoint(f"https://example.com{path}")

    if refused:
        with pytest.raises(ConfigurationError, match="^endpoint: its path begins like"):
            refuse_prefix(endpoint, prefix)
    else:
        refuse_prefix(endpoint, prefix)


OLDER = [
    ("https://host.example", "https://host.example:443"),
    ("https://host.example", "https://host.example"),
    ("HTTPS://Host.example.:443", "https://host.example"),
    ("https://10.0.0.1", "https://10.0.0.1:443"),
    ("http://localhost", "http://localhost:80"),
    ("http://[0::1]", "http://[::1]:80"),
    ("https://host.example:8443", "https://host.example:8443"),
]


@pytest.mark.parametrize(("endpoint", "written"), OLDER)
def test_checkpoint_of_another_spelling_resumes(driver: Driver, endpoint: str, written: str) -> None:
    """One that an earlier version wrote holds the port that it was given."""
    kept = {
        "version": 1,
        "operation": "AuditEntries_list",
        "endpoint": written,
        "prefix": PREFIX,
        "arguments": {"session_id": SESSION},
        "cursor": "3",
        "descending": True,
        "skip": 0,
        "finished": False,
    }

    walk = driver.client(endpoint).walk(checkpoint=kept)

    assert walk.checkpoint == kept | {"endpoint": parse_endpoint(endpoint).url}


def test_checkpoint_of_a_gateway_resumes_there(driver: Driver) -> None:
    """It is bound to the gateway's path, too."""
    with Service(5) as service:
        client = driver.client(f"{service.url}/team")
        walk = client.walk(top=2)
        begun = [entry.id for entry in walk.take(3)]
        kept = walk.checkpoint
        rest = [entry.id for entry in driver.client(f"{service.url}/t%65am/").list(checkpoint=kept)]

    assert kept["endpoint"] == f"{service.url}/team"
    assert begun + rest == ["5", "4", "3", "2", "1"]
    for other in (service.url, f"{service.url}/other", f"{service.url}/Team"):
        with pytest.raises(InvalidArgumentError, match="^checkpoint: its endpoint is "):
            driver.client(other).walk(checkpoint=kept)


@pytest.mark.parametrize(
    "junk", [None, 5, [], {}, "", "host.example", "https://me@host.example", "https://host.example/."]
)
def test_checkpoint_without_an_endpoint_is_refused(driver: Driver, junk: Any) -> None:
    """What is not an endpoint is the same as none."""
    client = driver.client("https://host.example")

    with pytest.raises(InvalidArgumentError, match="^checkpoint: its endpoint is "):
        client.walk(checkpoint=client.walk().checkpoint | {"endpoint": junk})


NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,5}", fullmatch=True)
PATHS = st.lists(st.text("aZ9-._~!$&'()*+,;=:@ é/\\%\x00", min_size=1, max_size=4), max_size=3)


@FIXED
@given(
    st.sampled_from(["https", "HTTPS", "hTtPs"]),
    st.lists(NAMES, min_size=1, max_size=3).map(".".join)
    | st.ip_addresses(v=4).map(str)
    | st.ip_addresses(v=6).map("[{}]".format),
    st.sampled_from(["", "."]),
    st.sampled_from(["", ":", ":443", ":0443", ":8443"]),
    PATHS,
    st.sampled_from(["", "/"]),
    st.booleans(),
)
def test_one_spelling_is_its_own_and_leads_to_one_host(
    scheme: str, host: str, dot: str, port: str, names: list[str], slash: str, encoded: bool
) -> None:
    """What is taken has the host that was written, and its one spelling is read as the same endpoint."""
    dot = "" if host.startswith("[") else dot
    path = "".join("/" + ("".join(f"%{byte:02x}" for byte in name.encode()) if encoded else name) for name in names)

    spelled = f"{scheme}://{host}{dot}{port}{path}{slash}"
    refused = refusal(ConfigurationError, parse_endpoint, spelled)
    if refused is not None:
        assert "its path is not a plain one" in str(refused)
        assert names
        return

    found = parse_endpoint(spelled)
    assert parse_endpoint(found.url) == found
    assert found.url.startswith("https://")
    assert found.port == (8443 if port == ":8443" else 443)
    assert found.host == host.lower() or host.startswith("[")
    assert not {"", ".", ".."} & set(found.path.split("/")[1:])


def test_endpoint_that_is_text_of_another_class_is_taken(driver: Driver) -> None:
    """A member of an enum of texts, for one."""

    class Place(str):
        __slots__ = ()

    assert driver.kind(KEY, endpoint=Place("https://Example.com")).endpoint == "https://example.com"
