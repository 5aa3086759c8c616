"""The documentation site: `make docs` builds it into site/, without a network."""

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(_ROOT / "overrides"), str(_ROOT / "generated")]
# sphinx-llm builds the pages as Markdown in a process of its own.
os.environ["PYTHONPATH"] = os.pathsep.join(sys.path[:2])

project = "blaxel-jobs"
author = "The blaxel-jobs developers"
project_copyright = author
version = release = import_module("blaxel_jobs").__version__
language = "en"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_llm.txt",
]
exclude_patterns = ["recipes/*.py", "_build"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

# Signatures with a parameter a line, types where the signature has them, members as in the source.
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "mixed"
maximum_signature_line_length = 78
python_use_unqualified_type_names = True
default_role = "code"  # `name` in a docstring
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
add_module_names = False
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = "blaxel-jobs"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {"navigation_with_keys": True}

llms_txt_description = (
    "A Python client that cancels Blaxel job executions and tells how each cancel ended."
)
llms_txt_suppress_unknown_node_warnings = ["abbreviation"]  # the `*` of a signature
llms_txt_full_build = True


def _members_only(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Leave out docstrings of modules: they are for those who read the source."""
    if what == "module":
        lines.clear()


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", _members_only, priority=100)
