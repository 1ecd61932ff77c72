"""Completion at the prompt of bash, zsh and fish: names and values as the shell has to read them.

click finds what fits, but its scripts spoil values with blanks, quotes or commas. Here a shell hands over the line as
it was typed. zsh and fish quote what they insert; for bash it is quoted here.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from click.shell_completion import CompletionItem, ShellComplete, add_completion_class

if TYPE_CHECKING:
    from kg.library import Param
    from kg.model import Term
    from kg.store import Store

_SECONDS = 2.0  # nobody waits longer for a word
_PIECES = r"""(\s+)|'(%s)('?)|"((?:\\.|[^"\\])*)("?)|\\(.?)|([^\s'"\\]+)"""
_POSIX = re.compile(_PIECES % r"[^']*", re.DOTALL)
_FISH = re.compile(_PIECES % r"(?:\\['\\]|[^'])*", re.DOTALL)

_BASH_SCRIPT = r"""%(complete_func)s() {
    local kind value
    COMPREPLY=()
    while IFS=$'\t' read -r kind value; do
        case $kind in
            plain) COMPREPLY+=("$value") ;;
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
        esac
    done <<< "$(env COMP_WORDS="${COMP_LINE:0:COMP_POINT}" COMP_TEXT="$2" %(complete_var)s=bash_complete \
        "$1" 2>/dev/null </dev/null)"
}
complete -F %(complete_func)s %(prog_name)s
"""

_ZSH_SCRIPT = r"""#compdef %(prog_name)s
%(complete_func)s() {
    local line files
    local -a part plain told
    local any='m:{[:lower:][:upper:]}={[:upper:][:lower:]}'
    for line in "${(@f)$(env COMP_WORDS="${(j: :)words[1,CURRENT-1]} $QIPREFIX$PREFIX" %(complete_var)s=zsh_complete \
        %(prog_name)s 2>/dev/null </dev/null)}"; do
        part=("${(@ps:\t:)line}")
        case $part[1] in
            plain) [[ -n $part[3] ]] && told+=("${part[2]//:/\\:}:$part[3]") || plain+=("$part[2]") ;;
            dir|file) files=$part[1] ;;
        esac
    done
    (( $#told )) && _describe -V '' told -M $any
    (( $#plain )) && compadd -M $any -V kg -d plain -a plain
    if [[ -n $files ]]; then
        [[ $PREFIX == -*=* ]] && compset -P '*='
        [[ $files == dir ]] && _files -/ || _files
    fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
    compdef %(complete_func)s %(prog_name)s
fi
"""

_FISH_SCRIPT = r"""function %(complete_func)s
    set -l line (commandline -cp | string collect)
    for found in (env COMP_WORDS="$line" %(complete_var)s=fish_complete %(prog_name)s 2>/dev/null </dev/null)
        set -l part (string split \t -- $found)
        switch $part[1]
            case plain
                printf '%%s\t%%s\n' $part[2] $part[3]
            case dir
                __fish_complete_directories $part[2] | string replace -r -- '^' "$part[3]"
            case file
                __fish_complete_path $part[2] | string replace -r -- '^' "$part[3]"
        end
    end
end
complete --no-files --command %(prog_name)s --arguments '(%(complete_func)s)'
"""


def values(param: Param, place: Path | str | None, start: str) -> list[str]:
    """The values of a parameter that begin with a text, each term by one name: its label where that fits.

    Raises KgError where there is no graph.
    """
    from kg import library, vocab

    store = _graph(place)
    names = [name for name in library.known(param, store, start) if name.isprintable() and "\\" not in name]
    scheme, before = param.type, ""
    if scheme == "regimen":
        scheme, before = "therapy", "".join(start.rpartition(" + ")[:2])
    return _one_each(names, before, store.vocab().scheme(scheme)) if scheme in vocab.FILES else names


def _graph(place: Path | str | None) -> Store:
    """The graph that is there; unlike `api.load` it builds none, says nothing and waits for no endpoint."""
    from kg import resources
    from kg.store import Store

    where = place or resources.setting("endpoint") or resources.store()
    if isinstance(where, str) and "://" in where:
        return Store.at(where, _SECONDS)
    return Store.open(Path(where))


def _one_each(names: Sequence[str], before: str, terms: Iterable[Term]) -> list[str]:
    """The names without those of a term that come after its first: label, synonyms, id. `before` stands before all."""
    known, first, others = set(names), set[str](), set[str]()
    for term in terms:
        called = [before + name for name in (term.label, *term.synonyms, term.id) if before + name in known]
        first.update(called[:1])
        others.update(called[1:])
    return [name for name in names if name not in others - first]


def words(line: str, pieces: re.Pattern[str] = _POSIX) -> tuple[list[str], str]:
    r"""The words of a line as far as it is typed, without their quotes, and what is still open at its end: ' " or \."""
    read, quote = [""], ""
    for piece in pieces.finditer(line.lstrip()):
        _, gap, hard, _, soft, _, one, bare = (piece[0], *piece.groups())
        read += [""] if gap else []
        soft = re.sub(r"\\([$`\"\\])", r"\1", soft or "")
        read[-1] += (hard or "").replace("\\'", "'") + soft + (one or "") + (bare or "")
        last = piece.lastindex or 0
        quote = piece[0][0] if last in (3, 5, 6) and not piece[last] else ""
    return read, quote


def replies(line: str, typed: str, found: Sequence[str]) -> list[str]:
    """What bash shall put in the place of `typed`, the end of the line, so that the word becomes one of those found."""
    (*_, kept), quote = words(line.removesuffix(typed))
    (*_, start), end = words(line)
    if not line.endswith(typed) or "\\" in (quote, end):
        return []
    if len({text[: len(start)] for text in found}) > 1:  # by case: bash would take back letters
        return [typed + _quoted(text[len(start) :], end) for text in found]
    return [_quoted(text[len(kept) :], quote) for text in found]


def _quoted(text: str, quote: str) -> str:
    """A text as bash reads it back, where this quote is open; readline closes it."""
    if not quote:
        return re.sub(r"(?![\w@%+=:,./-])([ -~])", r"\\\1", text)
    soft = re.sub(r'([$`"\\])', r"\\\1", text).replace("!", r'"\!"')
    inside = soft if quote == '"' else text.replace("'", r"'\''")
    doubled = quote if inside.endswith(quote) else ""  # readline takes a quote at either end for the open one
    return (quote if inside.startswith(quote) else "") + inside + doubled


class _Typed(ShellComplete):
    """Completion of the line in COMP_WORDS, which ends at the cursor; silent whatever happens."""

    pieces = _POSIX

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words behind the command, and the one that is being typed."""
        read, _ = words(os.environ.get("COMP_WORDS", ""), self.pieces)
        return read[1:-1], read[-1] if read[1:] else ""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[Any]]:
        """What fits, as whole words: behind `--name=` where the word begins so; for files the shell adds it itself."""
        found = super().get_completions(args, incomplete)
        name, equals, _ = incomplete.partition("=")
        for item in found if equals and name.startswith("-") else ():
            if item.type == "plain":
                item.value = name + equals + item.value
            else:
                item.help = name + equals
        return found

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """A line: kind, value and help, between tabs."""
        return f"{item.type}\t{item.value}\t{' '.join((item.help or '').split())}"

    def complete(self) -> str:
        """The lines; none where something fails or takes too long."""
        lines: list[str] = []
        work = threading.Thread(target=self._complete, args=(lines,), daemon=True)
        work.start()
        work.join(_SECONDS)
        return "".join(lines)

    def _complete(self, lines: list[str]) -> None:
        with contextlib.suppress(Exception):
            lines.append(super().complete())


class _Bash(_Typed):
    name, source_template = "bash", _BASH_SCRIPT

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[Any]]:
        found = super().get_completions(args, incomplete)
        if any(item.type != "plain" for item in found):
            return found
        line = os.environ.get("COMP_WORDS", "")
        typed = os.environ.get("COMP_TEXT", incomplete)
        return [CompletionItem(text) for text in replies(line, typed, [item.value for item in found])]


class _Zsh(_Typed):
    name, source_template = "zsh", _ZSH_SCRIPT


class _Fish(_Typed):
    name, source_template, pieces = "fish", _FISH_SCRIPT, _FISH


def register() -> None:
    """Let click complete this way."""
    for shell in (_Bash, _Zsh, _Fish):
        add_completion_class(shell)
