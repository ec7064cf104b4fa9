"""The servers: how each is built, prepared and started."""

import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import time

PEERS = pathlib.Path(__file__).resolve().parent
REPOSITORY = PEERS.parent.parent
# On the disk of the checkout: in /tmp, memory could stand in for a disk.
BUILT = REPOSITORY / "target/peers"
TICKS = os.sysconf("SC_CLK_TCK")
TEXT = "A road wants mending, and somebody has to pay for the stones."
POSTS = [
    {"title": f"What toll gate {number} is for", "data": f"{TEXT}\n\n" + 4 * f"{TEXT} ", "excerpt": TEXT}
    for number in range(1, 101)
]


def run(*command, **options):
    subprocess.run([str(part) for part in command], check=True, **options)


class Axum:
    title = "axum"
    binary = BUILT / "axum/release/peer-axum"

    def build(self):
        manifest = PEERS / "axum/Cargo.toml"
        run("cargo", "build", "--release", "--locked", "--manifest-path", manifest, "--target-dir", BUILT / "axum")

    def create(self, folder):
        with sqlite3.connect(folder / "peer.db") as database:
            database.executescript((PEERS / "schema.sql").read_text())
            insert = "INSERT INTO posts (title, data, excerpt) VALUES (:title, :data, :excerpt)"
            database.executemany(insert, POSTS)
        database.close()

    def command(self):
        return [self.binary]

    def settings(self, folder):
        return {"DATABASE": str(folder / "peer.db"), "SECRET": 64 * "s"}


class Fastify(Axum):
    title = "Fastify"

    def build(self):
        run("npm", "ci", "--prefix", PEERS / "fastify", "--no-audit", "--no-fund")

    def command(self):
        return ["node", PEERS / "fastify/server.js"]

    def settings(self, folder):
        return super().settings(folder) | {"NODE_ENV": "production"}


class Flask(Axum):
    title = "Flask"
    environment = BUILT / "flask"

    def build(self):
        run("python3", "-m", "venv", self.environment)
        requirements = PEERS / "flask/requirements.txt"
        run(self.environment / "bin/pip", "install", "--quiet", "--requirement", requirements)

    def command(self):
        options = ["--chdir", PEERS / "flask", "--config", PEERS / "flask/gunicorn.conf.py"]
        return [self.environment / "bin/gunicorn", *options, "app:app"]


class Tollgate:
    title = "tollgate"
    # TOLLGATE names another binary.
    binary = pathlib.Path(os.environ.get("TOLLGATE", REPOSITORY / "target/release/tollgate")).resolve()

    def build(self):
        if "TOLLGATE" not in os.environ:
            run("cargo", "build", "--release", "--locked", "--bin", "tollgate", cwd=REPOSITORY)

    def create(self, folder):
        options = {"cwd": folder, "env": environment(self.settings(folder)), "stdout": subprocess.DEVNULL}
        run(self.binary, "migrate", **options)
        posts = folder / "posts.jsonl"
        posts.write_text("".join(json.dumps(post) + "\n" for post in POSTS))
        run(self.binary, "post", "import", posts, **options)

    def command(self):
        return [self.binary]

    def settings(self, folder):
        # The peers have no rate limits, write no log, and answer with the statuses of the modern contract.
        chosen = {"CONTRACT": "modern", "THROTTLE": "off", "LOG_LEVEL": "warn", "SEED_DEMO": "false"}
        return chosen | {"SECRET_KEY": 64 * "s"}


ALL = {"tollgate": Tollgate(), "axum": Axum(), "fastify": Fastify(), "flask": Flask()}


def environment(settings):
    return {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ} | settings


class Server:
    """A running server and its worker processes."""

    def __init__(self, peer, folder, reads_limit, bcrypt_cost):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        settings = {"PORT": self.port, "READS_LIMIT": reads_limit, "BCRYPT_COST": bcrypt_cost}
        settings = peer.settings(folder) | {name: str(value) for name, value in settings.items()}
        command = [str(part) for part in peer.command()]
        self.log = folder / "log"
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                command, cwd=folder, env=environment(settings), stdout=log, stderr=log, start_new_session=True
            )
        self.wait_until_it_answers()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop(signal.SIGTERM)

    def wait_until_it_answers(self):
        for _ in range(300):
            try:
                return self.request("GET", "/check_session")
            except OSError:
                time.sleep(0.1)
            if self.process.poll() is not None:
                break
        raise SystemExit(f"the server did not start:\n{self.log.read_text()}")

    def request(self, method, path, cookie="", body=None):
        """Returns the response, with its JSON in `json` and the cookies that it sets in `cookie`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": cookie} if cookie else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection.request(method, path, body=body and json.dumps(body), headers=headers)
        response = connection.getresponse()
        response.json = json.loads(response.read())
        response.cookie = "; ".join(set.split(";")[0] for set in response.headers.get_all("Set-Cookie", []))
        connection.close()
        return response

    def processes(self):
        """The fields of /proc/<pid>/stat after the name, for each process of the server's group."""
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if fields[2] == str(self.process.pid) and fields[0] != "Z":
                yield fields

    def processor_time(self):
        """Seconds, including the kernel's on its behalf."""
        return sum(int(fields[11]) + int(fields[12]) for fields in self.processes()) / TICKS

    def stop(self, how):
        if any(self.processes()):
            os.killpg(self.process.pid, how)
        self.process.wait()
        for _ in range(100):
            if not any(self.processes()):
                return
            time.sleep(0.1)
        os.killpg(self.process.pid, signal.SIGKILL)


def fresh_folder(name):
    folder = BUILT / "run" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
