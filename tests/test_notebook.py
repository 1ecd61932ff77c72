from __future__ import annotations

import os
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).with_name("example.ipynb")


@pytest.fixture(scope="module")
def outputs(shipped_at: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[list[dict[str, object]]], Path]:
    """The example notebook, run from top to bottom in an empty folder: the outputs of its code cells."""
    import nbclient
    import nbformat

    folder = tmp_path_factory.mktemp("notebook")
    told = os.environ | {"KG_STORE": str(shipped_at), "IPYTHONDIR": str(folder / "ipython")}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in told.items():
            patch.setenv(name, value)
        book = nbformat.read(NOTEBOOK, as_version=4)
        nbclient.NotebookClient(book, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    return [cell.outputs for cell in book.cells if cell.cell_type == "code"], folder


def data(outputs: list[dict[str, object]]) -> dict[str, str]:
    return next(out["data"] for out in outputs if "data" in out)  # type: ignore[return-value]


def test_the_example_notebook_shows_the_graph_the_page_and_the_picture(outputs) -> None:
    shown, folder = outputs
    store, rows, page, picture, saved, numbers = shown
    assert "1,325 findings" in data(store)["text/html"]
    assert "khazaei2020-05" in data(rows)["text/plain"]
    for frame in (page, picture):
        assert data(frame)["text/html"].startswith('<iframe sandbox="allow-scripts')
    assert "ladder.svg" in data(saved)["text/plain"]
    assert (folder / "ladder.svg").read_bytes().startswith(b"<?xml")
    assert "1616" in data(numbers)["text/plain"]


def test_no_cell_says_anything_on_standard_error(outputs) -> None:
    assert not [out for cell in outputs[0] for out in cell if out.get("name") == "stderr"]


def test_the_notebook_is_kept_without_outputs() -> None:
    import nbformat

    book = nbformat.read(NOTEBOOK, as_version=4)
    assert not [cell for cell in book.cells if cell.cell_type == "code" and (cell.outputs or cell.execution_count)]
