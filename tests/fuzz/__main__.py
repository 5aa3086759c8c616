"""`python -m tests.fuzz TARGET SECONDS SEED`, in the environment that has atheris; seed 0: any."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

atheris: Any = import_module("atheris")  # not in the environment of the type checkers

with atheris.instrument_imports(include=["scripts", "blaxel_jobs", "blaxel_jobs_api"]):
    from tests.fuzz.targets import TARGETS

name, seconds, seed = sys.argv[1:]
corpus = Path(".fuzz") / name
corpus.mkdir(parents=True, exist_ok=True)
found = Path(__file__).parent / "found"
options = [
    str(corpus), f"-max_total_time={seconds}", f"-seed={seed}", f"-artifact_prefix={found}/{name}-",
    "-timeout=10", "-rss_limit_mb=2048", "-max_len=4096", "-verbosity=0",
]  # fmt: skip
atheris.Setup([sys.argv[0], *options], TARGETS[name])
atheris.Fuzz()
