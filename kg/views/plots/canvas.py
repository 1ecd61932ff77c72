"""A sheet of paper in millimetres, y downwards, to draw on with matplotlib; a picture is what comes off it."""

from __future__ import annotations

import builtins
import contextlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kg.errors import KgError
from kg.views.plots import letters, svg
from kg.views.plots.letters import BODY, HEAD, POINT, SMALL

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure
    from matplotlib.path import Path

INK, SOFT, LINE, SHEET, PAPER = "#1a2129", "#56616d", "#cfd6dd", "#f4f6f8", "#ffffff"
MARGIN = 3.0
NARROW = 120.0
HATCH = 0.6
NARROWEST, WIDEST = 80.0, 400.0
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing drawn that stands for findings; `text` is the sentence that a pointer brings up."""

    id: str
    text: str
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A finished picture; `note` says in plain words what is drawn and what is left out."""

    kind: str
    title: str
    svg: str
    marks: tuple[Mark, ...]
    note: str
    _figure: Figure = field(repr=False, compare=False)

    def bytes(self, form: str) -> builtins.bytes:
        """The picture as `svg`, `png` (300 dots an inch) or `pdf`, the same bytes each time."""
        if form == "svg":
            return self.svg.encode()
        if form not in ("png", "pdf"):
            raise KgError(f"{form!r} is no form of a picture; known are svg, png and pdf")
        return _saved(self._figure, form)


def _saved(figure: Figure, form: str) -> bytes:
    import matplotlib

    dateless: dict[str, dict[str, Any]] = {
        "svg": {"Date": None, "Creator": None},
        "png": {"Software": None},
        "pdf": {"CreationDate": None, "Creator": "cordgraph", "Producer": None},
    }
    made = io.BytesIO()
    with matplotlib.rc_context(_settings()):
        figure.savefig(made, format=form, dpi=300 if form == "png" else 72, metadata=dateless[form])
    return made.getvalue()


def _settings() -> dict[Any, Any]:
    """Matplotlib as it comes, whatever the settings of this machine, but for what makes files small and the same."""
    import matplotlib

    ours = ("font.", "text.", "hatch.", "svg.", "pdf.", "savefig.", "path.", "figure.", "patch.", "lines.")
    fresh = {name: value for name, value in matplotlib.rcParamsDefault.items() if name.startswith(ours)}
    return fresh | {
        "svg.fonttype": "none",
        "svg.hashsalt": "cordgraph",
        "pdf.fonttype": 42,
        "text.parse_math": False,
        "hatch.linewidth": HATCH,
    }


class Canvas:
    """Collects what is drawn; millimetres, the origin at the top left; the last thing drawn lies on top."""

    def __init__(self, kind: str, width: float) -> None:
        if not NARROWEST <= width <= WIDEST:
            raise KgError(f"a picture is {NARROWEST:g} to {WIDEST:g} mm wide; {width:g} mm was asked for")
        from matplotlib.figure import Figure
        from matplotlib.transforms import Affine2D

        self.kind, self.width = kind, width
        self.nothing = "no study here"  # what an empty place means; less than that where only a part was selected
        self.y = MARGIN
        self.marks: list[Mark] = []
        self._parts = 0
        self._open = ""
        self._down = Affine2D()
        self._figure = Figure()
        self._placed = self._down + self._figure.dpi_scale_trans

    @property
    def narrow(self) -> bool:
        """Whether it is one column of a journal rather than two."""
        return self.width < NARROW

    @property
    def right(self) -> float:
        """The right end of what may be drawn on."""
        return self.width - MARGIN

    @contextlib.contextmanager
    def mark(self, text: str, findings: tuple[str, ...] = ()) -> Iterator[None]:
        """What is drawn inside stands for these findings."""
        mark = Mark(f"{self.kind}-{len(self.marks) + 1}", letters.plain(text, 1000), findings)
        self.marks.append(mark)
        self._open = mark.id
        yield
        self._open = ""

    def text(
        self, x: float, y: float, words: object, size: float = BODY, align: str = "left", color: str = INK,
        bold: bool = False, turn: float = 0.0,
    ) -> None:  # fmt: skip
        """One line of words; y is the middle of its capitals, or x where it is turned by 90 degrees."""
        from matplotlib.text import Text

        drop = 0.36 * size * POINT
        x, y = (x + drop, y) if turn else (x, y + drop)
        placed: dict[str, Any] = {"ha": align, "va": "baseline", "rotation_mode": "anchor", "rotation": turn}
        self._add(
            Text(
                x, y, letters.drawable(words), fontproperties=letters.font(size, bold), color=color,
                parse_math=False, **placed,
            )
        )  # fmt: skip

    def lines(self, x: float, y: float, words: Sequence[str], size: float = BODY, **how: Any) -> None:
        """Lines of words, the middle of them all at y."""
        top = y - letters.high(size) * (len(words) - 1) / 2
        for number, line in enumerate(words):
            self.text(x, top + number * letters.high(size), line, size, **how)

    def line(self, points: Sequence[Point], color: str = LINE, thick: float = 0.5, dash: Sequence[float] = ()) -> None:
        """A line through the points, `thick` points of type."""
        from matplotlib.path import Path

        self._patch(Path(points), facecolor="none", edgecolor=color, linewidth=thick, dash=dash)

    def rect(self, x: float, y: float, wide: float, high: float, fill: str = PAPER, **how: Any) -> None:
        """A rectangle from its top left corner."""
        self.polygon([(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)], fill, **how)

    def polygon(self, points: Sequence[Point], fill: str = PAPER, **how: Any) -> None:
        """A closed shape."""
        from matplotlib.path import Path

        self.shape(Path([*points, points[0]], closed=True), fill, **how)

    def shape(
        self, path: Path, fill: str = PAPER, edge: str = "none", thick: float = 0.4, hatch: str = "",
        dash: Sequence[float] = (),
    ) -> None:  # fmt: skip
        """Any closed path."""
        self._patch(path, facecolor=fill, edgecolor=edge, linewidth=thick, hatch=hatch or None, dash=dash)

    def _patch(self, path: Path, dash: Sequence[float] = (), **how: Any) -> None:
        from matplotlib.patches import PathPatch

        how["linestyle"] = (0, tuple(dash)) if dash else "solid"
        how["linewidth"] = 0.0 if how["edgecolor"] == "none" else how["linewidth"]
        patch = PathPatch(path, capstyle="butt", joinstyle="round", **how)
        if hasattr(patch, "set_hatch_linewidth"):  # since matplotlib 3.10 a patch keeps the setting of when it was made
            patch.set_hatch_linewidth(HATCH)
        self._add(patch)

    def _add(self, artist: Artist) -> None:
        self._parts += 1
        artist.set_transform(self._placed)
        artist.set_zorder(1)
        if self._open:
            artist.set_gid(f"{self._open}{svg.PART}{self._parts}")
        self._figure.add_artist(artist)

    def head(self, title: str) -> None:
        """The title, and the place below it."""
        for line in letters.wrap(title, self.right - MARGIN, HEAD, 2, bold=True):
            self.text(MARGIN, self.y + 1.8, line, HEAD, bold=True)
            self.y += letters.high(HEAD)
        self.y += 1.5

    def foot(self, lines: Sequence[str]) -> None:
        """Small print at the end, wrapped."""
        self.y += 2.5
        self.line([(MARGIN, self.y), (self.right, self.y)], LINE)
        self.y += 2.0
        for line in lines:
            for part in letters.wrap(line, self.right - MARGIN, SMALL, 6):
                self.text(MARGIN, self.y, part, SMALL, color=SOFT)
                self.y += letters.high(SMALL)

    def picture(self, title: str, note: str) -> Picture:
        """What was drawn, cut to its height."""
        height = round(self.y + MARGIN - 1.5, 1)
        self._figure.set_size_inches(self.width / 25.4, height / 25.4)
        self._down.scale(1 / 25.4, -1 / 25.4).translate(0, height / 25.4)
        text = _saved(self._figure, "svg").decode()
        made = svg.tidy(text, (self.width, height), f"{title}. {note}", note, self.marks)
        return Picture(self.kind, title, made, tuple(self.marks), note, self._figure)
