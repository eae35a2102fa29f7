"""The garden of `golden.yaml` as a server on loopback, written by hand so that it shares no code with what it tests."""

from __future__ import annotations

import base64
import json
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self, TypeAlias, cast
from urllib.parse import parse_qs, unquote, urlsplit

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
Thing: TypeAlias = dict[str, JSON]

KINDS = ("fern", '"""', "back\\slash", "new\nline", "{{ jinja }}", "{% raw %}", "line\u2028end", "{self}", "# */", "")
NEVER = datetime.fromisoformat("0001-01-01T00:00:00Z")
BED = "north/{bed} #1"
CUSTOMER = "7d444840-9dc0-11d1-b245-5ffdce74fad2"


@dataclass(frozen=True)
class Received:
    """One request as received; names of headers are in lower case, `segments` are those of the path, decoded."""

    method: str
    target: str
    segments: tuple[str, ...]
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    content: bytes

    def first(self, name: str, default: str = "") -> str:
        """Give the first value of a query parameter."""
        return self.query.get(name, [default])[0]


@dataclass(frozen=True)
class Answer:
    """One answer; a 204 has no body, bytes go out as they are under the Content-Type of the headers."""

    status: int
    body: JSON | bytes = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


def _error(status: int, code: str, message: str) -> Answer:
    return Answer(status, {"error": {"code": code, "message": message}}, {"X-Garden-Code": code})


MISSING = _error(404, "PlantNotFound", "There is no such plant.")


def _whole(low: int, high: int, measure: Callable[[str], int] = int) -> Callable[[str], int]:
    return lambda text: range(low, high + 1).index(measure(text))


# What raises ValueError or TypeError for a wrong value of a parameter, by the name of the parameter or header.
RULES: Mapping[str, Callable[[str], object]] = {
    "kinds": KINDS.index,
    "leaves": _whole(0, 10**9),
    "from": date.fromisoformat,
    "wateredSince": lambda text: datetime.fromisoformat(text) >= NEVER,
    "type": ("arid", "humid", "cold-wet").index,
    "thirst": ("-1", "0", "1").index,
    "import": ("true", "false").index,
    "class": _whole(1, 64, len),
    "after": _whole(0, 10**20),
    "top": _whole(1, 50),
    "pageSize": _whole(1, 100),
    "urgency": ("1", "10").index,
    "customer": uuid.UUID,
}


def _new_plant(request: Received) -> Thing:
    """Give the plant in the body of a request, or raise ValueError."""
    body = cast("JSON", json.loads(request.content))
    if request.headers.get("content-type") != "application/json" or not isinstance(body, dict):
        raise ValueError("no JSON object")
    name, nickname, kind = body.get("name"), body.get("nickname", 0), body.get("kind")
    if not (isinstance(name, str) and name and isinstance(nickname, str | None) and kind in KINDS):
        raise ValueError("name, nickname or kind")
    return body


def _text(value: JSON) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _passes(plant: Thing, request: Received) -> bool:
    """Whether a plant passes every filter of the query."""
    values = {"kinds": plant["kind"], "leaves": plant.get("leaves", 3)}
    values |= {name: plant.get(name) for name in ("type", "thirst", "import", "class")}
    watered, since = (_text(value or str(NEVER)) for value in (plant.get("wateredAt"), request.first("wateredSince")))
    return (
        all(_text(value) in request.query.get(name, [_text(value)]) for name, value in values.items())
        and _text(plant.get("plantedOn", plant.get("datePlanted", ""))) >= request.first("from")
        and datetime.fromisoformat(watered) >= datetime.fromisoformat(since)
        and set(request.query.get("words", [])) <= set(cast("list[str]", plant.get("list", [])))
        and cast("float", plant.get("heightInCentimetres", 1.5)) >= float(request.first("minHeight", "0"))
    )


def _reading(n: int) -> Thing:
    """Give a reading; the odd ones and the even ones are spelled differently."""
    value: JSON = {"moisture": 0.25, "acidity": None}
    latency: Thing = {"latencyInMilliseconds": str(n)} if n % 2 else {"latencyInMS": n, "value": {"lux": 900}}
    taken = f"2024-05-01T10:00:{n:02}.1234567+02:00"
    return {"id": n if n % 2 else str(n), "class": BED, "takenAt": taken, "sensor": None, "value": value} | latency


def _order(n: int) -> Thing:
    lines: list[JSON] = [{"seed": '"big" {bean}', "quantity": 12, "unitPrice": 0.1}]
    day = f"2024-02-2{n}" if n % 2 else None
    return {"id": 2**53 + n, "customer": CUSTOMER, "urgency": 1 if n % 2 else 10, "deliverOn": day, "lines": lines}


def _parts(request: Received) -> Thing:
    """Give what is in each part of a form, read by the standard library."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + request.content)
    found: dict[str, list[JSON]] = {}
    for part in message.iter_parts():
        name, payload = (
            part.get_param("name", header="content-disposition"),
            cast("bytes", part.get_payload(decode=True)),
        )
        media_type = part.get_content_type() if part["content-type"] else "-"
        said = f"{part.get_filename()}, {media_type}, {payload.decode('latin-1')}"
        found.setdefault(str(name), []).append(said)
    return {name: [*texts] for name, texts in found.items()}


def _album(request: Received, *_: str) -> Answer:
    return Answer(200, _parts(request))


def _elsewhere(request: Received) -> Answer | None:  # noqa: PLR0911  # one for each
    """Answer for the gate, the tools, the huts, the garden and its visits."""
    match request.method, *request.segments[1:]:
        case "POST", "gate", "token" if request.headers.get("content-type") == "application/x-www-form-urlencoded":
            return Answer(200, {"token": request.content.decode("ascii")})
        case "GET", "gate", "doors", way:
            return _door(request, way)
        case _, "tools", names:
            return _tools(request, names)
        case (("POST" | "PUT"), ("huts" | "garden") as place):
            sent = cast("Thing", json.loads(request.content))
            return Answer(200, _numbered(sent) if place == "garden" else sent)
        case "GET", ("visits" | "searches"), *_:
            echoed: Thing = {name: texts[-1] for name, texts in request.query.items()}
            return _visits(request) if request.segments[1] == "visits" else Answer(200, echoed)
        case "GET", "shed", tool:
            return _shed(tool)
        case _:
            return None


def _shed(tool: str) -> Answer:
    problem: Thing = {"detail": f"no {tool}", "since": "2024-05-01T10:00:00Z", "more": [1]}
    missing = Answer(404, problem, {"Content-Type": "application/problem+json"})
    return Answer(200, {"row": 7}) if tool == "rake" else missing


def _file(request: Received) -> Answer | None:
    is_file = request.segments[:2] in {("v1", "files"), ("v3", "files")}
    return Answer(200, {"path": request.target}) if is_file else None


def _door(request: Received, way: str) -> Answer:
    """Answer with what was shown at a door, in a header that a careless server echoes too."""
    pairs = [one.strip().partition("=") for one in request.headers.get("cookie", "").split(";")]
    cookies: Thing = {name: value for name, _, value in pairs}
    login = base64.b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
    shown: Thing = {"basic": login, "query": request.first("key&2"), "cookie": cookies.get("gate-session", "")}
    passed = way == "open" or shown[way] in {"gärtner:pass:wörter", "query/key+1", "cookie-key-1"}
    if not passed:
        return Answer(403, {"error": {"code": "Shut", "message": f"No: {shown[way]} {request.target}"}})
    return Answer(200, {"key": request.headers.get("x-api-key", "none"), **cookies})


def _tools(request: Received, names: str) -> Answer:
    if request.method == "PUT":
        return Answer(200, cast("Thing", json.loads(request.content)))
    made: list[JSON] = []
    for name in names.split(","):
        sort = "hose" if name not in {"spade", "rake", "broom"} else name
        given: Thing = {"hose": {"sort": "Hose", "length": 2.5}, "rake": {"sort": "rake", "teeth": 9, "handle": "l"}}
        given |= {"broom": {"sort": "broom", "teeth": 99}, "spade": {"sort": 'spade """ {0}', "width": 20}}
        made.append(given[sort])
    return Answer(200, made)


def _numbered(bed: Thing) -> Thing:
    """Give a bed as it is kept: without its secret, with numbers for itself and for those in it."""
    kept: Thing = {name: value for name, value in bed.items() if name != "secret"}
    beds: list[JSON] = [_numbered(cast("Thing", one)) for one in cast("list[JSON]", bed.get("beds", []))]
    if isinstance(bed.get("next"), dict):
        kept["next"] = _numbered(cast("Thing", bed["next"]))
    by_name = cast("Thing", bed.get("byName", {}))
    kept["byName"] = {name: _numbered(cast("Thing", one)) for name, one in by_name.items()}
    guest: Thing = {"sort": "bee", "stings": True, "brings": {"sort": "Gardener", "hat": "straw"}}
    return {**kept, "number": len(beds), "beds": beds, "guest": guest}


def _visits(request: Received) -> Answer:
    sorts: list[Thing] = [{"sort": "bee", "stings": False}, {"sort": "Gardener", "hat": "old"}, {"sort": "fox"}]
    after, most = int(request.first("since", "-1")), int(request.first("most", "2"))
    value: list[JSON] = [{"number": n, "who": sorts[n % 3]} for n in range(5) if n > after]
    return Answer(200, {"value": value[:most]})


@dataclass
class GoldenServer:
    """The garden; within `with`, `url` is its scheme, host and port, without `/v2`.

    Answers in `told` are given first, one for a request. Everything may be changed between two requests.
    """

    key: str = "golden-key"
    token: str = "golden-token"
    plants: dict[str, Thing] = field(default_factory=dict[str, Thing])
    beds: dict[str, list[Thing]] = field(default_factory=lambda: {BED: [_reading(n) for n in range(7, 12)]})
    orders: list[Thing] = field(default_factory=lambda: [_order(n) for n in range(5)])
    requests: list[Received] = field(default_factory=list[Received])
    told: list[Answer] = field(default_factory=list[Answer])
    photos: dict[str, bytes] = field(default_factory=dict[str, bytes])
    labels: dict[str, str] = field(default_factory=dict[str, str])
    url: str = ""

    def __enter__(self) -> Self:
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"garden": self}))
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: Received) -> Answer:
        """Note the request and give its answer."""
        with self._lock:
            self.requests.append(request)
            try:
                return self.told.pop(0) if self.told else self._refusal(request) or self._route(request)
            except (TypeError, ValueError) as error:
                return _error(400, "BadArgument", f"Wrong: {error}.")

    def _refusal(self, request: Received) -> Answer | None:
        """Give a 401, raise for a parameter that breaks its rule, or give None."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        key_fits = request.headers.get("x-api-key") == self.key
        token_fits = scheme.lower() == "bearer" and token == self.token
        needs_none = request.segments[1:3] in {("gate", "token"), ("gate", "doors")}
        if not (needs_none or {"POST": key_fits or token_fits, "DELETE": token_fits}.get(request.method, key_fits)):
            return _error(401, "GateClosed", "No key fits.")
        for name, texts in {**request.query, **{name: [text] for name, text in request.headers.items()}}.items():
            for text in texts:
                RULES.get(name, str)(text)
        return None

    def _route(self, request: Received) -> Answer:
        match request.method, *request.segments:
            case (("GET" | "POST"), "v2", "plants"):
                return self._plants(request)
            case (("GET" | "PUT" | "DELETE"), "v2", "plants", name) if name.lower() in self.plants:
                return self._one_plant(request, name.lower())
            case "GET", "v2", "plant-count":
                return Answer(200, dict(Counter(_text(plant["kind"]) for plant in self.plants.values())))
            case "GET", "v2", "beds", bed, "readings":
                return self._list_readings(request, bed)
            case "GET", "v2", "seed-orders":
                return self._list_orders(request)
            case _:
                return self._part(request) or _file(request) or _elsewhere(request) or MISSING

    def _plants(self, request: Received) -> Answer:
        if request.method == "GET":
            return Answer(200, [plant for plant in self.plants.values() if _passes(plant, request)])
        body, name = _new_plant(request), str(uuid.uuid4())
        if any(plant["name"] == body["name"] for plant in self.plants.values()):
            return _error(409, "NameTaken", "A plant of this name is there.")
        self.plants[name] = body | {"id": name, "createdAt": f"2024-05-01T10:00:{len(self.plants) % 60:02}.1234567Z"}
        return Answer(201, self.plants[name])

    def _one_plant(self, request: Received, name: str) -> Answer:
        plant = self.plants[name]
        if request.method == "DELETE":
            del self.plants[name]
            return Answer(204)
        if request.method == "PUT":
            plant = _new_plant(request) | {"id": name, "createdAt": plant["createdAt"]}
            if request.headers.get("x-dry-run") != "true":
                self.plants[name] = plant
        return Answer(200, plant)

    def _part(self, request: Received) -> Answer | None:
        """Answer for the photo, the album or the label of a plant."""
        if request.segments[:2] != ("v2", "plants") or len(request.segments) != 4:
            return None
        ways = {"GET": self._shown, "PUT": self._replaced}
        return ways.get(request.method, _album)(request, request.segments[2].lower(), request.segments[3])

    def _shown(self, _: Received, name: str, part: str) -> Answer:
        """Answer with the photo or the label of a plant."""
        if part == "photo" and name in self.photos:
            return Answer(200, self.photos[name], {"Content-Type": "image/png"})
        if part == "label" and name in self.labels:
            return Answer(200, self.labels[name].encode("latin-1"), {"Content-Type": "text/html; charset=latin-1"})
        return MISSING

    def _replaced(self, request: Received, name: str, part: str) -> Answer:
        """Keep the photo or the label of a plant."""
        wanted = {"photo": "application/octet-stream", "label": "text/plain; charset=utf-8"}
        if request.headers.get("content-type") != wanted[part]:
            raise ValueError("content type")
        if part == "photo":
            self.photos[name] = request.content
            return Answer(204)
        text, before = request.content.decode("utf-8"), self.labels.get(name)
        self.labels[name] = text
        printed: Thing = {"text": text, "seal": base64.b64encode(text.encode()).decode()}
        later = Answer(202, "tomorrow \u2603".encode(), {"Content-Type": "text/plain"})
        return Answer(204) if text == before else later if len(text) > 10 else Answer(200, printed)

    def _list_readings(self, request: Received, bed: str) -> Answer:
        if request.headers.get("content-type", "application/json") != "application/json":
            return _error(415, "WrongSoil", "Only application/json grows here.")
        if bed not in self.beds:
            return _error(404, "BedNotFound", "There is no such bed.")
        newest_first = sorted(self.beds[bed], key=lambda one: -int(_text(one["id"])))
        below = [one for one in newest_first if int(_text(one["id"])) < int(request.first("after", "9" * 30))]
        return Answer(200, [*below[: int(request.first("top", "20"))]])

    def _list_orders(self, request: Received) -> Answer:
        filters = [name for name in ("urgency", "customer") if name in request.query]
        asked = [one for one in self.orders if all(_text(one[name]) == request.first(name) for name in filters)]
        mark = base64.b64decode(request.first("pageToken", "b2Zmc2V0PTA="), validate=True).decode()
        start = int(mark.removeprefix("offset="))
        end = start + int(request.first("pageSize", "10"))
        token = base64.b64encode(f"offset={end}".encode()).decode() if end < len(asked) else None
        return Answer(200, {"items": [*asked[start:end]], "nextToken": token})


class _Handler(BaseHTTPRequestHandler):
    """Turns bytes into `Received`, and `Answer` into bytes."""

    garden: GoldenServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def serve(self) -> None:
        """Answer one request."""
        parts = urlsplit(self.path)
        segments = tuple(unquote(segment) for segment in parts.path.split("/")[1:])
        query = parse_qs(parts.query, keep_blank_values=True)
        headers = {name.lower(): value for name, value in self.headers.items()}
        content = self.rfile.read(int(headers.get("content-length", "0")))
        answer = self.garden.answer(Received(self.command, self.path, segments, query, headers, content))
        self.send_response(answer.status)
        made = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        body = b"" if answer.status == 204 else made
        sent = {} if answer.status == 204 else {"Content-Length": str(len(body))}
        sent |= {"Content-Type": "application/json"} if body else {}
        sent |= {"X-Request-Id": f"request-{len(self.garden.requests)}", **answer.headers}
        for name, value in sent.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_TRACE = serve  # noqa: N815

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""
