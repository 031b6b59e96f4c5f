#!/usr/bin/env python3
"""What drover's speed is, beside that of others, measured in turns within one
run: each figure is the median of five. `make bench` calls this; the figures of
one such run are in bench/README.md.

    bench.py BUILD_FOLDER
"""
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 5
build = os.path.abspath(sys.argv[1])
drover = os.path.join(build, "src", "drover")
top = tempfile.mkdtemp(prefix="drover-bench-")
env = dict(os.environ, XDG_STATE_HOME=top, XDG_RUNTIME_DIR=top,
           DROVER_PLUGIN_PATH=os.path.join(build, "plugins", ".libs"))

JOB = """version: 1
plugins: {{grid: grid}}
stages:
  table:
    task: grid.calculate
    each: {{i: {{range: [0, {i}]}}, j: {{range: [0, {j}]}}}}
    worker: {worker}
"""


def timed(count, command, **options):
    """Calls a second of a command that makes COUNT of them."""
    begin = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, env=env, **options)
    return count / (time.monotonic() - begin)


def printed(*command):
    """The number that a command prints."""
    return float(subprocess.run(command, check=True, capture_output=True,
                                env=env, text=True).stdout)


def write_job(folder, i, j, worker):
    path = os.path.join(folder, f"{worker}-{i}-{j}.yaml")
    with open(path, "w") as file:
        file.write(JOB.format(i=i, j=j, worker=worker))
    return path


def run_job(folder, i, j, worker, *options):
    path = write_job(folder, i, j, worker)
    return timed(i * j, [drover, "run", "--workers", "2", *options, path])


def start(path):
    """How many ms it takes until a run is served, and its address."""
    begin = time.monotonic()
    done = subprocess.run([drover, "start", path], check=True, text=True,
                          stdout=subprocess.PIPE, env=env)
    return (time.monotonic() - begin) * 1000, done.stdout.strip()


def collect(address):
    begin = time.monotonic()
    subprocess.run([drover, "collect", address], check=True, env=env,
                   stdout=subprocess.DEVNULL)
    return time.monotonic() - begin


def start_trivial(folder):
    taken, address = start(write_job(folder, 1, 1, "forked"))
    collect(address)
    return taken


def collect_many(folder):
    """Seconds to collect 100 000 results that are there."""
    _, address = start(write_job(folder, 1000, 100, "reused"))
    subprocess.run([drover, "wait", address], check=True, env=env,
                   stdout=subprocess.DEVNULL)
    return collect(address)


def calculate(pair):
    return pair[0] * 10 + pair[1]


def pool(count, **options):
    pairs = [(n // 1000, n % 1000) for n in range(count)]
    with multiprocessing.Pool(2) as workers:
        begin = time.monotonic()
        workers.map(calculate, pairs, **options)
        return count / (time.monotonic() - begin)


def xargs(count):
    lines = "\n".join(str(n) for n in range(count))
    return timed(count, ["xargs", "-P", "2", "-n", "1", "/bin/true"],
                 input=lines.encode())


def parallel(count):
    lines = "\n".join(str(n) for n in range(count))
    return timed(count, ["parallel", "-j", "2", "/bin/true"],
                 input=lines.encode())


def mapped_objects():
    """The libraries that drover has mapped, and a plugin."""
    text = subprocess.run(["ldd", drover], check=True, capture_output=True,
                          text=True).stdout
    found = [line.split("=>")[1].split()[0]
             for line in text.splitlines() if "=> /" in line]
    return [path for path in found if "libc.so" not in path]


def measures(folder):
    bench = os.path.join(build, "bench")
    yield ("reused empty calls", "calls/s",
           lambda: run_job(folder, 1000, 1000, "reused", "--no-store"))
    yield ("the same, recorded", "calls/s",
           lambda: run_job(folder, 1000, 1000, "reused"))
    yield ("multiprocessing.Pool.map, chunks chosen by it", "calls/s",
           lambda: pool(200000))
    yield ("multiprocessing.Pool.map, chunks of 1", "calls/s",
           lambda: pool(20000, chunksize=1))
    yield ("forked empty calls", "calls/s",
           lambda: run_job(folder, 100, 50, "forked", "--no-store"))
    yield ("the same calls, recorded", "calls/s",
           lambda: run_job(folder, 100, 50, "forked"))
    yield ("fork and waitpid, two alive", "forks/s",
           lambda: printed(os.path.join(bench, "raw_fork"), "5000"))
    yield ("the same with drover's libraries mapped", "forks/s",
           lambda: printed(os.path.join(bench, "raw_fork"), "5000",
                           *mapped_objects()))
    yield ("forked empty calls of a C program", "calls/s",
           lambda: printed(os.path.join(bench, "exchange"), "forked", "5000"))
    yield ("reused empty calls of a C program", "calls/s",
           lambda: printed(os.path.join(bench, "exchange"), "reused", "300000"))
    yield ("starting a trivial job in the background", "ms",
           lambda: start_trivial(folder))
    yield ("collecting 100,000 stored results", "s",
           lambda: collect_many(folder))
    yield ("xargs -P 2 -n 1 /bin/true", "calls/s", lambda: xargs(2000))
    if shutil.which("parallel"):
        yield ("GNU Parallel -j 2 /bin/true", "calls/s",
               lambda: parallel(300))
    yield ("round trip of one call", "us",
           lambda: printed(os.path.join(bench, "roundtrip"), "call", "20000"))
    yield ("ping-pong on a socket pair", "us",
           lambda: printed(os.path.join(bench, "roundtrip"), "raw", "20000"))


def ratio(title, a, b):
    print(f"| {title} | {statistics.median(x / y for x, y in zip(a, b)):.2f} |")


def main():
    with tempfile.TemporaryDirectory() as folder:
        rows = list(measures(folder))
        figures = {name: [] for name, _, _ in rows}
        for _ in range(ROUNDS):
            for name, _, measure in rows:
                figures[name].append(measure())
    print("| measure | median | least | most | unit |\n|---|---|---|---|---|")
    for name, unit, _ in rows:
        all_of = figures[name]
        form = ",.0f" if unit.endswith("/s") else ",.2f"
        print(f"| {name} | {statistics.median(all_of):{form}} "
              f"| {min(all_of):{form}} | {max(all_of):{form}} | {unit} |")
    print("\n| ratio, round by round | median |\n|---|---|")
    forked = figures["forked empty calls"]
    ratio("forked calls : fork and waitpid", forked,
          figures["fork and waitpid, two alive"])
    ratio("forked calls : the same with the libraries", forked,
          figures["the same with drover's libraries mapped"])
    ratio("forked calls of a C program : fork and waitpid",
          figures["forked empty calls of a C program"],
          figures["fork and waitpid, two alive"])
    ratio("reused calls : Pool.map with its chunks",
          figures["reused empty calls"],
          figures["multiprocessing.Pool.map, chunks chosen by it"])
    ratio("round trip : ping-pong", figures["round trip of one call"],
          figures["ping-pong on a socket pair"])


if __name__ == "__main__":
    try:
        main()
    finally:
        shutil.rmtree(top)
