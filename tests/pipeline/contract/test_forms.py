"""One overlay for every form of a page: the same names, the same models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts.contract import pipeline, validation
from scripts.emitter import dump
from scripts.facts import plain
from scripts.failure import PipelineError
from scripts.generation.restatement.profile import profile
from tests import ROOT
from tests.change.api import CANCEL as CANCELLED
from tests.change.api import document
from tests.pipeline.rendering.documents import markdown_page
from tests.pipeline.rendering.variants import VARIANTS

ONE = "/jobs/{jobId}/executions/{executionId}"
CANCEL = "cancel-job-execution"


def built(folder: Path, **pages: str) -> pipeline.Built:
    """Return what the project's overlay makes of pages; `cancel_md` is the text of `cancel.md`."""
    folder.mkdir(exist_ok=True)
    for name, text in pages.items():
        stem, _, suffix = name.rpartition("_")
        (folder / f"{stem}.{suffix}").write_text(text, encoding="utf-8")
    overlays = [ROOT / "spec/overlay.yaml"]
    return pipeline.build(folder, overlays, root=ROOT, checks=(validation.problems,))


def client(of: pipeline.Built) -> dict[str, Any]:
    """Return what the generators see, without words and examples."""
    seen: dict[str, Any] = profile(plain(of.contract))
    kept: dict[str, Any] = _bare({key: seen[key] for key in ("paths", "components")})
    return kept


def _bare(value: Any) -> Any:
    annotations = ("description", "summary", "examples", "example", "title", "readOnly")
    if isinstance(value, list):
        return [_bare(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _bare(one)
        for key, one in value.items()
        if key not in annotations or isinstance(one, dict)
    }


def with_enums(text: str) -> str:
    """Return the page as the platform shows it since August 2026: enums stand in the sample."""
    tasks = '          "timeout": "30m"\n        }\n      }'
    shown = '          "timeout": "30m"\n        },\n        "status": "unspecified"\n      }'
    outer = '        "timeout": "30m"\n      }\n    }'
    seen = '        "timeout": "30m"\n      },\n      "status": "unspecified"\n    }'
    text = text.replace(tasks, shown).replace(outer, seen)
    return text.replace('  },\n  "tasks": [', '  },\n  "status": "queued",\n  "tasks": [')


def as_document(of: pipeline.Built, **edits: str) -> str:
    """Return an `.md` page of the vendor's kind: its own names, everything stated."""
    contract = plain(of.contract)
    operation = contract["paths"][ONE]["delete"]
    operation["operationId"] = "DeleteJobExecution"
    operation["parameters"] = operation["parameters"][:2]
    operation["responses"] = {"200": operation["responses"]["200"], "404": {"description": "none"}}
    schemas = contract["components"]["schemas"]
    schemas["JobExecutionSpec"]["properties"]["envOverride"] = {"type": "object"}
    for name in ("Error", "ErrorDetail", "JobExecutionEnvOverride"):
        del schemas[name]
    schemes = contract["components"]["securitySchemes"]
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Control Plane", "version": "0.0.1"},
        "servers": contract["servers"],
        "paths": {ONE: {"delete": operation}},
        "components": {"schemas": schemas, "securitySchemes": schemes},
    }
    text = dump(document)
    for old, new in edits.items():
        text = text.replace(old, new)
    fence = f"````yaml controlplane.yml delete {ONE}"
    return f"# Cancel job execution\n\n## OpenAPI\n\n{fence}\n{text}````\n"


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory, cancel_page: str) -> pipeline.Built:
    return built(tmp_path_factory.mktemp("captured") / "docs", cancel_txt=cancel_page)


@pytest.mark.parametrize("year", [str, with_enums], ids=["May 2026", "August 2026"])
@pytest.mark.parametrize("variant", [str, *VARIANTS.values()], ids=["today", *VARIANTS])
def test_text(
    tmp_path: Path,
    captured: pipeline.Built,
    cancel_page: str,
    variant: Callable[[str], str],
    year: Callable[[str], str],
) -> None:
    """Page text of every year gives the same client, and the overlay fits it."""
    again = built(tmp_path / "docs", cancel_txt=variant(year(cancel_page)))
    assert client(again) == client(captured)
    assert again.unmatched == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (" ", "\xa0"),
        ("Path Parameters", "Path\u202fParameters"),
        ("cancelling,", "cancel\u00adling,"),
        ("queued,\n", "\u200fqueued\u200e,\n"),
        ("queued,\npending,\n", "queued,\u2028pending,\n"),
        ("running,\ncancelling,\n", "running,\x85cancelling,\n"),
        ("enum<string>", "\u2066enum<string>\u2069"),
        ("queued,", '"queued",'),
        ("queued,\npending,", "queued, pending,"),
        ("\n", "\r\n"),
        ("\n", "\r"),
    ],
)
def test_what_no_reader_sees(
    tmp_path: Path, captured: pipeline.Built, cancel_page: str, old: str, new: str
) -> None:
    """Spaces of all kinds, hyphens and marks that nobody sees, and ends of lines are no facts."""
    again = built(tmp_path / "docs", cancel_txt=cancel_page.replace(old, new))
    assert plain(again.contract) == plain(captured.contract)


def test_document(tmp_path: Path, captured: pipeline.Built) -> None:
    """The vendor's `.md` page, with its own names, gives the same client."""
    again = built(tmp_path / "docs", cancel_md=as_document(captured))
    assert client(again) == client(captured)
    assert again.unmatched == ()
    what = [notice.what for notice in again.notices]
    assert any("'DeleteJobExecution' is called 'cancelJobExecution'" in one for one in what)


@pytest.mark.parametrize(
    "edits",
    [
        {"JobExecutionTaskStatus": "TaskState"},
        {"JobExecutionTask": "Task", "TaskStatus": "State"},
        {"schemas/JobExecution'": "schemas/Execution'", "    JobExecution:": "    Execution:"},
        {"- jobs\n": "- executions\n"},
        {"{executionId}": "{id}", "name: executionId": "name: id"},
    ],
    ids=["an enum", "tasks", "the execution", "the tag", "a parameter"],
)
def test_names_stay(tmp_path: Path, captured: pipeline.Built, edits: dict[str, str]) -> None:
    """What the vendor calls otherwise keeps the name that callers import."""
    text = as_document(captured, **edits)
    if "{executionId}" in edits:
        text = text.replace(ONE, ONE.replace("executionId", "id"))
    again = client(built(tmp_path / "docs", cancel_md=text))
    wanted = client(captured)
    again["paths"][ONE]["delete"]["tags"] = again["paths"][ONE]["delete"]["tags"][:1]
    assert again == wanted


def test_mixture(tmp_path: Path, captured: pipeline.Built, cancel_page: str) -> None:
    """Text of one operation beside the `.md` page of another gives one contract."""
    read = cancel_page.replace("\nDELETE\n", "\nGET\n").replace("--request DELETE", "--request GET")
    read = read.replace("Cancel job execution", "Get job execution")
    again = built(tmp_path / "docs", cancel_md=as_document(captured), get_txt=with_enums(read))
    assert client(again) == client(captured)


@pytest.mark.parametrize("form", ["txt", "md"])
def test_neighbour(tmp_path: Path, captured: pipeline.Built, cancel_page: str, form: str) -> None:
    """The page of the operation that the overlay supplied adds nothing twice, and renames none."""
    read = cancel_page.replace("\nDELETE\n", "\nGET\n").replace("--request DELETE", "--request GET")
    read = read.replace("Cancel job execution", "Get job execution")
    if form == "md":
        read = as_document(captured).replace("    delete:", "    get:").replace(" delete ", " get ")
        read = read.replace("DeleteJobExecution", "GetJobExecution")
    pages = {"cancel_txt": cancel_page, f"get_{form}": read}
    again = built(tmp_path / "docs", **pages)
    assert client(again) == client(captured)


@pytest.mark.parametrize(
    ("old", "new", "sent"),
    [
        ("Authorization\nstring", "X-Api-Key\nstring", "the header 'x-api-key'"),
        ("Authorization\nstring\nheader", "sid\nstring\ncookie", "the cookie 'sid'"),
        ("Bearer <token>", "Basic <encoded-value>", "with the scheme 'basic'"),
        ("Bearer <token>", "<api-key>", None),
    ],
)
def test_credential_that_is_sent_elsewhere(
    tmp_path: Path, cancel_page: str, old: str, new: str, sent: str | None
) -> None:
    """An overlay's schemes stand, but where the page sends its credential is not lost."""
    again = built(tmp_path / "docs", cancel_txt=cancel_page.replace(old, new))
    found = [one for one in again.notices if one.what.startswith("the page sends a credential")]
    assert [one.line for one in found] == ([] if sent is None else [104])
    assert all(sent is not None and sent in one.what for one in found)


def test_operation_that_the_overlay_does_not_name(tmp_path: Path, cancel_page: str) -> None:
    """Any operation has the credentials, parameters and errors that all share."""
    other = cancel_page.replace("executions", "logs").replace("Cancel job execution", "Delete log")
    contract = plain(built(tmp_path / "docs", a_txt=cancel_page, b_txt=other).contract)
    operation = contract["paths"]["/jobs/{jobId}/logs/{executionId}"]["delete"]
    assert operation["security"] == [{"OAuth2": []}, {"ApiKeyAuth": []}]
    shared = [one["$ref"].rpartition("/")[2] for one in operation["parameters"] if "$ref" in one]
    assert shared == ["Workspace", "BlaxelVersion"]
    assert {"400", "401", "403", "404", "429", "500", "504"} < set(operation["responses"])
    assert set(contract["components"]["securitySchemes"]) == {"OAuth2", "ApiKeyAuth"}


def test_renamed_field(tmp_path: Path, cancel_page: str) -> None:
    """A field that is renamed gives a contract; notices name action, old name and the nearest."""
    text = cancel_page.replace('"completedAt"', '"endedAt"')
    again = built(tmp_path / "docs", cancel_txt=text)
    unmatched = [(one.file, one.what) for one in again.unmatched]
    assert len(unmatched) == 2
    assert all(file == "spec/overlay.yaml" for file, _ in unmatched)
    assert "'completedAt' of JobExecutionMetadata" in unmatched[0][1]
    assert "the nearest name there is 'endedAt'" in unmatched[0][1]


def test_renamed_component(tmp_path: Path, cancel_page: str) -> None:
    """An action whose target is gone names what was looked for, and the nearest name."""
    text = cancel_page.replace('"metadata": {\n    "cluster"', '"meta": {\n    "cluster"')
    text = text.replace("\nmetadata\nobject\n", "\nmeta\nobject\n")
    action, pin = built(tmp_path / "docs", cancel_txt=text).unmatched
    assert "'JobExecutionMetadata' is not there" in action.what
    assert "the nearest name there is 'JobExecutionMeta'" in action.what
    assert pin.what == (
        "'JobExecutionMetadata' is pinned to JobExecution.metadata, which is not there"
    )
    assert {action.file, pin.file} == {"spec/overlay.yaml"}
    assert action.line != pin.line


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("overlay: 1.0.0", "overlay: 1.0.0", None),
        ("        description: Id of the cluster", "        desciption: Id", "'desciption'"),
        ("    update:\n      descr", "    update:\n      sumary: x\n      descr", "sumary"),
        ("            - ApiKeyAuth: []", "            - ApiKeyAut: []", "requirement 'ApiKeyAut'"),
    ],
)  # fmt: skip
def test_slip_in_an_overlay(
    tmp_path: Path, cancel_page: str, old: str, new: str, what: str | None
) -> None:
    """A member that nobody knows is reported at the action, whether a schema may have it or not."""
    text = (ROOT / "spec/overlay.yaml").read_text()
    (tmp_path / "overlay.yaml").write_text(text.replace(old, new, 1))
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "page.txt").write_text(cancel_page)
    try:
        found = pipeline.build(
            docs, [tmp_path / "overlay.yaml"], root=tmp_path, checks=(validation.problems,)
        ).unmatched
    except PipelineError as error:
        found = error.problems
    assert [(one.file, what is not None and what in one.what) for one in found] == (
        [] if what is None else [("overlay.yaml", True)]
    )


def test_pinned_places_that_differ(tmp_path: Path, cancel_page: str) -> None:
    """Where one name is pinned to two places that show different things, a notice says which."""
    head, _, tail = cancel_page.rpartition('"maxRetries": 3,')
    again = built(tmp_path / "docs", cancel_txt=f'{head}"exitCode": 1, "maxRetries": 3,{tail}')
    assert again.unmatched == ()
    what = [one.what for one in again.notices if "though it is pinned" in one.what]
    assert what == [
        "JobExecutionSpec.tasks[] is a JobExecutionSpecTask, though it is pinned as "
        "'JobExecutionTask'"
    ]


@pytest.mark.parametrize("form", ["txt", "md"])
@pytest.mark.parametrize("beside", [False, True])
def test_a_cancel_that_answers_with_nothing(
    tmp_path: Path, cancel_page: str, form: str, beside: bool
) -> None:
    """What no page shows any more is left open, with a notice; what the next page shows is not."""
    api = document()
    responses = api["paths"][ONE]["delete"]["responses"]
    responses["204"] = {"description": "It is cancelled"}
    del responses["200"]
    page = markdown_page(api, *CANCELLED)
    if form == "txt":
        before, _, rest = cancel_page.partition("{\n")
        middle = rest[rest.index("Authorizations") : rest.index("successful operation")]
        page = f"{before}{middle}204\n\nIt is cancelled\n"
    pages = {f"cancel_{form}": page}
    if beside:
        pages["get_md"] = markdown_page(document(), ONE, "get")
    again = built(tmp_path / "docs", **pages)
    paths = plain(again.contract)["paths"]
    assert "content" not in paths[ONE]["delete"]["responses"]["204"]
    schema = paths[ONE]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema == ({"$ref": "#/components/schemas/JobExecution"} if beside else {})
    open_ones = [one for one in again.unmatched if one.what.endswith("no page has: left open")]
    assert bool(open_ones) is not beside
    assert all(one.file == "spec/overlay.yaml" and one.line for one in open_ones)


BANK = """GET
/
balance
Get balance
curl --request GET \\
  --url https://api.bank.test/v2/balance
{
  "amount": 1
}

Response

Fine

amount
integer
"""


def test_pages_of_another_api(tmp_path: Path, cancel_page: str) -> None:
    """Pages of another host say so themselves: what the overlay adds is not served there."""
    pages = {f"{one}_txt": BANK.replace("balance", one) for one in ("balance", "account")}
    contract = plain(built(tmp_path, cancel_txt=cancel_page, **pages).contract)
    assert contract["servers"] == [{"url": "https://api.blaxel.ai/v0"}]
    assert contract["info"]["title"] == "Blaxel API"
    assert "servers" not in contract["paths"][ONE]["get"]
    assert contract["paths"]["/balance"]["get"]["servers"] == [{"url": "https://api.bank.test/v2"}]


QUEUED = {"type": "string", "enum": ["queued", "pending"]}
AS_AN_ENUM = {
    "open": {"anyOf": [QUEUED, {"type": "string"}]},
    "nullable": {"type": ["string", "null"], "enum": ["queued", "pending", None]},
    "or null": {"oneOf": [QUEUED, {"type": "null"}]},
    "constants": {"oneOf": [{"const": "queued", "description": "Waits"}, {"const": "pending"}]},
    "one of one": {"allOf": [QUEUED], "description": "Where it is"},
}


@pytest.mark.parametrize("schema", AS_AN_ENUM.values(), ids=AS_AN_ENUM)
@pytest.mark.parametrize("named", [False, True])
def test_enum_however_it_is_written(tmp_path: Path, schema: dict[str, Any], named: bool) -> None:
    """A status that is left open, or may be null, is the same class, open at its use."""
    api = document()
    properties = api["components"]["schemas"]["JobExecution"]["properties"]
    properties["status"] = schema
    if named:
        api["components"]["schemas"]["State"] = schema
        properties["status"] = {"$ref": "#/components/schemas/State"}
    seen = profile(plain(built(tmp_path, cancel_md=markdown_page(api, *CANCELLED)).contract))
    components = seen["components"]["schemas"]
    assert components["JobExecutionStatus"]["enum"] == ["queued", "pending"]
    assert components["JobExecutionStatus"]["type"] == "string"
    status = components["JobExecution"]["properties"]["status"]
    assert {"$ref": "#/components/schemas/JobExecutionStatus"} in status["anyOf"]
    assert {one.get("type") for one in status["anyOf"]} == {None, "string", "null"}
    assert not {"State", "JobExecutionStatus2"} & components.keys()


def test_members_from_another_schema(tmp_path: Path) -> None:
    """What an execution has by `allOf`, and what is a map, has the names that callers know."""
    api = document()
    schemas = api["components"]["schemas"]
    own = schemas["JobExecution"]
    own["properties"]["stats"] = {"type": "object", "additionalProperties": {"type": "integer"}}
    schemas["Ended"] = {"type": "object", "properties": {"status": own["properties"].pop("status")}}
    schemas["JobExecution"] = {"allOf": [{"$ref": "#/components/schemas/Ended"}, own]}
    of = plain(built(tmp_path, cancel_md=markdown_page(api, *CANCELLED)).contract)
    assert {"JobExecutionStatus", "JobExecutionStats"} <= of["components"]["schemas"].keys()
    members = of["components"]["schemas"]["JobExecution"]["allOf"][1]["properties"]
    assert members["stats"] == {"$ref": "#/components/schemas/JobExecutionStats"}


def test_parameters_that_a_document_does_not_declare(tmp_path: Path) -> None:
    """What the overlay adds stands beside the parameters that are known from the path alone."""
    method, path = CANCELLED[1], CANCELLED[0]
    text = (
        f"# Cancel job execution\n\n````yaml {method} {path}\nopenapi: 3.1.0\n"
        f"info: {{title: Jobs, version: '1'}}\npaths:\n  {path}:\n    {method}:\n"
        "      responses: {'200': {description: done}}\n````\n"
    )
    operation = plain(built(tmp_path, cancel_md=text).contract)["paths"][path][method]
    names = [one.get("name") for one in operation["parameters"]]
    assert names[:2] == ["jobId", "executionId"]
    assert len(names) > 2
