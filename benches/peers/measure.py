"""Measures the servers with wrk, in rounds that alternate."""

import concurrent.futures
import re
import statistics
import subprocess

from servers import PEERS, POSTS, Server, fresh_folder

READERS = 1000
READS_LIMIT = 2**32 - 1
ROUNDS, SECONDS, CONNECTIONS = 5, 3, 32
# A hash takes a quarter of a second of a core: longer rounds, and fewer.
HASH_ROUNDS, HASH_SECONDS, HASH_CONNECTIONS, HASH_USERS = 3, 10, 4, 16
BCRYPT_COST = 12
PASSWORD = "four sneaky newts"
READS = {"check": "/check_session", "read": "/blog/1"}
UNITS = {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}


class Measured:
    """The figures of one request from all rounds: responses per second, µs of processor time, ms at the p99."""

    def __init__(self):
        self.rate, self.cost, self.p99 = [], [], []

    def median(self, figure):
        return statistics.median(getattr(self, figure))

    def spread(self):
        """Half of what lies between the lowest and the highest rate, as a share of the median."""
        return (max(self.rate) - min(self.rate)) / 2 / self.median("rate")


def measure(peers):
    """What was measured for each peer and each request."""
    folders = {name: fresh_folder(name) for name in peers}
    for name, peer in peers.items():
        populate(peer, folders[name])
    figures = {name: {request: Measured() for request in (*READS, "login", "register")} for name in peers}
    for number in range(ROUNDS):
        for name, peer in peers.items():
            with Server(peer, folders[name], READS_LIMIT, BCRYPT_COST) as server:
                reads(server, folders[name], figures[name])
                if number < HASH_ROUNDS:
                    hashes(server, number, figures[name])
            rates = ", ".join(f"{request} {found.rate[-1]:.1f}/s" for request, found in figures[name].items())
            print(f"round {number + 1} of {ROUNDS}, {name}: {rates}", flush=True)
    return figures


def populate(peer, folder):
    """Registers the readers and signs them in, with cheap hashes: these are not measured."""
    peer.create(folder)
    with Server(peer, folder, READS_LIMIT, bcrypt_cost=4) as server:

        def sign_in(number):
            who = {"username": f"reader{number}", "password": PASSWORD}
            server.request("POST", "/register", body=who)
            return server.request("POST", "/login", body=who).cookie

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            cookies = list(pool.map(sign_in, range(1, READERS + 1)))
    (folder / "cookies").write_text("\n".join(cookies) + "\n")


def reads(server, folder, figures):
    for request, path in READS.items():
        arguments = ("read.lua", folder / "cookies", len(POSTS))
        # Caches, pools and the processor's clock are warm in a server that has run for a while.
        wrk(server, path, CONNECTIONS, 1, *arguments)
        before = server.processor_time()
        rate, p99, answered = wrk(server, path, CONNECTIONS, SECONDS, *arguments)
        figures[request].rate.append(rate)
        figures[request].cost.append((server.processor_time() - before) / answered * 1e6)
        figures[request].p99.append(p99)


def hashes(server, number, figures):
    """Each round has users of its own, whose hashes have the cost that is measured."""
    for request, users in (("register", 1_000_000), ("login", HASH_USERS)):
        prefix = f"{request}{number}x"
        for user in range(users if request == "login" else 0):
            server.request("POST", "/register", body={"username": f"{prefix}{user + 1}", "password": PASSWORD})
        arguments = ("credentials.lua", prefix, users)
        rate, p99, _ = wrk(server, f"/{request}", HASH_CONNECTIONS, HASH_SECONDS, *arguments)
        figures[request].rate.append(rate)
        figures[request].p99.append(p99)


def wrk(server, path, connections, seconds, script, *arguments):
    """Responses per second, the 99th percentile of the latency in ms, and the number of responses. None may fail."""
    url = f"http://127.0.0.1:{server.port}{path}"
    options = ["-t2", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s", "--latency", "-s", PEERS / script, url]
    command = [str(part) for part in ("wrk", *options, "--", *arguments)]
    report = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in report or "Socket errors" in report:
        raise SystemExit(f"{report}\n{server.log.read_text()}")
    answered = int(re.search(r"(\d+) requests in", report)[1])
    if not answered:
        raise SystemExit(f"nothing was answered within {seconds} s:\n{report}")
    rate = float(re.search(r"^Requests/sec: +([\d.]+)", report, re.MULTILINE)[1])
    p99 = re.search(r"^ +99% +([\d.]+)(\w+)", report, re.MULTILINE)
    return rate, float(p99[1]) * UNITS[p99[2]], answered
