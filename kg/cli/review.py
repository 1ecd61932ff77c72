"""Command review: a person decides on what programs propose, and what is accepted becomes rows."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.base import FILE, Command, main, output, print_rows, say, wrote
from kg.errors import KgError, did_you_mean, plural

if TYPE_CHECKING:
    from kg.build import Collected
    from kg.decisions import Decision
    from kg.model import Finding
    from kg.review.queue import Waiting
    from kg.review.verdicts import Compared
    from kg.store import Row
    from kg.vocab import Vocab

_COLUMNS = ("finding", "kinds", "confidence", "rule", "arm", "comparator", "outcome", "direction", "species", "phase")
_CASES = ("finding", "column", "reader", "says", "other", "says_other")
_AGREEMENTS = ("reader", "other", "column", "n", "agreed", "kappa")
_KEYS = "[a]ccept [e]dit [r]eject [s]kip [q]uit [?]"
_DONE = {"accept": "accepted", "edit": "accepted with changes", "reject": "rejected"}
_HELP = """a  the row is right as it stands
e  the row is right with other values: asked for column by column
r  it is not: asked for the reason
s  next; it stays in your queue
q  stop here; every decision so far is kept"""
_COLOURS = {
    "arm": "green", "comparator": "cyan", "outcome": "yellow", "direction": "magenta", "phase": "blue",
    "species": "red", "injury": "red",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where proposals are, which rows stand already, who reads, and what of the queue is wanted."""

    folder: Path
    data: Path
    rows: Collected
    reader: str
    limit: int
    kind: str
    again: bool

    def queue(self) -> list[Waiting]:
        """What waits here for the reader."""
        from kg.review import queue

        return queue.queue(self.folder, self.rows, "" if self.again else self.reader, self.kind)


def _places(command: Command) -> Command:
    """`--proposed` and `--data`."""
    data = click.option("--data", type=FILE, help="The folder of rows; the shipped one by default.")
    return click.option("--proposed", type=FILE, help="The folder of proposals, where it is not the default one.")(
        data(command)
    )


def _queued(limit: int) -> Callable[[Command], Command]:
    """The options that say whose queue is meant, and what of it."""

    def options(command: Command) -> Command:
        again = click.option("--again", is_flag=True, help="Also what you decided on already.")
        kind = click.option("--kind", default="", metavar="KIND", help="Only 'new combination', 'chronic' ...")
        most = click.option(
            "--limit", type=click.IntRange(1), default=limit, show_default=True, help="At most so many."
        )
        reader = click.option("--reader", help="Who decides; KG_READER or your name on this machine by default.")
        return reader(most(kind(again(_places(command)))))

    return options


def _desk(
    proposed: Path | None,
    data: Path | None,
    reader: str | None = None,
    limit: int = 0,
    kind: str = "",
    again: bool = False,
) -> _Desk:
    from kg import build, decisions, proposals, resources

    folder, place = proposed or proposals.folder(), data or resources.data()
    for problem in decisions.read(folder)[1]:
        say(str(problem))
    return _Desk(folder, place, build.collect(place), reader or _reader(), limit, kind, again)


def _reader() -> str:
    from kg import resources

    try:
        return resources.setting("reader") or getpass.getuser()
    except (OSError, KeyError) as error:
        raise click.UsageError("say who decides: --reader NAME") from error


def _cut(some: Sequence[Waiting], limit: int) -> Sequence[Waiting]:
    if len(some) > limit:
        say(f"showing {limit} of {len(some):,}; --limit {len(some)} shows all")
    return some[:limit]


@main.group(invoke_without_command=True)
@_queued(20)
@click.pass_context
def review(ctx: click.Context, /, **asked: Any) -> None:
    """Decide on what programs propose, one finding after the other: the text with its marks, the row, your word.

    Every decision is on the disk before the next one is shown; 'kg review apply' makes rows of what is accepted. What
    one person accepts is unreviewed; what two accept alike, each without the other, is reviewed.
    """
    if ctx.invoked_subcommand is None:
        _session(_desk(**asked))


def _session(desk: _Desk) -> None:
    from kg import decisions

    waiting = desk.queue()
    shown, done = _cut(waiting, desk.limit), 0
    for number, one in enumerate(shown, start=1):
        click.echo(f"\n--- {number} of {len(shown)} " + "-" * 60)
        _show(one, desk.rows.vocab)
        try:
            decision = _decision(one.proposal.finding, desk)
        except click.Abort:  # q, Ctrl-C, or the end of what is typed
            break
        if decision:
            decisions.append(desk.folder, [decision])
            say(f"{_DONE[decision.verdict]} {decision.finding}")
            done += 1
    if shown:
        say(f"{done} decided, {len(waiting) - done:,} wait for {desk.reader}; 'kg review apply' makes rows of them")
    else:
        say(f"nothing waits for {desk.reader} in {desk.folder}")


def _show(one: Waiting, words: Vocab) -> None:
    """A proposal on the terminal: the paper, the sentences with their marks, the row, what it is worth."""
    from kg.review import shown
    from kg.views import rows as view

    document, proposal = one.document, one.proposal
    click.secho(_seen(document.paper.title) or "(no title)", bold=True)
    click.echo(_seen(", ".join((*sorted(document.identifiers), proposal.finding.source_url))))
    if one.known:
        click.echo(f"{plural(one.known, 'finding')} of this paper in the rows already")
    for span in shown.read_in(document, proposal.marks):
        click.echo("\n  " + "".join(_piece(*piece) for piece in shown.segments(document, proposal.marks, span)))
    click.echo("\n" + view.text(shown.row(one, words), ("column", "value", "from"), "table", True), nl=False)
    click.echo(f"\n{proposal.rule}: {one.score} ({proposal.finding.id})")


def _piece(text: str, slots: Sequence[str]) -> str:
    """Marked text in the colour of its slot."""
    seen = _seen(text)
    return click.style(seen, fg=_COLOURS.get(slots[0]), bold=True, underline=True) if slots else seen


def _seen(text: str) -> str:
    """Text that cannot steer the terminal."""
    return "".join(sign if sign.isprintable() else " " if sign.isspace() else "\ufffd" for sign in text)


def _decision(finding: Finding, desk: _Desk) -> Decision | None:
    """What the reader says of it; none where it is left for later. Raises Abort where the reader stops."""
    from kg.decisions import Decision, Verdict

    while True:
        key = _typed(_KEYS, default="").lower()[:1]
        changes = _changes(finding, desk.rows.vocab) if key == "e" else {}
        if key == "q":
            raise click.Abort
        if key == "s":
            return None
        if key == "a" or changes or key == "r":
            verdict = {"a": Verdict.ACCEPT, "e": Verdict.EDIT, "r": Verdict.REJECT}[key]
            reason = _reason() if key == "r" else ""
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            return Decision(finding.id, desk.reader, now, verdict, reason, changes)
        click.echo(_HELP, err=True)


def _typed(asked: str, names: Iterable[str] = (), default: str | None = None) -> str:
    with _offered(list(names)):
        return str(click.prompt(asked, default=default, show_default=bool(default), err=True)).strip()


@contextmanager
def _offered(names: Sequence[str]) -> Iterator[None]:
    """Complete these at the Tab key, the last of several joined by ` + `, where the terminal can."""
    try:
        import readline
    except ImportError:  # Windows
        yield
        return

    def complete(text: str, state: int) -> str | None:
        before, plus, start = text.rpartition(" + ")
        found = [before + plus + name for name in names if name.casefold().startswith(start.casefold())]
        return found[state] if state < len(found) else None

    former, signs = readline.get_completer(), readline.get_completer_delims()
    readline.set_completer(complete)
    readline.set_completer_delims("")
    readline.parse_and_bind("tab: complete")
    try:
        yield
    finally:
        readline.set_completer(former)
        readline.set_completer_delims(signs)


def _changes(finding: Finding, words: Vocab) -> dict[str, str]:
    """New values by column, each checked as soon as it is typed; what is wrong is said and asked again."""
    from kg.review.edits import COLUMNS, choices, edited, values

    before, changes = values(finding), dict[str, str]()
    while column := _typed("column (Enter: done)", COLUMNS, default=""):
        if column not in COLUMNS:
            say(f"{_seen(column)!r} is no column that you can change.{did_you_mean(column, COLUMNS)}")
            continue
        now = values(edited(finding, changes, words))[column]
        value = _typed(f"{column} (- empties it)", choices(column, words), default=now)
        wanted = changes | {column: "" if value == "-" else value}
        try:
            edited(finding, wanted, words)
        except KgError as error:
            say(str(error))
        else:
            changes = wanted
    return {column: value for column, value in changes.items() if value != before[column]}


def _reason() -> str:
    from kg.decisions import REASONS

    for number, reason in enumerate(REASONS, start=1):
        click.echo(f"  {number} {reason}", err=True)
    typed = _typed("reason (a number, or your own words)", REASONS)
    return REASONS[int(typed) - 1] if typed in map(str, range(1, len(REASONS) + 1)) else typed


@review.command("list")
@_queued(20)
@output
def list_(form: str | None, output: Path | None, **asked: Any) -> None:
    """The queue as a table, the most valuable first."""
    from kg.review.edits import values

    desk = _desk(**asked)
    waiting = desk.queue()
    rows: list[Row] = []
    for one in _cut(waiting, desk.limit):
        proposal = one.proposal
        told: Row = {"kinds": ", ".join(one.kinds), "confidence": proposal.confidence, "rule": proposal.rule}
        rows.append({"finding": proposal.finding.id, **told, **values(proposal.finding)})
    print_rows(rows, _COLUMNS, form, output, len(waiting) > desk.limit, f"Proposals for {desk.reader}")


@review.command()
@_queued(200)
@click.option("-o", "--output", type=FILE, required=True, help="The page.")
def page(output: Path, **asked: Any) -> None:
    """The queue as one HTML page that works offline; what is decided there is saved as a file for 'kg review take'."""
    from kg.views import review as view

    desk = _desk(**asked)
    waiting = desk.queue()
    view.page(_cut(waiting, desk.limit), desk.rows.vocab, desk.reader, len(waiting)).save(output)
    wrote(output)


@review.command()
@click.argument("file", type=FILE)
@_places
def take(file: Path, **asked: Any) -> None:
    """Append the decisions that a page saved to the log, all of them or, where one is wrong, none; twice is as once."""
    from kg import proposals
    from kg.review import verdicts

    desk = _desk(**asked)
    findings = {one.finding.id: one.finding for some in proposals.read(desk.folder) for one in some.proposals}
    taken = verdicts.taken(desk.folder, file, desk.rows.vocab, findings)
    say(f"took {plural(taken, 'new decision')} from {file}")


@review.command()
@_places
@click.option("--cases", is_flag=True, help="List where readers differ instead.")
@output
def agreement(cases: bool, form: str | None, output: Path | None, **asked: Any) -> None:
    """How far each two readers agree: on the verdict, and column by column where both accept a proposal.

    'kappa' is Cohen's: 1 for always the same, 0 for no more than by chance; empty where all say one word.
    """
    from kg import decisions, proposals
    from kg.review import verdicts

    desk = _desk(**asked)
    decided = decisions.read(desk.folder)[0]
    compared = list(verdicts.compared(proposals.read(desk.folder), decided, desk.rows.vocab))
    differ = [one for one in compared if len(set(one.values)) > 1]
    if cases:
        print_rows([_case(one) for one in differ], _CASES, form, output, title="Where readers differ")
    else:
        say(f"{plural(len({one.finding for one in differ}), 'proposal')} read differently; --cases lists where")
        print_rows(_agreements(compared), _AGREEMENTS, form, output, title="Agreement of readers")


def _case(one: Compared) -> Row:
    (reader, other), (mine, theirs) = one.readers, one.values
    return {
        "finding": one.finding, "column": one.column, "reader": reader, "says": mine, "other": other,
        "says_other": theirs,
    }  # fmt: skip


def _agreements(compared: Iterable[Compared]) -> list[Row]:
    from kg.synthesis.agreement import cohen

    pairs: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    for one in compared:
        pairs.setdefault((*one.readers, one.column), []).append(one.values)
    rows: list[Row] = []
    for (reader, other, column), values in pairs.items():
        made = cohen(values)
        kappa = None if made.kappa is None else round(made.kappa, 3)
        told: Row = {"n": made.n, "agreed": made.agreed, "kappa": kappa}
        rows.append({"reader": reader, "other": other, "column": column, **told})
    return sorted(rows, key=lambda row: (str(row["reader"]), str(row["other"]), row["column"] != "verdict"))


@review.command()
@_places
def apply(**asked: Any) -> None:
    """Move what is accepted into the rows, checked as a whole: papers, arms, findings/confirmed.csv, second readings.

    What readers decide otherwise on waits until they agree. Applied again, it changes nothing.
    """
    from kg.review import confirmed

    desk = _desk(**asked)
    made = confirmed.apply(desk.folder, desk.data)
    for id in made.changed_by_hand:
        say(f"{id} was changed by hand since it was accepted; its row stays as it is")
    if made.disputed:
        waits = plural(len(made.disputed), "proposal")
        say(f"left out, because readers differ: {waits}; 'kg review agreement --cases' lists where")
    say(f"{plural(made.added, 'finding')} added, {plural(made.restated, 'row')} with a new status, in {desk.data}")
