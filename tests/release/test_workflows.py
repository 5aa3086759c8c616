"""What CI tries is what the package says that it supports."""

from __future__ import annotations

import re
import tomllib

import yaml

from tests import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def test_pythons() -> None:
    """CI runs on every Python that the metadata names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    ci = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    assert set(named) <= set(ci["jobs"]["client"]["strategy"]["matrix"]["python"])


def test_make_targets() -> None:
    """Each make target and script that a workflow runs is there."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    text = "".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    assert len(WORKFLOWS) >= 3
    for target in re.findall(r"run: make (\S+)", text):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for script in re.findall(r"(?:run: |\()(\.?ci/\S+?)\)?$", text, re.MULTILINE):
        assert (ROOT / script).is_file(), script
