"""The document says what the vendor's page says, and settles what the page leaves open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from ruamel.yaml import YAML

Node: TypeAlias = dict[str, Any]

FILE = Path(__file__).parents[2] / "openapi" / "face-audit.yaml"
TEXT = FILE.read_text(encoding="utf-8")
DOCUMENT: Node = YAML(typ="safe", pure=True).load(TEXT)
PATH = "/detectLiveness/singleModal/sessions/{sessionId}/audit"
OPERATION: Node = DOCUMENT["paths"][PATH]["get"]
RESPONSES: Node = {
    status: DOCUMENT["components"]["responses"][response["$ref"].rpartition("/")[2]] if "$ref" in response else response
    for status, response in OPERATION["responses"].items()
}
SCHEMAS: Node = DOCUMENT["components"]["schemas"]
PARAMETERS: Node = {parameter["name"]: parameter for parameter in OPERATION["parameters"]}

# The page's list, in its order.
REGIONS = [
    ("australiaeast", "Australia East"),
    ("brazilsouth", "Brazil South"),
    ("canadacentral", "Canada Central"),
    ("centralindia", "Central India"),
    ("centralus", "Central US"),
    ("eastasia", "East Asia"),
    ("eastus", "East US"),
    ("eastus2", "East US 2"),
    ("francecentral", "France Central"),
    ("germanywestcentral", "Germany West Central"),
    ("italynorth", "Italy North"),
    ("japaneast", "Japan East"),
    ("japanwest", "Japan West"),
    ("jioindiawest", "Jio India West"),
    ("koreacentral", "Korea Central"),
    ("northcentralus", "North Central US"),
    ("northeurope", "North Europe"),
    ("norwayeast", "Norway East"),
    ("qatarcentral", "Qatar Central"),
    ("southafricanorth", "South Africa North"),
    ("southcentralus", "South Central US"),
    ("southeastasia", "Southeast Asia"),
    ("swedencentral", "Sweden Central"),
    ("switzerlandnorth", "Switzerland North"),
    ("switzerlandwest", "Switzerland West"),
    ("uaenorth", "UAE North"),
    ("uksouth", "UK South"),
    ("westcentralus", "West Central US"),
    ("westeurope", "West Europe"),
    ("westus", "West US"),
    ("westus2", "West US 2"),
    ("westus3", "West US 3"),
]

# The page's JSON example, character for character in its values; each version shows its own URL.
ENTRY = {
    "id": "1",
    "sessionId": "ebfc2ee4-197c-45ee-8c49-2eb08da57fc3",
    "requestId": "3f08db40-687e-414b-8931-0c0eb509a763",
    "dateReceived": "2023-10-20T23:09:59.4533078+00:00",
    "request": {
        "url": f"/face/v{DOCUMENT['info']['version']}/detectLiveness/singleModal",
        "method": "POST",
        "contentLength": 360030,
        "contentType": "multipart/form-data; boundary=--------------------------087499987152446464473896",
        "userAgent": "VisionSDK-objective-c/0.15.1-alpha.0.1 (Darwin Darwin 22.6.0)",
    },
    "response": {
        "body": {
            "livenessDecision": "spoofface",
            "target": {
                "faceRectangle": {"top": 782, "left": 260, "width": 858, "height": 984},
                "fileName": "video.webp",
                "timeOffsetWithinFile": 0,
                "imageType": "Color",
            },
            "modelVersionUsed": "2022-10-15-preview.04",
        },
        "statusCode": 200,
        "latencyInMS": 2037,
    },
    "digest": "1CC98BA83EAF1D0FF7F566FAEFCCCC787819FFA01251E2D9299143F7AD6651DB",
}

START_IS_INVALID = (
    "Start parameter is invalid. Please specify the 'Id' field of the last entry to continue the listing process."
)
TOP_IS_INVALID = "Top parameter is invalid. Valid range is between 1 and 1000 inclusive."
KEY_IS_INVALID = (
    "Access denied due to invalid subscription key. Make sure you are subscribed to an API you are trying to call and "
    "provide the right key."
)
SESSION_IS_NOT_FOUND = "Session Id is not found. The session id is expired or does not exist."

# By status: the `error` object of each example and when the emulator answers it.
ERRORS: dict[str, list[tuple[Node, Node]]] = {
    "400": [
        ({"code": "BadArgument", "message": START_IS_INVALID}, {"invalid": "start"}),
        ({"code": "BadArgument", "message": TOP_IS_INVALID}, {"invalid": "top"}),
    ],
    "401": [({"code": "Unspecified", "message": KEY_IS_INVALID}, {"case": "unauthorized"})],
    "403": [
        (
            {"statusCode": 403, "message": "Out of call volume quota. Quota will be replenished in 2 days."},
            {"case": "told"},
        )
    ],
    "404": [({"code": "SessionNotFound", "message": SESSION_IS_NOT_FOUND}, {"case": "unknown-collection"})],
    "415": [({"code": "BadArgument", "message": "Invalid Media Type."}, {"case": "unsupported-media-type"})],
    "429": [
        ({"statusCode": 429, "message": "Rate limit is exceeded. Try again in 26 seconds."}, {"case": "told"}),
    ],
}

# Sentences of the page by the dotted name of its field table, cut where the page goes on.
FIELDS = {
    "id": "Unique id to refer to this audit request. Use this id with the 'start' query parameter",
    "sessionId": "Unique sessionId of the created session.",
    "requestId": "Unique request-id that is returned by the service to the client in the 'apim-request-id' header",
    "clientRequestId": "Unique client-request-id that is sent by the client in the 'client-request-id' header.",
    "receivedDateTime": "UTC DateTime that the request was received.",
    "digest": "The server calculated digest for this request",
    "request.url": "Relative path + query of this request.",
    "request.method": "Http Method",
    "request.contentLength": "Length of the request content.",
    "result.contentType": "The Content-Type of the request received.",
    "result.userAgent": "The user agent used to submit the request.",
    "response.statusCode": "The status code returned to the client.",
    "response.latencyInMilliseconds": "The server measured latency for this request in milliseconds.",
    "response.body": "The schema of this field will depend on the request.url and request.method used by the client",
}


def walk(node: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every node below `node` with its JSON pointer, itself included."""
    yield pointer, node
    members: Iterator[tuple[Any, Any]] = iter(())
    if isinstance(node, Mapping):
        members = iter(node.items())
    elif isinstance(node, list):
        members = iter(enumerate(node))
    for key, value in members:
        yield from walk(value, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}")


def examples() -> Iterator[tuple[str, Any]]:
    """Every example, as the pointer of its schema and its value."""
    for pointer, node in walk(DOCUMENT):
        if isinstance(node, Mapping) and "schema" in node:
            if "example" in node:
                yield f"{pointer}/schema", node["example"]
            for example in node.get("examples", {}).values():
                yield f"{pointer}/schema", example["value"]


def validator(pointer: str) -> Draft202012Validator:
    """A validator of the schema at `pointer`, with the references of the document."""
    registry: Registry[Any] = Registry().with_resource("urn:document", DRAFT202012.create_resource(DOCUMENT))
    schema = {"$ref": f"urn:document#{pointer.replace('{', '%7B').replace('}', '%7D')}"}
    return Draft202012Validator(schema, registry=registry, format_checker=FormatChecker())


def resolved(schema: Node) -> Node:
    """The schema that `schema` refers to, or itself."""
    return SCHEMAS[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def properties(of: Node = SCHEMAS) -> Iterator[tuple[str, Node, Node]]:
    """Every property as `Schema.property`, with its schema and those of its siblings."""
    for name, schema in of.items():
        siblings = schema.get("properties", {})
        for key, value in siblings.items():
            yield f"{name}.{key}", value, siblings


def schemas_of(node: Any) -> Node:
    """The schemas that a part of the document refers to, and those that they refer to."""
    found: Node = {}
    for _, one in walk(node):
        if isinstance(one, Mapping) and "$ref" in one:
            _, kind, name = str(one["$ref"]).removeprefix("#/").split("/")
            target = DOCUMENT["components"][kind][name]
            found |= schemas_of(target) | ({name: target} if kind == "schemas" else {})
    return found


ON_PAGE = schemas_of(OPERATION)
"""Those of the page; other operations have their own."""


def accepts(name: str, value: Any) -> bool:
    """Whether the schema of the parameter `name` admits `value`."""
    return bool(Draft202012Validator(PARAMETERS[name]["schema"]).is_valid(value))


def test_document_is_valid_openapi() -> None:
    """The document is valid OpenAPI 3.1."""
    assert DOCUMENT["openapi"] == "3.1.0"

    assert [error.message for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


@pytest.mark.parametrize(("pointer", "value"), [pytest.param(*each, id=each[0]) for each in examples()])
def test_example_matches_its_schema(pointer: str, value: Any) -> None:
    """Every example of the document validates against the schema beside it."""
    assert [error.message for error in validator(pointer).iter_errors(value)] == []


def test_search_for_examples_finds_them_all() -> None:
    """At least the page's 7 examples, the second 400 and one per parameter are found, so the test above skips none."""
    assert len(list(examples())) >= 7 + 1 + 3
    assert sum(key.endswith(("/example", "/examples")) for key, _ in walk(DOCUMENT)) >= 7 + 3


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param([{"sessionId": "a"}], id="no id"),
        pytest.param([{**ENTRY, "id": 1.5}], id="id is a fraction"),
        pytest.param([{**ENTRY, "response": {"statusCode": None}}], id="status is null"),
        pytest.param([{**ENTRY, "request": {"contentLength": "1"}}], id="length is text"),
        pytest.param({"value": [ENTRY]}, id="not an array"),
    ],
)
def test_broken_page_does_not_match(broken: Any) -> None:
    """The schema of a page refuses what is not a page of entries."""
    pointer = f"/paths/{PATH.replace('/', '~1')}/get/responses/200/content/application~1json/schema"

    assert not validator(pointer).is_valid(broken)


def test_regions_are_those_of_the_page() -> None:
    """All 32 regions are in the page's order under the page's names."""
    (server,) = DOCUMENT["servers"]
    region = server["variables"]["region"]

    assert len(REGIONS) == 32
    assert region["enum"] == [value for value, _ in REGIONS]
    assert list(region["x-display-names"].items()) == REGIONS


def test_server_is_that_of_the_samples() -> None:
    """With the default region the URL is the one of the code samples, and callers must name a region anyway."""
    (server,) = DOCUMENT["servers"]
    region = server["variables"]["region"]

    url = server["url"].format(region=region["default"]) + PATH

    assert url == (
        f"https://norwayeast.api.cognitive.microsoft.com/face/v{DOCUMENT['info']['version']}"
        "/detectLiveness/singleModal/sessions/{sessionId}/audit"
    )
    assert (region["x-required"], region["x-class"]) == (True, "Region")


def test_key_travels_in_the_header_of_the_samples() -> None:
    """The whole document is secured by the subscription key header, or by a token."""
    scheme = DOCUMENT["components"]["securitySchemes"]["apiKey"]

    assert DOCUMENT["security"] == [{"apiKey": []}, {"entraToken": []}]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "Ocp-Apim-Subscription-Key")
    assert scheme["x-parameter"] == "key"


def test_tokens_are_for_the_custom_subdomains_of_each_cloud() -> None:
    """As the vendor's guide has it; regional hosts of the three clouds take a key only."""
    hosts = DOCUMENT["components"]["securitySchemes"]["entraToken"]["x-token-credential"]

    clouds = {"*.cognitiveservices.azure." + cloud: cloud for cloud in ("com", "us", "cn")}
    assert hosts["scopes"] == {
        host: f"https://cognitiveservices.azure.{cloud}/.default" for host, cloud in clouds.items()
    }
    assert list(hosts["refused"]) == [
        *("*.api.cognitive.microsoft.com", "*.api.cognitive.microsoft.us", "*.api.cognitive.azure.cn")
    ]


def test_environment_variables_fill_endpoint_region_and_key() -> None:
    """Each thing a client must know has one environment variable."""
    (server,) = DOCUMENT["servers"]

    found = {node["x-env"] for _, node in walk(DOCUMENT) if isinstance(node, Mapping) and "x-env" in node}

    assert found == {"FACE_ENDPOINT", "FACE_REGION", "FACE_APIKEY"}
    assert server["x-env"] == "FACE_ENDPOINT"
    assert server["variables"]["region"]["x-env"] == "FACE_REGION"


def test_page_example_is_verbatim() -> None:
    """The example of 200 is the page's, value by value."""
    (example,) = RESPONSES["200"]["content"]["application/json"]["examples"].values()

    assert example["value"] == [ENTRY]


def test_statuses_are_those_of_the_page() -> None:
    """The seven statuses of the page are declared, as text, and no other."""
    assert list(RESPONSES) == ["200", *ERRORS]


@pytest.mark.parametrize("status", ERRORS)
def test_error_examples_are_verbatim(status: str) -> None:
    """Each error answers the page's JSON, when the emulator is in that case."""
    written = RESPONSES[status]["content"]["application/json"]["examples"].values()

    assert [(each["value"], each["x-emulator-when"]) for each in written] == [
        ({"error": error}, when) for error, when in ERRORS[status]
    ]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("200", "A successful call returns the audit results call."),
        ("400", f"BadArgument: {START_IS_INVALID}"),
        ("400", f"BadArgument: {TOP_IS_INVALID}"),
        ("401", "Unspecified: Invalid subscription Key or user/plan is blocked."),
        ("404", f"SessionNotFound: {SESSION_IS_NOT_FOUND}"),
        ("415", 'Unsupported media type error. Only "application/json" is valid for this API.'),
    ],
)
def test_response_is_described_in_the_words_of_the_page(status: str, sentence: str) -> None:
    """The error tables of the page are in the descriptions."""
    assert sentence in " ".join(RESPONSES[status]["description"].split())


@pytest.mark.parametrize("field", FIELDS)
def test_field_is_described_in_the_words_of_the_page(field: str) -> None:
    """Every row of the page's field table is a property with the page's description."""
    schema = SCHEMAS["AuditEntry"]
    for name in field.split("."):
        schema = resolved(schema)["properties"][name]

    assert FIELDS[field] in schema["description"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "start",
            (
                'List audit entries for detectLiveness/singleModal from the last id less than the "start". It contains '
                "no more than 64 characters. Default is empty"
            ),
        ),
        ("top", "The number of audit entries to list, ranging in [1, 1000]. Default is 1000."),
    ],
)
def test_parameter_is_described_in_the_words_of_the_page(name: str, sentence: str) -> None:
    """The page's texts of the query parameters are in their descriptions."""
    assert sentence in PARAMETERS[name]["description"]
    assert PARAMETERS[name]["required"] is False


def test_every_part_has_a_description() -> None:
    """Schemas, properties, parameters, headers and security schemes are described, so the generated code is too."""
    components = DOCUMENT["components"]
    parts: Node = {name: schema for name, schema, _ in properties()}
    parts |= SCHEMAS | PARAMETERS | components["headers"] | components["securitySchemes"]

    assert [name for name, part in parts.items() if not part.get("description")] == []


@pytest.mark.parametrize("value", ["", ".", "..", "a/b", "a%2Fb", "a?b", "a#b", "-a", "a b", "\u00e9", "a" * 65])
def test_session_id_that_could_change_the_path_is_refused(value: str) -> None:
    """A session id holds only characters that cannot lead to another path."""
    assert not accepts("sessionId", value)


@pytest.mark.parametrize("value", ["a", "A_1-b", "a" * 64, ENTRY["sessionId"]])
def test_session_id_of_plain_characters_is_accepted(value: str) -> None:
    """A session id is not bound to the format of a UUID, which the page does not promise."""
    assert accepts("sessionId", value)


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("top", 0, False),
        ("top", 1, True),
        ("top", 1000, True),
        ("top", 1001, False),
        ("top", "10", False),
        ("start", "", True),
        ("start", "a" * 64, True),
        ("start", "a" * 65, False),
    ],
)
def test_query_parameter_has_the_bounds_of_the_page(name: str, value: Any, accepted: bool) -> None:
    """The bounds that the page states in words are bounds of the schemas."""
    assert accepts(name, value) is accepted


def test_only_top_has_a_default() -> None:
    """`start` has no default: an empty cursor must not be sent."""
    defaults = {name: each["schema"].get("default") for name, each in PARAMETERS.items()}

    assert defaults == {"sessionId": None, "start": None, "top": 1000}


def test_slips_of_the_samples_are_left_out() -> None:
    """Neither the `entities` of one sample nor the "{body}" of most is part of the operation."""
    assert list(PARAMETERS) == ["sessionId", "start", "top"]
    assert "requestBody" not in OPERATION


def test_only_the_id_is_required() -> None:
    """Every field of an answer but the id of an entry may be missing, and no schema refuses unknown fields."""
    required = {name: schema["required"] for name, schema in ON_PAGE.items() if "required" in schema}
    closed = [key for key, _ in walk(ON_PAGE) if key.endswith(("/additionalProperties", "/unevaluatedProperties"))]

    assert required == {"AuditEntry": ["id"]}
    assert closed == []


def test_spellings_name_a_sibling_of_the_same_shape() -> None:
    """Both spellings of a thing are read alike: they differ in name and description only."""

    def shape(schema: Node) -> Node:
        return {key: value for key, value in schema.items() if key not in {"description", "x-spelling-of"}}

    spellings = {name: schema["x-spelling-of"] for name, schema, _ in properties(ON_PAGE) if "x-spelling-of" in schema}

    assert spellings == {
        "AuditEntry.dateReceived": "receivedDateTime",
        "AuditEntry.result": "request",
        "AuditResponse.latencyInMS": "latencyInMilliseconds",
    }
    for _, schema, siblings in properties(ON_PAGE):
        if "x-spelling-of" in schema:
            assert shape(schema) == shape(siblings[schema["x-spelling-of"]])


def test_several_types_are_read_as_one() -> None:
    """A property of several types says which of them it becomes, and no other property does."""
    read_as = {name: schema["x-read-as"] for name, schema, _ in properties(ON_PAGE) if "x-read-as" in schema}
    several = {name: schema["type"] for name, schema, _ in properties(ON_PAGE) if isinstance(schema.get("type"), list)}

    assert read_as == {
        "AuditEntry.id": "string",
        "AuditResponse.statusCode": "integer",
        "AuditResponse.latencyInMilliseconds": "integer",
        "AuditResponse.latencyInMS": "integer",
    }
    assert {name: set(types) for name, types in several.items()} == {name: {"string", "integer"} for name in read_as}


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param({"id": 2}, id="id alone, a number"),
        pytest.param({"id": "2", "response": {"statusCode": "200", "latencyInMilliseconds": "5"}}, id="text"),
        pytest.param({"id": 2, "response": {"statusCode": 200, "latencyInMilliseconds": 5}}, id="numbers"),
        pytest.param({"id": 2, "result": {"contentType": "a/b", "userAgent": "c"}}, id="field table's place"),
        pytest.param({"id": 2, "receivedDateTime": "2024-04-01T00:00:00.1234567Z"}, id="seven digits and Z"),
        pytest.param({"id": 2, "digest": "abc"}, id="odd digest"),
        pytest.param({"id": 2, "response": {"body": "text"}}, id="body of another kind"),
        pytest.param({"id": 2, "sessionImageId": "a", "verifyImageHash": "b"}, id="fields of a later version"),
    ],
)
def test_every_form_of_an_entry_is_accepted(entry: Node) -> None:
    """What the table, the example and the service disagree about is accepted in each of its forms."""
    assert validator("/components/schemas/AuditEntry").is_valid(entry)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"statusCode": 429, "message": "a"}, id="flat"),
        pytest.param({"error": {"code": "429", "message": "a"}}, id="code is a number in text"),
        pytest.param({}, id="empty"),
    ],
)
def test_every_form_of_an_error_is_accepted(body: Node) -> None:
    """Errors come nested and flat, with either kind of code."""
    assert validator("/components/schemas/ErrorAnswer").is_valid(body)


def test_face_data_is_sensitive() -> None:
    """What tells about a face is kept out of `repr`: the answer's body, the decision, the target, the rectangle."""
    sensitive = {name for name, schema, _ in properties(ON_PAGE) if schema.get("x-sensitive")}

    assert sensitive == {
        "AuditResponse.body",
        "LivenessResult.livenessDecision",
        "LivenessResult.target",
        "LivenessResult.verifyResult",
        "LivenessTarget.faceRectangle",
        *(f"FaceRectangle.{side}" for side in ("top", "left", "width", "height")),
    }


def test_body_is_open_with_a_view_for_each_shape() -> None:
    """The body has no type of its own; each view exists where the property it is told by does."""
    body = SCHEMAS["AuditResponse"]["properties"]["body"]

    assert set(body) == {"description", "x-sensitive", "x-views"}
    assert [(view["name"], view["when-has"]) for view in body["x-views"]] == [
        ("liveness_result", "livenessDecision"),
        ("error", "error"),
    ]
    assert all(view["when-has"] in resolved(view["schema"])["properties"] for view in body["x-views"])


def test_decisions_have_python_names() -> None:
    """Each decision of the service has its Python name, in order."""
    decision = SCHEMAS["LivenessDecision"]

    assert dict(zip(decision["enum"], decision["x-enum-varnames"], strict=True)) == {
        "uncertain": "UNCERTAIN",
        "realface": "REAL_FACE",
        "spoofface": "SPOOF_FACE",
    }


def test_pages_follow_the_last_id_within_one_session() -> None:
    """The next page starts at the id of the last entry, and an entry of another session is none of this list."""
    pagination = OPERATION["x-pagination"]

    assert pagination == {
        "style": "item",
        "cursor": "start",
        "limit": "top",
        "items": "",
        "cursor-at": "/id",
        "same": {"/sessionId": "sessionId"},
    }
    assert {pagination["cursor"], pagination["limit"], *pagination["same"].values()} == set(PARAMETERS)


def test_emulator_lives_as_long_as_a_session() -> None:
    """The emulator forgets a session after 48 hours and lists the newest entry first."""
    assert OPERATION["x-emulator"] == {
        "collection": "sessionId",
        "lifetime-seconds": 48 * 60 * 60,
        "order": "descending",
    }


def test_each_status_has_its_error_classes() -> None:
    """The exception classes of a status, the most particular first."""
    classes = {status: [each["class"] for each in RESPONSES[status]["x-error"]] for status in ERRORS}

    assert classes == {
        "400": ["BadArgumentError"],
        "401": ["AuthenticationError"],
        "403": ["QuotaExceededError", "PermissionDeniedError"],
        "404": ["SessionNotFoundError"],
        "415": ["UnsupportedMediaTypeError"],
        "429": ["RateLimitedError"],
    }


@pytest.mark.parametrize("status", ERRORS)
def test_last_error_class_matches_always(status: str) -> None:
    """Every answer finds a class: the last has no condition, those before it have one."""
    *others, last = RESPONSES[status]["x-error"]

    assert {"when", "has-wait"}.isdisjoint(last)
    assert all({"when", "has-wait"} & set(each) for each in others)


@pytest.mark.parametrize("status", ERRORS)
def test_error_summary_is_one_sentence_with_advice(status: str) -> None:
    """A summary says what happened and, after a semicolon, what to do."""
    for each in RESPONSES[status]["x-error"]:
        assert re.fullmatch(r"[A-Z][^.;]*; [^.;]+\.", each["summary"]), each["summary"]


@pytest.mark.parametrize(
    ("value", "is_wait"),
    [(26, True), ("Tue, 01 Dec 2026 18:17:48 GMT", True), (-1, False), ("soon", False), ("2026-12-01", False)],
)
def test_retry_after_is_a_number_or_a_date(value: object, is_wait: bool) -> None:
    """The header has what `x-wait-hints` reads from it: seconds, or a date of HTTP (RFC 9110, 10.2.3)."""
    schema = DOCUMENT["components"]["headers"]["RetryAfter"]["schema"]

    assert Draft202012Validator(schema).is_valid(value) is is_wait


def test_waits_stand_where_the_service_writes_them() -> None:
    """Both messages with a wait hold a known phrase, and both responses declare the header."""
    hints = DOCUMENT["x-wait-hints"]
    messages = {status: ERRORS[status][0][0]["message"] for status in ("403", "429")}

    assert [(each["name"], each["unit"]) for each in hints["headers"]] == [
        ("Retry-After", "seconds-or-date"),
        ("retry-after-ms", "milliseconds"),
        ("x-ms-retry-after-ms", "milliseconds"),
    ]
    assert all(any(phrase in message for phrase in hints["phrases"]) for message in messages.values())
    assert {status for status, each in RESPONSES.items() if "Retry-After" in each["headers"]} == set(messages)
    assert [
        (each["wait-attribute"], each["wait-type"])
        for status in messages
        for each in RESPONSES[status]["x-error"]
        if "wait-attribute" in each
    ] == [("replenished_in", "timedelta"), ("retry_after", "seconds")]


def test_every_answer_carries_a_request_id() -> None:
    """Every response declares the request id header, and every error the header of its code."""
    body = DOCUMENT["x-error-body"]

    assert body["request-id-headers"][0] == "apim-request-id"
    assert all("apim-request-id" in each["headers"] for each in RESPONSES.values())
    assert all(body["code-headers"][0] in RESPONSES[status]["headers"] for status in ERRORS)


def test_every_oddity_names_its_source() -> None:
    """A property with another spelling or several types says, in a comment inside it, where that is known from."""
    lines = TEXT.splitlines()

    unsourced = []
    for number, line in enumerate(lines):
        if re.match(r" +x-(spelling-of|read-as):", line):
            indent = len(line) - len(line.lstrip())
            start = number
            while len(lines[start]) - len(lines[start].lstrip()) >= indent:
                start -= 1
            if not any("source:" in each for each in lines[start:number]):
                unsourced.append(lines[start].strip())

    assert unsourced == []
