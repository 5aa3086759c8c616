"""Reading YAML and JSON with lines, and writing YAML for people."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from scripts.documents import Document, parse, read
from scripts.emitter import dump
from scripts.failure import PipelineError
from tests import ROOT

# Surrogates are no characters, so no file can hold them.
characters = st.characters(exclude_categories=["Cs"])
texts = st.text(characters, max_size=20) | st.lists(
    st.text("ab#:-'é", min_size=1, max_size=30), min_size=4, max_size=12
).map(" ".join)
words = st.sampled_from(
    "yes on null ~ 1e3 0o17 0x1f 1_000 .5 -.inf 1:30 2026-04-16 true False - ? : # a: a# a:b "
    "- a|{}|[]|&a|*a|!a|%a|@a|`a|<<|=|>|''|'|\"|--- a|...".replace(" a|", "|").split(" ")
)
lines = st.lists(st.text(" ab#:-\t'", max_size=6), max_size=6).map("\n".join)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
    | words
    | lines
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts | words, inner, max_size=4),
    max_leaves=12,
)
mappings = st.dictionaries(texts | words, values, max_size=5)


def problem(text: str, file: str = "a.yaml") -> str:
    with pytest.raises(PipelineError) as caught:
        parse(text, file)
    return str(caught.value)


def same(left: Any, right: Any) -> bool:
    """Equal in value, type and key order."""
    return repr(left) == repr(right)


class TestDump:
    @given(mappings)
    @example({"<<": {"a": 1}})
    def test_round_trip(self, value: dict[str, Any]) -> None:
        """What is written reads back as the same value, keys in the same order."""
        assert same(parse(dump(value), "a.yaml").value, value)

    @given(mappings)
    @example({"<<": {"a": 1}})
    def test_other_readers_agree(self, value: dict[str, Any]) -> None:
        """A reader of YAML 1.1 sees the same value: nothing depends on our own reader."""
        assert same(yaml.load(dump(value), Loader=yaml.CSafeLoader), value)

    @given(mappings)
    def test_no_trailing_space(self, value: dict[str, Any]) -> None:
        """Lines outside literal blocks end where their text ends, and the file in one newline."""
        written = dump(value)
        assert written.endswith("\n")
        if "|" not in written:
            assert not any(line.endswith(" ") for line in written.split("\n"))

    def test_layout(self) -> None:
        """Long text is folded, several lines are a block, response codes are quoted."""
        long = "Cancels a running execution: tasks in progress complete, and no new task " * 2
        document = {
            "openapi": "3.1.0",
            "description": long.strip(),
            "notes": "first line\n\nsecond paragraph\n",
            "responses": {"200": {"description": "successful operation", "x": []}},
            "security": [{"OAuth2": ["jobs:get"]}, {"ApiKeyAuth": []}],
            "path": "/jobs/{jobId}",
            "date": "2026-04-16",
            "switch": "on",
            "ref": "#/components/schemas/Job",
            "title": "Zoë's jobs",
            "emoji": "\U0001f600",
            "size": 2048,
            "share": 1e20,
        }
        assert dump(document) == snapshot("""\
openapi: 3.1.0
description: >-
  Cancels a running execution: tasks in progress complete, and no new task Cancels a running
  execution: tasks in progress complete, and no new task
notes: |
  first line

  second paragraph
responses:
  '200':
    description: successful operation
    x: []
security:
  - OAuth2:
      - jobs:get
  - ApiKeyAuth: []
path: /jobs/{jobId}
date: '2026-04-16'
switch: 'on'
ref: '#/components/schemas/Job'
title: Zoë's jobs
emoji: '😀'
size: 2048
share: 1.0e+20
""")

    def test_equal_parts_are_written_out(self) -> None:
        """A part used twice is written twice: no anchors for a person to follow."""
        part = {"a": [1]}
        assert dump({"p": part, "q": part}) == "p:\n  a:\n    - 1\nq:\n  a:\n    - 1\n"

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, b"x"])
    def test_refuses_what_is_not_json(self, value: object) -> None:
        """A value that JSON cannot say is a mistake of the program, not written as something."""
        with pytest.raises(ValueError, match=r"JSON|compliant"):
            dump({"a": value})


class TestRead:
    def test_core_schema(self) -> None:
        """Plain words mean what YAML 1.2 says, not what YAML 1.1 said."""
        text = "[yes, on, 2026-04-16, 1:30, null, ~, true, 12, -0x1, 0o17, 1e3, .5, '1', !!str 2]"
        assert parse(f"a: {text}", "a.yaml").value == snapshot(
            {
                "a": [
                    "yes",
                    "on",
                    "2026-04-16",
                    "1:30",
                    None,
                    None,
                    True,
                    12,
                    "-0x1",
                    15,
                    1000.0,
                    0.5,
                    "1",
                    "2",
                ]
            }
        )

    def test_lines(self) -> None:
        """Every part has its line: a member that of its key, an item its own."""
        document = parse("# note\na:\n  - x\n  -\n    b/c: 1\n    d:\n      e\n", "a.yaml")
        assert document.lines == snapshot(
            {"": 2, "/a": 2, "/a/0": 3, "/a/1": 5, "/a/1/b~1c": 5, "/a/1/d": 6}
        )

    def test_line_of_a_missing_part(self) -> None:
        """A part that is not there is reported at its nearest ancestor."""
        assert parse("a:\n  b:\n    c: 1\n", "a.yaml").line("/a/b/x/y") == 2

    def test_json(self) -> None:
        """JSON reads as JSON, escapes beyond the basic plane and tabs included."""
        text = '{\n\t"a": ["\\ud83d\\ude00", "\\\\ud83d", 1.5],\n\t"b": null\n}'
        document = parse(text, "a.json")
        assert document.value == {"a": ["\U0001f600", "\\ud83d", 1.5], "b": None}
        assert document.line("/b") == 3

    def test_keys(self) -> None:
        """Keys are what is written: codes of responses need no quotes."""
        assert parse("200: ok\nnull: x\n", "a.yaml").value == {"200": "ok", "null": "x"}

    def test_aliases(self) -> None:
        """An alias stands for the part it names."""
        assert parse("a: &x [1]\nb: *x\n", "a.yaml").value == {"a": [1], "b": [1]}

    def test_from_disk(self, tmp_path: Path) -> None:
        """A file is read as UTF-8 and reported by the name the caller gives."""
        path = tmp_path / "a.yaml"
        path.write_bytes("name: Zoë\n".encode())
        assert read(path, "spec/a.yaml") == Document(
            "spec/a.yaml", {"name": "Zoë"}, {"": 1, "/name": 1}
        )


class TestProblems:
    """Each problem names the file and the line, and shows the line."""

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (
                "a: 1\nb: [\n",
                snapshot("""\
a.yaml:3: is not valid YAML: while parsing a flow node, did not find expected node content\
"""),
            ),
            (
                "a: 1\n  b: 2\n",
                snapshot("""\
a.yaml:2: is not valid YAML: mapping values are not allowed in this context
    |   b: 2\
"""),
            ),
            (
                "a: 1\nb: 2\na: 3\n",
                snapshot("""\
a.yaml:3: duplicate key 'a'
    | a: 3
    hint: it stands on line 1 already: keep one\
"""),
            ),
            (
                "x:\n  [a]: ok\n",
                snapshot("""\
a.yaml:2: a key is a list or a mapping, not a string
    |   [a]: ok\
"""),
            ),
            (
                "a: &x\n  b: *x\n",
                snapshot("""\
a.yaml:2: the alias *x refers to a part that contains it
    |   b: *x\
"""),
            ),
            (
                "a: .nan\n",
                snapshot("""\
a.yaml:1: .nan is no JSON number
    | a: .nan
    hint: put it in quotes if it is a text\
"""),
            ),
            (
                "a: !!int x\n",
                snapshot("""\
a.yaml:1: the tag !!int does not fit 'x'
    | a: !!int x
    hint: leave the tag out\
"""),
            ),
            (
                "a: !env HOME\n",
                snapshot("""\
a.yaml:1: the tag !env does not fit 'HOME'
    | a: !env HOME
    hint: leave the tag out\
"""),
            ),
            (
                "- a\n",
                snapshot("""\
a.yaml:1: the document is not a mapping
    | - a
    hint: begin with `key: value` lines\
"""),
            ),
            (
                "",
                snapshot("""\
a.yaml:1: the document is empty
    hint: begin with `key: value` lines\
"""),
            ),
            (
                "ok: é\nb: \x07\n",
                snapshot("""\
a.yaml:2: holds a character that YAML forbids: control characters are not allowed
    | b: \x07\
"""),
            ),
            (
                "a: 1\n---\nb: 2\n",
                snapshot("""\
a.yaml:3: a second document begins here
    | b: 2
    hint: keep one\
"""),
            ),
        ],
    )
    def test_yaml(self, text: str, message: str) -> None:
        """Broken YAML says what is broken and where."""
        assert problem(text) == message

    def test_json(self) -> None:
        """A JSON file is held to JSON's syntax: YAML's leniency is not for it."""
        assert problem('{\n "a"  1\n}', "a.json") == snapshot("""\
a.json:2: is not valid JSON: Expecting ':' delimiter
    |  "a"  1\
""")

    def test_missing_file(self, tmp_path: Path) -> None:
        """A file that is not there is a problem like any other."""
        with pytest.raises(PipelineError, match=r"^a\.yaml: cannot be read: No such file"):
            read(tmp_path / "a.yaml", "a.yaml")

    def test_not_utf8(self, tmp_path: Path) -> None:
        """A byte that is no UTF-8 is found by its line."""
        path = tmp_path / "a.yaml"
        path.write_bytes(b"a: 1\nb: \xff\n")
        with pytest.raises(PipelineError, match=r"^a\.yaml:2: is not UTF-8"):
            read(path, "a.yaml")

    def test_about_a_part(self) -> None:
        """A reader of the document can report a part of it."""
        document = parse("a:\n  b: 1\n", "a.yaml")
        assert str(document.problem("unknown key", "/a/b")) == "a.yaml:2: unknown key"


@pytest.mark.parametrize(
    ("file", "text", "line"),
    [
        ("a.yaml", "x:\n " + "[" * 100_000, 2),
        ("a.yaml", "x: " + "[" * 100 + "]" * 100, 1),
        ("a.yaml", "x:\n" + "- " * 100_000 + "1", 2),
        ("a.yaml", "\n".join(" " * depth + "k:" for depth in range(101)), 101),
        ("a.json", '{"x": ' + "[" * 100_000 + "]" * 100_000 + "}", 1),
    ],
)
def test_nested_deep(file: str, text: str, line: int) -> None:
    """What is nested deeper than anybody writes is refused, and breaks nothing down."""
    with pytest.raises(PipelineError, match=r"nested deeper|nesting depth") as caught:
        parse(text, file)
    assert caught.value.problems[0].line == line


def test_without_libyaml(tmp_path: Path) -> None:
    """A PyYAML that was built without libyaml is a clear error of the commands."""
    program = (
        "import sys, yaml; yaml.__with_libyaml__ = False; del yaml.CSafeLoader;"
        "from scripts.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    command = ["spec", "--docs", "spec/docs", "--out", str(tmp_path / "openapi.yaml")]
    done = subprocess.run(
        [sys.executable, "-c", program, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "PyYAML is built without libyaml" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_lacks(number: str) -> None:
    """Python's reader of JSON takes them; a document with one is refused at its line."""
    with pytest.raises(PipelineError, match=f"{number} is no JSON number") as caught:
        parse(f'{{\n"a": {number}}}', "a.json")
    assert caught.value.problems[0].line == 2


def test_a_long_number_in_json() -> None:
    """One with more digits than Python converts is no traceback."""
    with pytest.raises(PipelineError):
        parse(f'{{"a": {"1" * 5000}}}', "a.json")
