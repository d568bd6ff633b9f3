"""Public names are few, documented, and there; what docstrings show runs."""

import ast
import doctest
import importlib
import inspect
import pkgutil
import subprocess
import sys

import pytest
from command_tree import ROOT

import opendocket

MODULES = sorted(
    found.name
    for found in pkgutil.walk_packages(opendocket.__path__, "opendocket.")
    if not found.name.endswith("__main__")
)
PUBLIC = [
    (name, public)
    for name in ["opendocket", *MODULES]
    for public in getattr(importlib.import_module(name), "__all__", ())
]
MOST_AT_THE_TOP, MOST_PER_PACKAGE = 20, 15


@pytest.mark.parametrize(("module", "name"), PUBLIC)
def test_a_public_name_is_there_and_documented(module, name):
    value = getattr(importlib.import_module(module), name)
    if inspect.isclass(value) or callable(value):
        assert inspect.getdoc(value)
        # a dataclass writes its signature where a docstring is missing
        assert not inspect.getdoc(value).startswith(f"{name}(")


@pytest.mark.parametrize("name", ["opendocket", *MODULES])
def test_a_module_says_what_it_is_for(name):
    said = importlib.import_module(name).__doc__ or ""

    assert len(said.split()) >= 3, f"{name}: {said!r}"


@pytest.mark.parametrize("name", ["opendocket", *MODULES])
def test_a_package_has_few_public_names(name):
    most = MOST_AT_THE_TOP if name == "opendocket" else MOST_PER_PACKAGE

    assert len(getattr(importlib.import_module(name), "__all__", ())) <= most


def test_the_top_names_are_those_that_it_imports_for_type_checkers():
    tree = ast.parse((ROOT / "src/opendocket/__init__.py").read_text("utf-8"))
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    homes = {
        alias.name: f"opendocket.{home}"
        for node in guarded.body
        for alias in node.names
        for home in [node.module.removeprefix("opendocket.")]
    }

    assert homes == {n: f"opendocket.{h}" for n, h in opendocket._HOMES.items()}
    assert set(opendocket.__all__) == set(homes) <= set(dir(opendocket))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        opendocket.nothing  # noqa: B018


def test_importing_the_package_imports_no_library():
    code = "import sys, opendocket; print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    heavy = {"duckdb", "polars", "numpy", "altair", "requests", "click", "rich"}
    assert heavy & set(ran.stdout.split()) == set()


@pytest.mark.parametrize("name", ["opendocket", *MODULES])
def test_an_example_in_a_docstring_runs(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    failed = doctest.testmod(
        importlib.import_module(name), optionflags=doctest.ELLIPSIS, report=False
    ).failed

    assert failed == 0, "what was found is in the captured output"
