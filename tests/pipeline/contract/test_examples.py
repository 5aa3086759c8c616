"""A page's samples are examples of the media type in the contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scripts.contract import pipeline, validation
from scripts.facts import plain
from tests import ROOT

ONE = "/jobs/{jobId}/executions/{executionId}"
JSON = "application/json"


def built(folder: Path, text: str) -> pipeline.Built:
    (folder / "page.txt").write_text(text, encoding="utf-8")
    return pipeline.build(folder, [], root=ROOT, checks=(validation.problems,))


def answer(of: pipeline.Built) -> dict[str, Any]:
    """Return the media type of the answer of the captured page's operation."""
    media: dict[str, Any] = plain(of.contract)["paths"][ONE]["delete"]["responses"]["200"]
    found: dict[str, Any] = media["content"][JSON]
    return found


def test_response(tmp_path: Path, cancel_page: str) -> None:
    """The answer's sample is kept as it stands, made-up values among them."""
    text = cancel_page[cancel_page.index("\n{\n") :].partition("\n\n")[0]
    assert answer(built(tmp_path, cancel_page))["example"] == json.loads(text)


def test_request(tmp_path: Path) -> None:
    """What curl sends is the example of the request."""
    text = """\
POST
/
jobs
Create job
curl --request POST \\
  --url https://api.example.com/jobs \\
  --header 'Content-Type: application/json' \\
  --data '{"name": "one", "token": "<string>"}'

Body

application/json

name
string
required

Response

204

Done
"""
    contract = plain(built(tmp_path, text).contract)
    body = contract["paths"]["/jobs"]["post"]["requestBody"]["content"][JSON]
    assert body["example"] == {"name": "one", "token": "<string>"}


def test_contradiction(tmp_path: Path, cancel_page: str) -> None:
    """A sample that its schema does not allow is left out, with a notice at its line."""
    text = cancel_page.replace("tasks\nobject[]\n", "tasks\nstring\n")
    of = built(tmp_path, text)
    assert "example" not in answer(of)
    (notice,) = (one for one in of.notices if "contradicts its schema at tasks" in one.what)
    assert notice.line is not None


def test_made_up_values_contradict_nothing(tmp_path: Path, cancel_page: str) -> None:
    """`<string>` stands for any value, of an enum, too."""
    text = cancel_page.replace('  "stats": {', '  "status": "<string>",\n  "stats": {')
    assert answer(built(tmp_path, text))["example"]["status"] == "<string>"


def test_reference_in_a_sample(tmp_path: Path, cancel_page: str) -> None:
    """A sample with a key that a contract would follow is left out, and that is reported."""
    text = cancel_page.replace('"cluster": "<string>"', '"$ref": "#/nowhere"', 1)
    of = built(tmp_path, text)
    assert "example" not in answer(of)
    assert any("key `$ref`" in one.what for one in of.notices)
