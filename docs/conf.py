"""How the docs are built: Sphinx, MyST and furo; warnings are errors."""

import re
from importlib.metadata import version as version_of

from sphinx.application import Sphinx

project = "OpenDocket"
copyright = "2026, the OpenDocket contributors"
author = "the OpenDocket contributors"
release = version = version_of("opendocket")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"OpenDocket {version}"
html_copy_source = False
html_show_sourcelink = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_custom_sections = ["Assumes", "Source"]
napoleon_use_ivar = True

autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_preserve_defaults = True
autodoc_class_signature = "separated"
autodoc_default_options = {
    "members": True,
    "undoc-members": True,
    "exclude-members": "__init__, __new__",
}

nitpick_ignore_regex = [
    # other libraries' names, in the values of our data and the bases of our errors
    ("py:.*", r"(numpy|polars|duckdb|pathlib|datetime|builtins|collections)\..*"),
]


def without_types(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    """Undo napoleon's guess that what stands before a colon is a type; ours hold none."""
    for at, line in enumerate(lines):
        if guess := re.fullmatch(r":(type|rtype): (.*)", line):
            lines[at] = ""
            begun = 0
            if guess[1] == "rtype":
                begun = next(i for i, text in enumerate(lines) if text.startswith(":returns: "))
            mark = ":returns: " if guess[1] == "rtype" else ""
            lines[begun] = f"{mark}{guess[2]}: {lines[begun].removeprefix(mark)}"


def setup(app: Sphinx) -> None:
    """Let the above run after napoleon."""
    app.connect("autodoc-process-docstring", without_types, priority=900)
