#!/usr/bin/env python3
"""Follows a page of docs/ against a gateway of its own, and holds it to what it says is printed.

    tests/pages/run.py GERBANG PAGE           compares; the exit status is 1 where the page is wrong
    tests/pages/run.py GERBANG PAGE --write   writes what was printed into the page, where it differs

GERBANG is the built binary. `gerbang dev` tells its story in a folder that is thrown away, and there, beside a copy of
examples/, the lines that begin with `$ ` in the ```console blocks of the page are typed, in order, at a terminal of
120 columns, in UTC, and in English (a page of docs/id: in Indonesian). A command goes on while a line ends with `\\` or
`|`, or until its here-document ends. What follows is what is printed:

- a line of `…` stands for any lines, none too; a `…` within a line for any text, with the spaces beside it;
- identifiers (UUIDs, 16 or more hexadecimal digits) and ports of 127.0.0.1 stand for those of the run: the page's
  is bound to what stands in its place when it is first printed, must stay the same from then on, and is replaced
  where a later command types it;
- dates (`Mon 07 Dec`, `07 Dec 2026`, `Monday, 7 December 2026`, `2026-12-07`) are compared by their form, since the
  story lies a week or two ahead of whatever day it is told; hours and minutes are compared. Where a command types
  2026-12-07, it is the first day of the story;
- runs of spaces are one space, since a column is as wide as what stands in it;
- in a block ```console any-order, the lines may come in any order, and others may stand between them;
- in a block ```console soon, what is shown comes true within moments: a command, which only looks, is typed again until
  it does, for a minute.

A command that is typed wrongly (exit code 2), or is not there, is wrong whatever the page says, and so is one that fails where
the page shows nothing but `…` of it: write the page anew by hand where a command has changed. With --write, everything
else that is printed takes the place of what the page said, cut where the page had its first and last line of `…`.
"""

import argparse
import fcntl
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

COLUMNS = 120
# Wrong usage; not to be run; not there.
NEVER_RIGHT = (2, 126, 127)
# A command that hangs is ended, so that nothing outlives the run.
SECONDS_MAX = 300
# The longest that something may take to come true soon.
SOON_MAX = 60

ROOT = pathlib.Path(__file__).resolve().parents[2]
MONTHS = "Jan|Feb|Mar|Apr|May|Mei|Jun|Jul|Aug|Agu|Sep|Oct|Okt|Nov|Dec|Des"
WEEKDAYS = "Mon|Tue|Wed|Thu|Fri|Sat|Sun|Sen|Sel|Rab|Kam|Jum|Sab|Min"
STORY_DAY = "2026-12-07"
BOUND = (
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    r"(?<![0-9a-f-])[0-9a-f]{16,}(?![0-9a-f-])",
    r"127\.0\.0\.1:[0-9]+",
)
DATES = (
    rf"(?:(?:{WEEKDAYS}) )?[0-9]{{2}} (?:{MONTHS})(?: [0-9]{{4}})?",
    r"[A-Z][a-z]+, [0-9]{1,2} [A-Z][a-z]+ [0-9]{4}",
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
)
TOKEN = re.compile("|".join(f"({form})" for form in (r"\s*…\s*", *BOUND, *DATES, r"\s+")))


class Wrong(Exception):
    """The page does not say what is printed, or types what cannot be known."""


class Names:
    """What the page's identifiers stand for in this run."""

    def __init__(self):
        self.actual = {}

    def typed(self, command):
        """The command with the run's identifiers in place of the page's."""
        return re.sub("|".join((*BOUND, STORY_DAY)), lambda found: self.actual.get(found[0], found[0]), command)

    def bind(self, expected, printed):
        """For a page that is written anew: binds identifiers of lines that are like those printed but for other words."""
        for line in expected:
            ids = re.findall("|".join(BOUND), line)
            rest = set(re.sub("|".join(BOUND), " ", line).split()) - {"…"}
            for other in printed if ids and rest else []:
                theirs = re.findall("|".join(BOUND), other)
                if len(theirs) == len(ids) and rest <= set(other.split()):
                    self.actual.update(new for new in zip(ids, theirs) if new[0] not in self.actual)
                    break

    def written(self, printed):
        """The printed lines with the page's identifiers in place of the run's."""
        page = {actual: name for name, actual in self.actual.items()}
        return [re.sub("|".join(BOUND), lambda found: page.get(found[0], found[0]), line) for line in printed]

    def matches(self, expected, line):
        """Whether a printed line is this line of the page; binds the identifiers that it shows first."""
        pattern, here = "", []
        at = 0
        for token in TOKEN.finditer(expected):
            pattern += re.escape(expected[at : token.start()])
            at = token.end()
            kind = token.lastindex - 1
            if kind == 0:
                pattern += ".*"
            elif kind <= len(BOUND):
                known = self.actual.get(token[0])
                pattern += re.escape(known) if known else f"({BOUND[kind - 1]})"
                here += [] if known else [token[0]]
            elif kind <= len(BOUND) + len(DATES):
                pattern += DATES[kind - 1 - len(BOUND)]
            else:
                pattern += r"\s+"
        found = re.fullmatch(pattern + re.escape(expected[at:]), line)
        if found:
            self.actual.update(zip(here, found.groups()))
        return bool(found)


def same(names, expected, printed):
    """Whether the printed lines are the page's, in order."""
    if not expected:
        return not printed
    if expected[0].strip() == "…":
        for skipped in range(len(printed) + 1):
            before = dict(names.actual)
            if same(names, expected[1:], printed[skipped:]):
                return True
            # What a line bound that turned out to be another one counts for nothing.
            names.actual = before
        return False
    return bool(printed) and names.matches(expected[0], printed[0]) and same(names, expected[1:], printed[1:])


def same_in_any_order(names, expected, printed):
    """Whether each of the page's lines is among the printed ones."""
    left = list(printed)
    for line in (line for line in expected if line.strip() != "…"):
        found = next((place for place, other in enumerate(left) if names.matches(line, other)), None)
        if found is None:
            return False
        del left[found]
    return True


def blocks(lines):
    """The console blocks: the words after `console`, and the range of the lines within the fences."""
    start = None
    for at, line in enumerate(lines):
        if start is None and line.startswith("```console"):
            start = at + 1
        elif start is not None and line == "```":
            yield lines[start - 1].split()[1:], start, at
            start = None


def commands(lines, start, end):
    """The commands of a block: text, and the range of the lines that are printed."""
    at = start
    while at < end:
        if not lines[at].startswith("$ "):
            raise Wrong(f"line {at + 1}: a block begins with a command")
        text = [lines[at][2:]]
        here = re.search(r"<<'?(\w+)'?$", text[0])
        at += 1
        while (here and text[-1] != here[1]) or text[-1].endswith(("\\", "|")):
            text.append(lines[at])
            at += 1
        printed = at
        while at < end and not lines[at].startswith("$ "):
            at += 1
        yield "\n".join(text), printed, at


def run(command, folder, environment):
    """What a command prints at a terminal, standard output and error as they come, line by line; and its exit code."""
    master, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    modes = termios.tcgetattr(terminal)
    modes[1] &= ~termios.OPOST
    termios.tcsetattr(terminal, termios.TCSANOW, modes)
    process = subprocess.Popen(
        ["bash", "-o", "pipefail", "-c", command],
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=terminal,
        cwd=folder,
        env=environment,
        start_new_session=True,
    )
    os.close(terminal)
    ended = threading.Timer(SECONDS_MAX, lambda: os.killpg(process.pid, signal.SIGKILL))
    ended.start()
    said = b""
    try:
        while more := os.read(master, 65536):
            said += more
    except OSError:
        pass  # Linux says so where nobody has the terminal open any more.
    code = process.wait()
    ended.cancel()
    os.close(master)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said.decode())
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines, code


def abbreviated(before, printed):
    """What was printed, cut where the page had its first and its last line of `…`."""
    cuts = [at for at, line in enumerate(before) if line.strip() == "…"]
    if not cuts:
        return printed
    head, tail = cuts[0], len(before) - cuts[-1] - 1
    if head + tail >= len(printed):
        return printed
    return [*printed[:head], "…", *printed[len(printed) - tail :]]


def shows(command, expected, words, folder, environment, names):
    """Types a command until it shows what is expected, once where that need not come true; whether it does, what it printed
    and its exit code."""
    compare = same_in_any_order if "any-order" in words else same
    end = time.monotonic() + (SOON_MAX if "soon" in words else 0)
    while True:
        before = dict(names.actual)
        printed, code = run(names.typed(command), folder, environment)
        found = compare(names, [line.rstrip() for line in expected], printed)
        if found or time.monotonic() >= end:
            return found, printed, code
        names.actual = before


def follow(page, folder, environment, names, write):
    """Types the page's commands; returns what is wrong, the page as it should be, and whether --write mends it."""
    lines = page.read_text().splitlines()
    wrong, new, copied, mended = [], [], 0, write
    for words, start, end in blocks(lines):
        for command, first, last in commands(lines, start, end):
            expected = lines[first:last]
            found, printed, code = shows(command, expected, words, folder, environment, names)
            # Of a failure the page shows at least the reason.
            failed = code in NEVER_RIGHT or code != 0 and expected and all(line.strip() == "…" for line in expected)
            if failed or not found:
                wrong.append("\n".join([f"{page.name}, line {first}: $ {command}", "The page says:", *expected,
                                        f"Printed was, with exit code {code}:", *printed, ""]))  # fmt: skip
                mended = mended and not failed
                if not mended:
                    # What comes after this would be typed in another state.
                    return wrong, lines, False
                names.bind(expected, printed)
                new += lines[copied:first] + abbreviated(expected, names.written(printed))
                copied = last
    return wrong, new + lines[copied:], mended


def free_ports():
    """A port for the gateway; the next, where systems join, is free as well."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def story_begins(gerbang, folder, environment, log):
    """Starts the gateway, waits until the story is told, and returns the process with its address."""
    # The death signal, else the gateway would outlive a run that was killed.
    process = subprocess.Popen(
        ["setpriv", "--pdeathsig=TERM", gerbang, "dev", "--listen", f"127.0.0.1:{free_ports()}"],
        stdout=log, stderr=subprocess.PIPE, cwd=folder, env=environment, text=True, start_new_session=True,
    )  # fmt: skip
    said = ""
    for line in process.stderr:
        said += line
        if "Ctrl-C" in line:
            threading.Thread(target=lambda: process.stderr.read(), daemon=True).start()
            return process, re.search(r"127\.0\.0\.1:[0-9]+", said)[0]
    process.wait()
    raise Wrong(f"the gateway did not start:\n{said}")


def main():
    arguments = argparse.ArgumentParser(usage=__doc__)
    arguments.add_argument("gerbang", type=pathlib.Path)
    arguments.add_argument("page", type=pathlib.Path)
    arguments.add_argument("--write", action="store_true")
    given = arguments.parse_args()

    with tempfile.TemporaryDirectory(prefix="gerbang-page.") as place:
        folder = pathlib.Path(place)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GERBANG_")},
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "LC_ALL": "C", "PYTHONUTF8": "1", "TZ": "UTC", "TERM": "dumb", "NO_COLOR": "1",
        }  # fmt: skip
        (folder / "bin").mkdir()
        # Profiles that it writes are thrown away too; everything else goes by the caller's home.
        wrapper = folder / "bin/gerbang"
        locale = "id_ID.UTF-8" if given.page.resolve().parent.name == "id" else "C"
        program = f"HOME='{folder}' LC_ALL={locale} exec '{given.gerbang.resolve()}'"
        wrapper.write_text(f"#!/bin/sh\n{program} \"$@\"\n")
        wrapper.chmod(0o755)
        unwanted = shutil.ignore_patterns("node_modules", "stubs", "__pycache__")
        shutil.copytree(ROOT / "examples", folder / "examples", ignore=unwanted)
        with (folder / "story.log").open("w") as log:
            gateway, address = story_begins(given.gerbang.resolve(), folder, environment, log)
            try:
                names = Names()
                names.actual["127.0.0.1:7443"] = address
                first = json.loads((folder / ".gerbang/story/schedules/blk-las.json").read_text())["sessions"][0]
                names.actual[STORY_DAY] = first["starts_at"][:10]
                wrong, page, mended = follow(given.page, folder, environment, names, given.write)
            finally:
                gateway.send_signal(signal.SIGTERM)
                gateway.wait()
    print("\n".join(wrong), end="")
    if wrong and not mended:
        sys.exit(1)
    if wrong:
        given.page.write_text("\n".join(page) + "\n")


if __name__ == "__main__":
    main()
