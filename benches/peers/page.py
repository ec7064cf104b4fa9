"""Writes docs/benchmark-peers.md and docs/benchmark-peers.svg."""

import datetime
import json
import os
import pathlib
import platform
import re
import sqlite3
import statistics
import subprocess
import sys
import time
import tomllib

import chart
from measure import BCRYPT_COST, CONNECTIONS, HASH_CONNECTIONS, READERS, ROUNDS, SECONDS
from servers import ALL, BUILT, PEERS, POSTS, REPOSITORY

TEXT = (PEERS / "page.md.template").read_text()
COLUMNS = [("check", "rate"), ("check", "cost"), ("check", "p99"), ("read", "rate"), ("read", "cost"), ("read", "p99")]
HEADINGS = [
    "",
    "session checks per second",
    "CPU each",
    "p99",
    "counted reads per second",
    "CPU each",
    "p99",
    "logins per second",
    "registrations per second",
]
UNITS = {"cost": " µs", "p99": " ms"}


class Machine:
    """What the figures were taken on, before it is busy with them."""

    def __init__(self):
        self.load = os.getloadavg()[0]
        self.sync = time_of_a_sync()
        names = re.findall(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
        self.processor = f"{len(os.sched_getaffinity(0))} cores of {names[0] if names else platform.machine()}"

    def __str__(self):
        return (
            f"{datetime.date.today().isoformat()}, {self.processor}, Linux, load average {self.load:.1f} at the start; "
            f"writing 4 KiB and syncing it to this disk took {self.sync:.0f} µs"
        )


def time_of_a_sync():
    path = BUILT / "sync"
    times = []
    with path.open("wb", buffering=0) as file:
        for _ in range(200):
            started = time.perf_counter()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - started)
    path.unlink()
    return statistics.median(times) * 1e6


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def rate(found):
    return f"**{number(found.median('rate'))}** ± {found.spread():.0%}".replace("%", " %")


def table(figures):
    lines = [f"| {' | '.join(HEADINGS)} |", "| --- |" + " ---: |" * (len(HEADINGS) - 1)]
    for name, requests in figures.items():
        cells = [ALL[name].title]
        for request, figure in COLUMNS:
            found = requests[request]
            cells.append(rate(found) if figure == "rate" else number(found.median(figure)) + UNITS[figure])
        cells += [rate(requests["login"]), rate(requests["register"])]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def versions():
    """The versions that were measured: those of the lock files, and those of the programs on this machine."""
    lock = tomllib.loads((PEERS / "axum/Cargo.lock").read_text())
    crates = {package["name"]: package["version"] for package in lock["package"]}
    lock = json.loads((PEERS / "fastify/package-lock.json").read_text())
    modules = {path.removeprefix("node_modules/"): module.get("version") for path, module in lock["packages"].items()}
    lines = (PEERS / "flask/requirements.txt").read_text().split()
    distributions = dict(line.split("==") for line in lines)

    def of(names, found):
        return ", ".join(f"{name} {found[name]}" for name in names.split())

    return {
        "AXUM": of("axum axum-login tower-sessions-sqlx-store sqlx bcrypt", crates),
        "FASTIFY": of("fastify @fastify/session fastify-session-better-sqlite3-store better-sqlite3 bcrypt", modules)
        + f", Node {output('node', '--version').strip().removeprefix('v')}",
        "FLASK": of("Flask Flask-Login gunicorn bcrypt", distributions)
        + f", Python {platform.python_version()} with SQLite {sqlite3.sqlite_version}",
        "RUST": output("rustc", "--version").split()[1],
        "TOLLGATE": output(ALL["tollgate"].binary, "--version").split()[1],
        "WRK": subprocess.run(["wrk", "-v"], capture_output=True, text=True).stdout.split()[1],
    }


def output(*command):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def write(figures, machine):
    values = versions() | {
        "BCRYPT_COST": BCRYPT_COST,
        "CONNECTIONS": CONNECTIONS,
        "HASH_CONNECTIONS": HASH_CONNECTIONS,
        "MACHINE": machine,
        "POSTS": len(POSTS),
        "READERS": f"{READERS:,}",
        "ROUNDS": ROUNDS,
        "SECONDS": SECONDS,
        "TABLE": table(figures),
    }
    text = re.sub(r"<!-- ([A-Z_]+) -->", lambda name: str(values[name[1]]), TEXT)
    (REPOSITORY / "docs/benchmark-peers.md").write_text(text)
    (REPOSITORY / "docs/benchmark-peers.svg").write_text(chart.draw(figures))
    print("wrote docs/benchmark-peers.md and docs/benchmark-peers.svg", file=sys.stderr)
