"""A place for one trial: a folder of its own, in which drover keeps its stores
and sockets, and where what must outlive its processes is written down. All
processes of a trial are known by their environment."""
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

build = os.environ.get("top_builddir", ".")
source = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
drover = os.path.join(build, "src", "drover")
is_long = os.environ.get("CRASH") == "long"
GIVE_UP_S = 60


class Wrong(Exception):
    """Something that was promised is not so."""


def wait_until(what, condition, seconds=GIVE_UP_S):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Wrong(f"in {seconds} s: {what}")
        time.sleep(0.005)


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


class Process:
    """One that was found: its id, its parent's, its session's, its words."""

    def __init__(self, pid):
        self.pid = pid
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        self.parent, self.session = int(fields[1]), int(fields[3])
        with open(f"/proc/{pid}/cmdline", "rb") as words:
            self.words = words.read().decode(errors="replace").split("\0")

    def is_keeper(self):
        return self.words[0].endswith("drover-keeper")

    def is_drover(self, *commands):
        return self.words[0].endswith("/drover") and self.words[1] in commands


class Arena:
    def __init__(self, parent=None):
        self.folder = tempfile.mkdtemp(prefix="drover-crash-", dir=parent)
        self.state = os.path.join(self.folder, "state")
        self.runtime = os.path.join(self.folder, "run")
        self.ledger = os.path.join(self.folder, "ledger")
        self.job = os.path.join(self.folder, "job.yaml")
        os.mkdir(self.runtime, 0o700)
        self.env = dict(os.environ, XDG_STATE_HOME=self.state,
                        XDG_RUNTIME_DIR=self.runtime, LEDGER=self.folder,
                        DROVER_CONFIG=os.path.join(source, "conf",
                                                   "drover.yaml"),
                        DROVER_PLUGIN_PATH=os.path.join(
                            build, "tests", "crash", ".libs"))

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        found = self.processes()
        self.last_seen = [(process.pid, process.parent, *process.words[:3])
                          for process in found]
        for process in found:
            self.kill(process.pid)
        if kind is None or os.environ.get("CRASH_KEEP") is None:
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            print(f"left for looking at: {self.folder}", file=sys.stderr)

    # --- Commands

    def popen(self, *words, **options):
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                   "stderr": subprocess.PIPE, "cwd": self.folder, "text": True,
                   **options}
        return subprocess.Popen(words, env=self.env, **options)

    def run(self, *words):
        """Exit status, standard output and standard error of a command."""
        process = self.popen(drover, *words)
        try:
            output, errors = process.communicate(timeout=GIVE_UP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Wrong(f"drover {' '.join(words)} does not end") from None
        return process.returncode, output, errors

    def expect(self, statuses, *words):
        status, output, errors = self.run(*words)
        if status not in statuses:
            raise Wrong(f"drover {' '.join(words)}: exit status {status}, "
                        f"{errors.strip()}")
        return output

    def runs(self):
        return json.loads(self.expect((0,), "list", "--json"))

    # --- Processes

    def processes(self):
        """All that belong to this trial and are alive."""
        mark = f"LEDGER={self.folder}\0".encode()
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/environ", "rb") as environment:
                    if mark in environment.read() and is_running(name):
                        found.append(Process(int(name)))
            except OSError:
                pass
        return found

    def host(self):
        """The process that carries out the run, or will; None: nobody. It has
        left the session of its starter by way of one that leads its own, and
        keepers look like it before they are more than a fork."""
        found = {process.pid: process for process in self.processes()
                 if process.is_drover("start", "resume")}
        hosts = [process for process in found.values()
                 if process.pid != process.session != os.getsid(0)]
        first = [process for process in hosts
                 if process.parent not in {host.pid for host in hosts}]
        parents = {process.parent for process in found.values()}
        for process in first or found.values():
            if first or process.pid not in parents:
                return process.pid
        return None

    def keepers(self):
        """Those of the host's; its workers look like them."""
        found = self.processes()
        keepers = {process.pid for process in found if process.is_keeper()}
        return [process.pid for process in found if process.pid in keepers and
                process.parent not in keepers]

    def workers(self):
        found = self.processes()
        keepers = {process.pid for process in found if process.is_keeper()}
        return [process.pid for process in found if process.parent in keepers]

    def kill(self, pid):
        """With SIGKILL; whether it was there."""
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        wait_until(f"process {pid} ends", lambda: not is_running(pid))
        return True

    # --- The end

    def expect_nothing_left(self, complete=True):
        """No process, no socket, no temporary file; with all collected no lock
        file of an address either."""
        wait_until("all processes end", lambda: not self.processes(), 10)
        for folder, _, files in os.walk(self.runtime):
            for name in files:
                if complete or not name.endswith(".lock"):
                    raise Wrong(f"left: {folder}/{name}")
        shelf = os.path.join(self.state, "drover")
        allowed = {"lock", "calls", "run.db", "address", "log", "ballast",
                   "commits"}
        for run in os.listdir(shelf) if os.path.isdir(shelf) else ():
            if run == ".purge":
                continue  # when it was looked last for what is expired
            if run.startswith("."):
                raise Wrong(f"left: {shelf}/{run}")
            for name in set(os.listdir(os.path.join(shelf, run))) - allowed:
                raise Wrong(f"left: {shelf}/{run}/{name}")


def collector(arena, batch):
    """A process of collector.c, which writes into the ledger."""
    return arena.popen(os.path.join(build, "tests", "crash", "collector"),
                       arena.ledger, str(batch), arena.address)


def seeded():
    """Random numbers that can be had again: CRASH_SEED."""
    seed = int(os.environ.get("CRASH_SEED", random.randrange(1 << 32)))
    print(f"CRASH_SEED={seed}", flush=True)
    return random.Random(seed)
