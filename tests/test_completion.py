"""Completion as somebody at a terminal meets it: the shells themselves, driven through a pseudo-terminal."""

from __future__ import annotations

import fcntl
import os
import re
import select
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import store, triples
from kg.cli import completion
from kg.library import Param
from kg.model import Therapy

SHELLS = {
    "bash": ["bash", "--noprofile", "--norc", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--init-command", "function fish_prompt; printf 'ready> '; end; function fish_greeting; end"],
}
ON = {name: f'eval "$(_KG_COMPLETE={name}_source kg)"' for name in ("bash", "zsh")}
ON["fish"] = "_KG_COMPLETE=fish_source kg | source"
# what a login does: makes the terminal behind stdin the shell's own
LOGIN = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"
SECONDS = 20.0  # until a prompt comes back, on a busy machine
TO_START = "\x01"  # Ctrl-A
THERAPY = Param("therapy", "therapy")
QUOTES = ("", "'", '"')
HOSTILE = "x$(touch {})`touch {}`; touch {}; y"
ODD = ["~root's *?{a,b} end'", '"in quotes" US$ 5 end"', "!bang & c|d<e>f  wow!", "=β-Zelle, #1", "'tis"]


class Shell:
    """A shell with completion switched on, a fresh home, and a command `args` that writes down what it was given."""

    def __init__(self, name: str, home: Path, env: Mapping[str, str]) -> None:
        self.home, self.screen = home, ""
        self.given = home / "given"
        self.master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        command = [sys.executable, "-c", LOGIN, *SHELLS[name]]
        ends = {"stdin": slave, "stdout": slave, "stderr": slave}
        self.running = subprocess.Popen(command, **ends, cwd=home, env=self._clean(env), start_new_session=True)
        os.close(slave)
        self.until(lambda: "ready> " in self.screen)
        self.write(f"{ON[name].format(name)}; args\r")
        self._prompt()

    def _clean(self, env: Mapping[str, str]) -> dict[str, str]:
        bin = self.home / "bin"
        bin.mkdir()
        (bin / "args").write_text(f"#!/bin/sh\nprintf '%s\\0' \"$@\" > {shlex.quote(str(self.given))}; echo '~~'\n")
        (bin / "args").chmod(0o755)
        path = os.pathsep.join([str(bin), str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"])
        told = {"PATH": path, "HOME": str(self.home), "TERM": "xterm", "LANG": "C.UTF-8", "PS1": "ready> "}
        return told | env

    def write(self, text: str) -> None:
        os.write(self.master, text.encode())

    def until(self, seen: Callable[[], object]) -> None:
        ends = time.monotonic() + SECONDS
        while not seen():
            assert time.monotonic() < ends, self.screen
            if select.select([self.master], [], [], 0.1)[0]:
                self.screen += os.read(self.master, 2**16).decode(errors="replace")

    def _prompt(self) -> None:
        self.until(lambda: re.search(r"~~\r?\n[\s\S]*ready> ", self.screen))

    def words(self, line: str, then: str = "") -> list[str]:
        """What a command is given whose line is typed so, with a tab behind it and then the rest."""
        self.screen = ""
        self.write(f"{line}\t{then}{TO_START}args \r")
        self._prompt()
        return self.given.read_text().split("\0")[:-1]

    def value(self, line: str, then: str = "") -> str:
        """The last of these words."""
        return self.words(line, then)[-1]

    def close(self) -> None:
        os.close(self.master)
        self.running.send_signal(signal.SIGHUP)
        try:
            self.running.wait(2)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait(2)


Start = Callable[..., Shell]


@pytest.fixture(params=list(SHELLS))
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Start]:
    """Starts the shell, for the graph at a place."""
    name = request.param
    if shutil.which(name) is None and not os.environ.get("CI"):
        pytest.skip(f"{name} is not installed")
    assert shutil.which(name), f"CI has to have {name}"
    (home := tmp_path / "home").mkdir()
    begun: list[Shell] = []

    def begin(place: Path | str, **env: str) -> Shell:
        begun.append(Shell(name, home, {"KG_STORE": str(place), **env}))
        return begun[-1]

    yield begin
    for shell in begun:
        shell.close()


def graph(place: Path, labels: Iterable[str]) -> Path:
    """A graph of therapies with these labels and nothing else."""
    terms = [Therapy("therapy", f"id-{number}", label) for number, label in enumerate(labels)]
    store.build(place, triples.write(terms), {})
    return place


def said(name: str, line: str, **env: str) -> subprocess.CompletedProcess[str]:
    """What kg tells a shell of this name about a line, and what it says beside."""
    code = "from kg.cli import main; main(prog_name='kg')"
    told = {**os.environ, "_KG_COMPLETE": f"{name}_complete", "COMP_WORDS": line, **env}
    return subprocess.run([sys.executable, "-c", code], env=told, capture_output=True, text=True, timeout=60)


def offered(name: str, line: str, **env: str) -> list[str]:
    return [shown.split("\t")[1] for shown in said(name, line, **env).stdout.splitlines()]


# --- in the shells ----------------------------------------------------------------------------------------------------


def test_commands_questions_options_and_values_complete(start: Start, shipped_at: Path) -> None:
    shell = start(shipped_at)
    assert shell.words("kg quer") == ["kg", "query"]
    assert shell.words("kg query impr") == ["kg", "query", "improved"]
    assert shell.words("kg query improved --ph") == ["kg", "query", "improved", "--phase"]
    assert shell.words("kg query improved --ph", "chr\t") == ["kg", "query", "improved", "--phase", "chronic"]
    assert shell.words("kg query improved --phase=chr") == ["kg", "query", "improved", "--phase=chronic"]


def test_a_value_becomes_one_word_whatever_stands_in_it(start: Start, shipped_at: Path) -> None:
    shell = start(shipped_at)
    asked = "kg query improved --therapy "
    assert shell.value(f"{asked}hipsc-ns") == "hiPSC-NS/PC"
    assert shell.value(f"{asked}hpma-r") == "HPMA-RGD hydrogel"
    assert shell.value(f"{asked}glial\\ scar\\ a") == "glial scar ablation"
    assert shell.value(f"{asked}psa-n") == "PSA-NCAM(+) NPC"
    assert shell.value(f"{asked}laminin:c") == "laminin:collagen matrix"
    assert shell.value(f'{asked}"poly(lac') == "poly(lactic-co-glycolic acid)"
    assert shell.value('kg query improved --outcome "BBB') == "BBB scale"
    assert shell.value("kg query improved --outcome 'bbb") == "BBB scale"


def test_the_next_word_completes_behind_a_quoted_one(start: Start, shipped_at: Path) -> None:
    shell = start(shipped_at)
    for quote in QUOTES:
        words = shell.words(f"kg query improved --therapy {quote}laminin:c", "--phase chr\t")
        assert words[3:] == ["--therapy", "laminin:collagen matrix", "--phase", "chronic"]
    words = shell.words("kg query improved --therapy \"Wharton's jelly MS", "--phase chr\t")
    assert words[3:] == ["--therapy", "Wharton's jelly MSC", "--phase", "chronic"]


def test_a_regimen_completes_part_by_part(start: Start, shipped_at: Path) -> None:
    shell = start(shipped_at)
    asked = "kg query findings --regimen "
    assert shell.value(f'{asked}"hpma-r', " \t") == "HPMA-RGD hydrogel"
    assert (
        shell.value(f"{asked}\"chondroitinase ABC + Wharton's jelly MS") == "chondroitinase ABC + Wharton's jelly MSC"
    )
    assert shell.value(f"{asked}chondroitinase\\ ABC\\ +\\ psa-n") == "chondroitinase ABC + PSA-NCAM(+) NPC"


def test_what_is_typed_stays_where_names_differ_in_case(start: Start, tmp_path: Path) -> None:
    shell = start(graph(tmp_path / "graph", ["Xyz one", "XYz two", "XyZ three"]))
    asked = "kg query improved --therapy "
    assert shell.value(f"{asked}xyz").strip().casefold() == "xyz"
    assert shell.value(f"{asked}xyz\\ o") == "Xyz one"
    assert shell.value(f'{asked}"xyz tw') == "XYz two"


def test_a_file_completes_too(start: Start, shipped_at: Path) -> None:
    shell = start(shipped_at)
    (shell.home / "my graph").mkdir()
    (shell.home / "an$wer.csv").touch()
    assert shell.value("kg --store my").rstrip("/") == "my graph"
    assert shell.value("kg --store=my").rstrip("/") == "--store=my graph"
    assert shell.value("kg query improved -o an") == "an$wer.csv"


def test_a_hostile_label_arrives_as_text_and_runs_nothing(start: Start, tmp_path: Path) -> None:
    pwned = tmp_path / "pwned"
    label = HOSTILE.replace("{}", str(pwned))
    shell = start(graph(tmp_path / "graph", [label]))
    assert [shell.value(f"kg query improved --therapy {quote}x") for quote in QUOTES] == [label] * 3
    assert not pwned.exists()


def test_a_label_of_signs_arrives_as_it_is(start: Start, tmp_path: Path) -> None:
    shell = start("")
    for number, label in enumerate(ODD):
        place = graph(tmp_path / str(number), [label])
        asked = f"kg --store {place} query improved --therapy "
        assert [shell.value(asked + quote) for quote in QUOTES] == [label] * 3


@pytest.mark.parametrize("named", [True, False])
def test_nothing_is_said_and_nothing_built_where_there_is_no_graph(start: Start, tmp_path: Path, named: bool) -> None:
    shell = start(tmp_path / "graph" if named else "")
    line = "kg query improved --phase chr"
    assert shell.words(line) == line.split()
    assert shell.words("kg query no-such-question --phase chr")[-1] == "chr"
    assert not re.search("kg:|error|no graph|Traceback", shell.screen)
    assert not list(tmp_path.rglob("CURRENT"))
    assert shell.words("kg query impr") == ["kg", "query", "improved"]


def test_nothing_is_said_where_the_network_is_down(start: Start) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shell = start("", KG_ENDPOINT=f"http://127.0.0.1:{port}/")
    line = "kg query improved --phase chr"
    assert shell.words(line) == line.split()
    assert not re.search("kg:|error|reached|Traceback", shell.screen)


# --- what the shells are told -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHELLS)
def test_control_characters_are_never_offered(tmp_path: Path, name: str) -> None:
    labels = ["a\x1b[31mred", "a\ttab", "a\nline", "a\x07bell", "a\u202eback", "a\x9bc1", "a\\slash", "a good one"]
    place = graph(tmp_path / "graph", labels)
    assert [text.replace("\\", "") for text in offered(name, f"kg --store {place} query improved --therapy a")] == [
        "a good one"
    ]
    named = offered(name, f"kg --store {place} query improved --therapy id-")
    assert named == [f"id-{number}" for number in range(8)]


@pytest.mark.parametrize("name", SHELLS)
def test_a_silent_endpoint_is_not_waited_for(name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        done = said(name, "kg query improved --phase chr", KG_ENDPOINT=f"http://127.0.0.1:{silent.getsockname()[1]}/")
    assert (done.stdout.strip(), done.stderr) == ("", "")
    assert time.monotonic() - begun < completion._SECONDS + 5


@pytest.mark.parametrize("begun", ["", "hipsc", "NS"])
def test_a_term_is_offered_by_one_name(shipped_at: Path, begun: str) -> None:
    vocab = store.Store.open(shipped_at).vocab()
    found = [vocab.find("therapy", name).id for name in completion.values(THERAPY, shipped_at, begun)]
    assert len(found) == len(set(found)) > 3


@pytest.mark.parametrize("name", ["chondroitinase ABC", "ChABC", "chondroitin ABC lyase", "chabc"])
def test_a_term_completes_from_each_of_its_names(shipped_at: Path, name: str) -> None:
    assert completion.values(THERAPY, shipped_at, name)[0].casefold() == name.casefold()


def test_a_run_that_completes_nothing_does_not_load_completion() -> None:
    code = "import sys, kg.cli; print('kg.cli.completion' in sys.modules, 'click.shell_completion' in sys.modules)"
    env = {name: value for name, value in os.environ.items() if name != "_KG_COMPLETE"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


LETTERS = (
    st.sampled_from("\"'!$`\\ a")
    | st.sampled_from("#&()*;<=>?[]^{|}~:,")
    | st.characters(exclude_categories=["C", "Z"])
)


def as_readline_puts_it(quote: str, reply: str) -> str:
    """The line of a reply: at either end a quote of the same kind is taken for the opening or the closing one."""
    line = f"kg {quote * (not reply.startswith(quote))}{reply}"
    return line + quote * (not line.endswith(quote))


@given(st.lists(st.tuples(st.text(LETTERS, min_size=1), st.sampled_from(QUOTES)), min_size=1, max_size=30))
@settings(max_examples=30)
def test_bash_reads_back_whatever_is_quoted_for_it(texts: list[tuple[str, str]]) -> None:
    if shutil.which("bash") is None and not os.environ.get("CI"):
        pytest.skip("bash is not installed")
    lines = [as_readline_puts_it(quote, *completion.replies(f"kg {quote}", "", [text])) for text, quote in texts]
    script = "\n".join(["kg() { printf '%s\\0' \"$@\"; }", *lines])
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split("\0")[:-1] == [text for text, _ in texts]
    assert [completion.words(line) for line in lines] == [(["kg", text], "") for text, _ in texts]
