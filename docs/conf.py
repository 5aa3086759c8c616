"""The documentation site: `make docs` builds it into site/, without a network."""

import os
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(_ROOT / "overrides"), str(_ROOT / "generated")]
# sphinx-llm builds the pages as Markdown in a process of its own.
os.environ["PYTHONPATH"] = os.pathsep.join(sys.path[:2])

from blaxel_jobs import __version__  # noqa: E402

project = "blaxel-jobs"
author = "The blaxel-jobs developers"
project_copyright = author
version = release = __version__
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
autodoc_preserve_defaults = True
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
