"""The curl command of a page, with the options that people's commands have."""

from __future__ import annotations

import pytest

from scripts.failure import PipelineError
from scripts.reading.text.curl import read_curl

URL = "https://post.test/v3/parcels"


@pytest.mark.parametrize(
    "options",
    [
        "-N", "--no-buffer", "-s", "-sS", "-sSL", "--location", "-k", "--compressed", "-i", "-v",
        "--fail", "--fail-with-body", "--http1.1", "-4", "--globoff", "-o parcels.json",
        "-w '%{http_code}'", "--max-time 30", "--retry 3", "--cacert ca.pem", "-A agent/1",
        "-sSfLo parcels.json", "-#",
    ],
)  # fmt: skip
def test_options_that_leave_the_request_as_it_is(options: str) -> None:
    """What is printed and how the connection is made says nothing of the request."""
    bare, _ = read_curl([f"curl {URL}"], 0, "page.txt")
    for command in (f"curl {options} {URL}", f"curl {URL} {options}"):
        assert read_curl([command], 0, "page.txt") == (bare, 1)


@pytest.mark.parametrize(
    ("options", "method", "data"),
    [
        ("-XPUT -d a=1", "PUT", "a=1"),
        ("-sSXPOST", "POST", None),
        ("--json '{\"a\": 1}'", "POST", '{"a": 1}'),
        ("-G -d q=1", "GET", None),
        ("-I", "HEAD", None),
        ("-T parcel.bin", "PUT", None),
        ("--data-ascii a=1", "POST", "a=1"),
    ],
)
def test_options_that_make_the_request(options: str, method: str, data: str | None) -> None:
    """The method follows from what is sent, as curl has it."""
    request, _ = read_curl([f"curl {options} {URL}"], 0, "page.txt")
    assert request.method.value == method
    assert (request.data and request.data.value) == data


@pytest.mark.parametrize("behind", ["| jq .", "> parcels.json", "2>/dev/null && echo ok"])
def test_what_stands_behind_the_command(behind: str) -> None:
    """What becomes of the output is no part of the command."""
    request, _ = read_curl([f"curl {URL} {behind}"], 0, "page.txt")
    assert request.url.value == URL


def test_unknown_option() -> None:
    """An option that curl has not is refused: it might have changed the request."""
    with pytest.raises(PipelineError, match="--frobnicate") as caught:
        read_curl(["curl \\", f"  --frobnicate {URL}"], 0, "page.txt")
    assert caught.value.problems[0].line == 2


def test_much_data() -> None:
    """What a quote holds is read in one step, however long it is."""
    data = "[" + "1, " * 500_000 + "1]"
    request, _ = read_curl([f"curl {URL} --data '{data}'"], 0, "page.txt")
    assert request.data is not None
    assert request.data.value == data
