"""What is installed is what a person gets: the wheel's contents, a bare install, a light import, the floors."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

import kg

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from the source distribution, as an installer would do it."""
    place = tmp_path_factory.mktemp("dist")
    built = [sys.executable, "-m", "build", "--outdir", str(place), str(ROOT)]
    subprocess.run(built, check=True, capture_output=True)
    return next(place.glob("*.whl"))


def test_the_wheel_holds_code_queries_and_data_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    ours = {name for name in names if ".dist-info/" not in name}
    assert {"kg/queries/improved.rq", "kg/data/papers.csv", "kg/data/vocab/therapies.csv"} <= ours
    assert {"kg/data/findings/carried-over.csv", "kg/data/ontology/shapes.ttl", "kg/views/page.html"} <= ours
    assert {"kg/views/page.js", "kg/views/page.css", "kg/py.typed"} <= ours
    assert {name.split("/")[0] for name in ours} == {"kg"}
    assert {Path(name).suffix for name in ours} == {
        ".py",
        ".rq",
        ".csv",
        ".json",
        ".md",
        ".ttl",
        ".html",
        ".js",
        ".css",
        ".typed",
    }


def test_every_question_and_table_of_the_checkout_is_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    shipped = [*ROOT.glob("queries/*.rq"), *ROOT.glob("data/**/*.csv"), *ROOT.glob("data/**/*.ttl")]
    shipped += [ROOT / "data" / "layout.json"]
    assert {f"kg/{path.relative_to(ROOT).as_posix()}" for path in shipped} <= names


def test_a_bare_install_of_the_wheel_answers(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "bare", with_pip=True)
    python = tmp_path / "bare" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", str(wheel)], check=True, capture_output=True)
    told = {**os.environ, "KG_STORE": str(tmp_path / "graph"), "PYTHONPATH": ""}
    asked = [tmp_path / "bare" / "bin" / "kg", "query", "gap-map", "--phase", "chronic"]
    done = subprocess.run(asked, cwd=tmp_path, env=told, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "cell therapy,alone,chronic" in done.stdout
    for drawn in (["view"], ["plot", "ladder"], ["report", "ChABC"]):
        subprocess.run([*asked[:1], *drawn, "-o", "page.html"], cwd=tmp_path, env=told, capture_output=True, check=True)
        assert (tmp_path / "page.html").read_bytes().startswith(b"<!doctype html>")
    page = subprocess.run([asked[0], "view", "-o", "page.html"], cwd=tmp_path, env=told, capture_output=True, text=True)
    assert page.returncode == 0, page.stderr


def test_importing_kg_loads_no_heavy_library() -> None:
    heavy = {"pyoxigraph", "rdflib", "networkx", "pyvis", "numpy", "yaml", "IPython", "click"}
    code = "import kg, sys; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not heavy & set(loaded)


def test_help_loads_no_heavy_library() -> None:
    heavy = {"pyoxigraph", "rdflib", "networkx", "pyvis", "numpy", "yaml", "IPython"}
    code = "import sys\nfrom kg.cli import main\ntry: main(['--help'])\nexcept SystemExit: print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not heavy & set(loaded)


def test_the_public_names_are_these() -> None:
    assert kg.__all__ == [
        "Combination",
        "Finding",
        "KgError",
        "Paper",
        "Store",
        "Trial",
        "as_networkx",
        "as_rdflib",
        "load",
        "plot",
        "query",
        "report",
        "view",
        "__version__",
    ]
    modules = {path.stem for path in (ROOT / "kg").glob("*.py")}
    assert not modules & set(kg.__all__)
    assert all(getattr(kg, name) is not None for name in kg.__all__)


def test_a_name_that_is_none_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        _ = kg.lode
