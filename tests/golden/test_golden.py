"""The package of an invented API with every feature, against a server that was written by hand."""

from __future__ import annotations

import compileall
import importlib
import inspect
import json
import pickle
import subprocess
import sys
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from golden_server import BED, CUSTOMER, KINDS, Answer


def new_plant(api: ModuleType, **fields: Any) -> Any:
    """What a caller says of a plant; only what is required, unless more is given."""
    return api.NewPlant(**({"name": "Ferdinand", "kind": api.PlantKind.FERN, "nickname": None} | fields))


@pytest.mark.parametrize(
    "checker",
    [["mypy", "--strict", "--config-file="], ["basedpyright", "--pythonpath", sys.executable]],
    ids=lambda command: command[0],
)
def test_package_passes_strict_type_checker(source: Path, api: ModuleType, checker: list[str]) -> None:
    """Whatever the document holds, the code is typed throughout."""
    (source / "pyrightconfig.json").write_text(
        '{"typeCheckingMode": "strict", "reportUnnecessaryCast": false, "reportPrivateUsage": false}', encoding="utf-8"
    )

    ran = subprocess.run(
        [sys.executable, "-m", *checker, "golden_api"], cwd=source, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert api.__version__ == "0.1.0"


def test_every_module_compiles_and_imports(source: Path, api: ModuleType) -> None:
    """No module holds text of the document in a place where it would be read as code."""
    compiled = compileall.compile_dir(source / "golden_api", quiet=2, legacy=False)

    assert compiled
    for name in api.__all__:
        assert getattr(api, name) is not None
    assert set(api.__all__) <= set(dir(api))
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = api.Nothing


def test_no_source_holds_an_unprintable_character(source: Path) -> None:
    """A text that a template prints outside of the layout of docstrings would leave the marks of the layout behind."""
    sources = {path.name: path.read_text(encoding="utf-8") for path in (source / "golden_api").rglob("*.py")}

    found = {name: line for name, text in sources.items() for line in text.split("\n") if not line.isprintable()}

    assert sources
    assert not found


def test_hostile_texts_stay_texts(api: ModuleType) -> None:
    """Enum values are the document's to the character, and descriptions are no more than documentation."""
    assert tuple(kind.value for kind in api.PlantKind) == KINDS
    assert [thirst.value for thirst in api.Thirst] == [-1, 0, 1]
    assert [member.name for member in api.Urgency] == ["VALUE_1", "VALUE_10"]
    assert '"""spelled"""' in (api.PlantKind.__doc__ or "")
    assert "__import__('os').getcwd()" in (api.GoldenClient.__doc__ or "")
    assert "{{ x }} {% raw %}" in (api.NewPlant.__doc__ or "")


def test_create_sends_what_was_given_and_nothing_else(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """Required null is sent, optional and not given is not, and the document's defaults are left to the service."""
    plant = run(lambda client: client.plants.create(new_plant(api)))

    assert json.loads(server.requests[0].content) == {"name": "Ferdinand", "kind": "fern", "nickname": None}
    assert server.requests[0].headers["content-type"] == "application/json"
    assert isinstance(plant, api.Plant)
    assert plant.created_at == datetime(2024, 5, 1, 10, 0, 0, 123457, tzinfo=UTC)
    assert plant.motto is api.UNSET
    assert plant.height_in_centimetres is None
    assert plant.id == uuid.UUID(plant.to_dict()["id"])
    assert plant.to_dict()["createdAt"] == "2024-05-01T10:00:00.1234567Z"


def test_body_with_every_field_comes_back_the_same(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """Maps, nested arrays, dates, models in maps, keywords and hostile texts survive the way there and back."""
    given = new_plant(
        api,
        kind=api.PlantKind.NEW_LINE,
        nickname="'; DROP TABLE plants; --",
        motto=None,
        height_in_centimetres=0.1,
        leaves=5,
        edible=True,
        thirst=api.Thirst.DROWNING,
        type_=api.Climate.COLD_WET,
        class_="def __init__(self): pass  # */",
        from_=datetime(2024, 2, 29, 12, 30, tzinfo=timezone(timedelta(hours=2))),
        import_=False,
        list_=["a", '"""'],
        x_odd_name="{self!r:>{width}}",
        label='""" \\ {label}\u2028',
        grid=[[1, 2], [], [3]],
        count_by_bed={'"': 1, "{b}": 0},
        words_by_year={"2023": ("\\",), "2024": ()},
        origin_by_lot={"#1": api.Origin(country="NO", gathered_on=date(2024, 2, 29))},
        planted_on=date(2024, 3, 1),
        origin=api.Origin(country="SE", from_="Bob"),
        seed_code="17",
        remark={"any": ["thing", None]},
    )

    plant = run(lambda client: client.plants.create(given))

    sent = json.loads(server.requests[0].content)
    assert sent["motto"] is None
    assert sent["kind"] == "new\nline"
    assert sent["grid"] == [[1, 2], [], [3]]
    assert sent["from"] == "2024-02-29T12:30:00+02:00"
    assert sent["originByLot"] == {"#1": {"country": "NO", "gatheredOn": "2024-02-29"}}
    for field in (
        "kind",
        "type_",
        "thirst",
        "from_",
        "words_by_year",
        "origin_by_lot",
        "x_odd_name",
        "label",
        "remark",
    ):
        assert getattr(plant, field) == getattr(given, field), field
    assert plant.grid == ((1, 2), (), (3,))
    assert plant.list_ == ("a", '"""')
    assert plant.to_dict() == sent | {"id": plant.to_dict()["id"], "createdAt": plant.to_dict()["createdAt"]}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "body: NewPlant.name: has 0 characters; give at least 1"),
        ({"name": None}, "NewPlant.name: expected string, got null"),
        ({"leaves": 2.5}, "NewPlant.leaves: expected integer, got number"),
        ({"leaves": True}, "NewPlant.leaves: expected integer, got boolean"),
        ({"leaves": 1_000_001}, "give at most 1000000"),
        ({"height_in_centimetres": 20_000}, "give less than 20000"),
        ({"height_in_centimetres": float("nan")}, "nan is not a JSON number"),
        ({"from_": datetime(2024, 1, 1)}, "expected an aware datetime"),  # noqa: DTZ001  # that is the point
        ({"planted_on": datetime(2024, 1, 1, tzinfo=UTC)}, "expected date"),
        ({"grid": [[1], ["x"]]}, "NewPlant.grid/1/0: expected integer, got string"),
        ({"list_": "text"}, "expected a sequence, got str"),
        ({"count_by_bed": []}, "expected a mapping, got list"),
        ({"origin": {"country": "NO"}}, "expected Origin, got dict"),
        ({"origin_by_lot": {"a/b": None}}, "origin_by_lot/a~1b: expected Origin, got NoneType"),
    ],
)
def test_wrong_body_is_refused_before_it_is_sent(
    run: Callable[..., Any], api: ModuleType, server: Any, fields: dict[str, Any], said: str
) -> None:
    """A body that breaks the document's types or limits is refused with its place."""
    with pytest.raises(api.InvalidArgumentError) as caught:
        run(lambda client: client.plants.create(new_plant(api, **fields)))

    assert said.removeprefix("body: ") in str(caught.value)
    assert server.requests == []


def test_missing_and_surplus_bodies_are_refused(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """A required body has to be there."""
    with pytest.raises(api.InvalidArgumentError, match="body: is missing"):
        run(lambda client: client.plants.create(None))

    assert server.requests == []


def test_filters_arrive_as_the_document_says(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """Arrays repeat the parameter, booleans are words, times have their offset, headers are headers."""
    moment = datetime(2024, 2, 29, 12, 30, tzinfo=timezone(timedelta(hours=2)))

    plants = run(
        lambda client: client.plants.list(
            kinds=[api.PlantKind.QUOTES, api.PlantKind.NOTHING],
            words=["a,b", "c&d=e", "{f}"],
            leaves=[3, 5],
            from_=date(2024, 2, 29),
            watered_since=moment,
            type_=api.Climate.COLD_WET,
            thirst=api.Thirst.THIRSTY,
            import_=True,
            min_height=0.5,
            x_request_note="a note",
        )
    )

    assert plants == ()
    (received,) = server.requests
    assert received.query["kinds"] == ['"""', ""]
    assert received.query["words"] == ["a,b", "c&d=e", "{f}"]
    assert received.query["leaves"] == ["3", "5"]
    assert received.query["from"] == ["2024-02-29"]
    assert received.query["wateredSince"] == ["2024-02-29T12:30:00+02:00"]
    assert received.query["type"] == ["cold-wet"]
    assert received.query["thirst"] == ["1"]
    assert received.query["import"] == ["true"]
    assert received.headers["x-request-note"] == "a note"
    assert received.headers["x-api-key"] == server.key


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"kinds": ["oak"]}, "kinds/0: 'oak' is not one of 'fern'"),
        ({"thirst": 7}, "thirst: 7 is not one of -1, 0, 1"),
        ({"leaves": [-1]}, "leaves/0: -1 is out of range; give at least 0"),
        ({"from_": "2024-02-29"}, "from_: expected date, got str"),
        ({"x_request_note": "a\r\nX-Evil: 1"}, "x_request_note: cannot be sent in a header"),
        ({"words": ["\ud800"]}, "words: contains half of a surrogate pair"),
    ],
)
def test_wrong_filter_is_refused_before_it_is_sent(
    run: Callable[..., Any], api: ModuleType, server: Any, arguments: dict[str, Any], said: str
) -> None:
    """An argument that breaks the document's limits is refused with its name."""
    with pytest.raises(api.InvalidArgumentError) as caught:
        run(lambda client: client.plants.list(**arguments))

    assert said in str(caught.value)
    assert server.requests == []


def test_one_plant_is_read_replaced_and_deleted(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """GET, PUT with a header and DELETE with 204 and the other security scheme."""
    plant = run(lambda client: client.plants.create(new_plant(api)))

    read = run(lambda client: client.plants.get(plant.id))
    tried = run(lambda client: client.plants.replace(plant.id, new_plant(api, name="Greta"), x_dry_run=True))
    unchanged = run(lambda client: client.plants.get(plant.id))
    gone = run(lambda client: client.plants.delete(plant.id), key=None, token=server.token)

    assert read == plant == unchanged
    assert tried.name == "Greta"
    assert server.requests[2].headers["x-dry-run"] == "true"
    assert gone is None
    assert server.requests[-1].headers["authorization"] == f"Bearer {server.token}"
    assert server.plants == {}


def test_credential_that_is_needed_and_missing_is_named(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """An operation whose credential was not given is not sent with another one."""
    with pytest.raises(api.ConfigurationError, match="Plants_delete: needs bearer or gardenPass; give it"):
        run(lambda client: client.plants.delete(uuid.uuid4()))

    assert server.requests == []


def test_either_credential_opens_what_takes_both(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """Of alternatives, the first whose credentials were given is sent, and no other."""
    run(lambda client: client.plants.create(new_plant(api, name="a")), token="other")
    run(lambda client: client.plants.create(new_plant(api, name="b")), key=None, token=server.token)

    assert "authorization" not in server.requests[0].headers
    assert "x-api-key" not in server.requests[1].headers


def test_deprecated_operation_warns(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """Who calls a deprecated operation is told so; its map comes back as a mapping."""
    run(lambda client: client.plants.create(new_plant(api)))

    instead = "count_plants is deprecated by the API's document; call client.plants.list"
    with pytest.warns(DeprecationWarning, match=instead):
        counts = run(lambda client: client.plants.count_plants())

    assert counts == {"fern": 1}


@pytest.mark.parametrize(
    ("use", "method", "last_version", "replacement"),
    [
        (lambda plants: plants.list_old_readings(BED), "list_old_readings", '1.9 """\\{x}', "list_readings"),
        (lambda plants: plants.list_old_readings_page(BED), "list_old_readings", '1.9 """\\{x}', "list_readings"),
        (lambda plants: plants.list_old_readings_many([BED]), "list_old_readings", '1.9 """\\{x}', "list_readings"),
        (lambda plants: plants.rain(), "rain", "1.8", None),
    ],
    ids=["pager", "page", "many", "call"],
)
def test_removed_operation_names_its_replacement_and_sends_nothing(
    run: Callable[..., Any],
    api: ModuleType,
    server: Any,
    use: Callable[[Any], Any],
    method: str,
    last_version: str,
    replacement: str | None,
) -> None:
    """The method of an operation that is gone stays for a major version, and says what to call instead."""
    with pytest.raises(api.OperationRemovedError) as caught:
        run(lambda client: use(client.plants))

    error = pickle.loads(pickle.dumps(caught.value))
    instead = f"client.plants.{replacement}" if replacement else None
    assert isinstance(error, api.GoldenError)
    assert (error.operation, error.last_version, error.replacement) == (
        f"client.plants.{method}",
        last_version,
        instead,
    )
    assert str(error) == (
        f"client.plants.{method}: the API has no such operation after version {last_version}; "
        + (f"call {instead}" if instead else "nothing replaces it")
    )
    assert server.requests == []


@pytest.mark.usefixtures("api")
def test_removed_operation_has_its_old_signature_and_says_so() -> None:
    """Code that calls it still passes a type checker; its documentation sends the reader on."""
    plants = importlib.import_module("golden_api.resources.plants.sync").Plants
    old, new = (getattr(plants, name) for name in ("list_old_readings", "list_readings"))

    assert inspect.signature(old).return_annotation == inspect.signature(new).return_annotation
    assert list(inspect.signature(old).parameters)[1] == "class_"
    assert old.__doc__.startswith("Deprecated: version 1.9")
    assert "Call `client.plants.list_readings` instead." in old.__doc__


def test_readings_are_paged_by_item(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """Mixed spellings and types of one field come out as one, and the path is encoded."""
    readings = run(lambda client: client.plants.list_readings(BED, top=2))

    assert [reading.id for reading in readings] == ["11", "10", "9", "8", "7"]
    assert [reading.latency_in_milliseconds for reading in readings] == [11, 10, 9, 8, 7]
    assert readings[0].value_as_soil == api.SoilReport(moisture=0.25, acidity=None)
    assert readings[0].value_as_light is None
    assert readings[1].value_as_light == api.LightReport(lux=900)
    assert server.requests[0].target == "/v2/beds/north%2F%7Bbed%7D%20%231/readings?top=2"
    assert [request.query.get("after") for request in server.requests] == [None, ["10"], ["8"], ["7"]]


def test_text_in_a_path_is_annotated_as_text_or_uuid(api: ModuleType) -> None:
    """Where the document says that it is a UUID it stays one, and other parameters stay text."""
    plants = importlib.import_module("golden_api.resources.plants.sync").Plants
    listing = inspect.signature(plants.list_readings).parameters

    assert (listing["class_"].annotation, listing["after"].annotation) == ("str | UUID", "str | None")
    assert inspect.signature(plants.list_readings_many).parameters["classes"].annotation == "Iterable[str | UUID]"
    assert inspect.signature(plants.delete).parameters["id"].annotation == "UUID"


def test_many_beds_are_paged_at_once(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """An operation with one parameter in its path pages many lists; no other operation does."""
    results = run(lambda client: client.plants.list_readings_many(classes=[BED, "empty"], top=3))

    assert {one.of for one in results} == {BED, "empty"}
    pages = [one.outcome.items for one in results if one.of == BED]
    assert [reading.id for page in pages for reading in page] == ["11", "10", "9", "8", "7"]
    assert not hasattr(run(lambda client: client.seed_orders), "list_many")


def test_orders_are_paged_by_token(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """The token leads from page to page until there is none; large integers stay exact."""
    orders = run(lambda client: client.seed_orders.list(page_size=2))

    assert [order.id for order in orders] == [2**53 + n for n in range(5)]
    assert orders[1].deliver_on == date(2024, 2, 21)
    assert orders[0].deliver_on is None
    assert orders[0].urgency is api.Urgency.VALUE_10
    assert orders[0].customer == uuid.UUID(CUSTOMER)
    assert orders[0].lines[0].unit_price == 0.1
    assert len(server.requests) == 3


@pytest.mark.parametrize("taken", range(6))
def test_orders_resume_inside_a_page(api: ModuleType, server: Any, taken: int) -> None:
    """A checkpoint of a token pager holds inside a page too: nothing is lost or doubled by a new client."""
    with api.GoldenClient(key=server.key, endpoint=server.url) as client:
        pager = client.seed_orders.list(page_size=2)
        first = [next(pager).id for _ in range(taken)]
        checkpoint = json.loads(json.dumps(pager.checkpoint))
    with api.GoldenClient(key=server.key, endpoint=server.url) as client:
        rest = [
            order.id
            for page in client.seed_orders.list(page_size=2, checkpoint=checkpoint).pages()
            for order in page.items
        ]

    assert first + rest == [2**53 + n for n in range(5)]


@pytest.mark.parametrize("token", ["same", "cycle"])
def test_token_that_comes_again_is_refused(run: Callable[..., Any], api: ModuleType, server: Any, token: str) -> None:
    """A listing whose tokens go in a circle ends with an error, not never."""
    tokens = ["A", "A", "A"] if token == "same" else ["A", "B", "A", "A"]
    order = server.orders[0]
    server.told = [Answer(200, {"items": [order], "nextToken": one}) for one in tokens]

    with pytest.raises(api.PaginationError, match="which was fetched before") as caught:
        run(lambda client: client.seed_orders.list())

    assert caught.value.checkpoint is not None
    assert len(server.requests) == len(tokens)


def test_page_of_tokens_is_one_page(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """`list_page` gives one page with its bytes and its request id."""
    page = run(lambda client: client.seed_orders.list_page(page_size=3, page_token=None))

    assert len(page.items) == 3
    assert json.loads(page.raw)["nextToken"]
    assert page.request_id == "request-1"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"items": {}, "nextToken": None}, "/items: expected array, got object"),
        ({"items": [], "nextToken": 7}, "/nextToken: expected string, got integer"),
        ({"nextToken": None}, "/items: expected array, got null"),
        ([], "/items: expected array"),
    ],
)
def test_page_of_another_shape_is_no_empty_page(
    run: Callable[..., Any], api: ModuleType, server: Any, body: Any, said: str
) -> None:
    """A wrong answer is an error, and never taken for the end of a listing."""
    server.told = [Answer(200, body)]

    with pytest.raises(api.DecodeError) as caught:
        run(lambda client: client.seed_orders.list())

    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "error", "attribute", "value"),
    [
        ((400, {"error": {"code": "Bad", "message": "m"}}, {}), "WiltedRequestError", "code", "Bad"),
        ((401, {"code": "Flat", "message": "m"}, {}), "GateClosedError", "code", "Flat"),
        (
            (403, {"error": {"code": "x", "message": "Regrows in 2 days."}}, {}),
            "HarvestQuotaError",
            "regrows_in",
            timedelta(2),
        ),
        ((403, {"error": {"code": "x", "message": "Locked."}}, {}), "GateLockedError", "message", "Locked."),
        ((429, {"error": {"message": "Dry for 500 seconds."}}, {}), "TooThirstyError", "dry_for", 500.0),
        ((429, {}, {"Retry-After": "400"}), "TooThirstyError", "dry_for", 400.0),
        ((418, {}, {}), "UnexpectedStatusError", "status_code", 418),
    ],
)
def test_each_error_raises_its_class(
    run: Callable[..., Any],
    api: ModuleType,
    server: Any,
    answer: tuple[Any, ...],
    error: str,
    attribute: str,
    value: Any,
) -> None:
    """An error answer becomes the class that the document names for it."""
    server.told = [Answer(*answer)]

    with pytest.raises(getattr(api, error)) as caught:
        run(lambda client: client.plants.list())

    assert getattr(caught.value, attribute) == value
    assert isinstance(caught.value, api.GoldenError)
    assert caught.value.request_id == "request-1"


def test_post_is_not_sent_twice(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """What is not idempotent is not repeated after an answer that leaves open whether it was done."""
    server.told = [Answer(503, {}), Answer(503, {})]

    with pytest.raises(api.ServerError) as caught:
        run(lambda client: client.plants.create(new_plant(api)))

    assert len(server.requests) == len(caught.value.attempts) == 1


def test_put_is_sent_again(run: Callable[..., Any], api: ModuleType, server: Any) -> None:
    """What is idempotent is repeated after a transient error, body included."""
    plant = run(lambda client: client.plants.create(new_plant(api)))
    server.told = [Answer(502, {})]

    replaced = run(lambda client: client.plants.replace(plant.id, new_plant(api, name="Greta")))

    assert replaced.name == "Greta"
    assert server.requests[-1].content == server.requests[-2].content


def test_environment_fills_what_is_not_given(
    monkeypatch: pytest.MonkeyPatch, run: Callable[..., Any], server: Any
) -> None:
    """Endpoint and credentials come from the environment variables that the document names."""
    monkeypatch.setenv("GOLDEN_ENDPOINT", server.url)
    monkeypatch.setenv("GOLDEN_KEY", server.key)
    monkeypatch.setenv("GOLDEN_TOKEN", server.token)

    run(lambda client: client.plants.list(), key=None, endpoint=None)

    assert len(server.requests) == 1


def test_server_of_the_document_is_the_default(api: ModuleType) -> None:
    """Without an endpoint, the document's server is meant."""
    client = api.GoldenClient(key="k")

    assert client.endpoint == "https://plants.example"
    assert client.path_prefix == "/v2"


def test_emulator_does_not_have_a_removed_operation(api: ModuleType) -> None:
    """The emulator plays the API as it is: what was removed is not found, whatever the method."""
    emulator = importlib.import_module("golden_api.testing").Emulator(key="k")
    messages = importlib.import_module("golden_api._runtime.wire")
    asked = [
        messages.HTTPRequest(method=method, url=f"https://localhost/v2{path}", headers={"x-api-key": "k"})
        for method, path in (("POST", "/rain"), ("GET", "/old-beds/north/readings"), ("GET", "/plants"))
    ]

    assert [emulator.answer(request).status for request in asked] == [404, 404, 200]
    assert api.__version__


def test_emulator_of_the_golden_api_lists_readings(run: Callable[..., Any], api: ModuleType) -> None:
    """The emulator is made from any document: it pages, refuses and answers as that one says."""
    emulator = importlib.import_module("golden_api.testing").Emulator(key="k")
    emulator.add("north", count=45)

    with emulator.serve() as url:
        readings = run(lambda client: client.plants.list_readings("north"), key="k", endpoint=url)
        with pytest.raises(api.GateClosedError):
            run(lambda client: client.plants.list_readings("north"), key="other", endpoint=url)

    assert [reading.id for reading in readings] == [str(n) for n in range(45, 0, -1)]
