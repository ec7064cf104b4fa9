"""Servers for the scripts in this folder: tollgate's nodes, and what they need."""

import contextlib
import http.client
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
START_LIMIT = 30.0


def binary(name):
    path = os.environ.get(name) or os.environ.get("TOLLGATE") or REPOSITORY / "target/debug/tollgate"
    return pathlib.Path(path).resolve(strict=True)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until(check, what):
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        if check():
            return
        time.sleep(0.05)
    raise SystemExit(f"{what}: not within {START_LIMIT:.0f} seconds")


def status(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    with contextlib.suppress(OSError), contextlib.closing(connection):
        connection.request("GET", path)
        return connection.getresponse().status
    return None


class Node:
    """One server, which is started again on the same port."""

    process = None

    def __init__(self, name, folder, settings):
        self.name, self.port, self.folder = name, free_port(), folder / name
        self.folder.mkdir()
        self.log = folder / f"{name}.log"
        self.settings = {**settings, "PORT": str(self.port)}

    def start(self, program):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([program, "serve"], cwd=self.folder, env=self.settings, stdout=log, stderr=log)
        wait_until(lambda: self.process.poll() is not None or status(self.port, "/readyz") == 200, self.name)
        if self.process.poll() is not None:
            raise SystemExit(f"{self.name} did not start:\n{self.log.read_text()}")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=60)
        if code != 0:
            raise SystemExit(f"{self.name} ended with {code}")

    def kill(self):
        """Returns once it is gone, and writes to its folder no more."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def certificate(folder):
    """A certificate and its key, apart and in one file."""
    crt, key, both = folder / "site.crt", folder / "site.key", folder / "site.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    subprocess.run([*command, "-keyout", key, "-out", crt], check=True, stderr=subprocess.DEVNULL)
    both.write_text(crt.read_text() + key.read_text())
    return crt, key, both


def start_proxy(kind, file, port, log):
    """nginx, Caddy or HAProxy with this configuration file, which is in a folder of its own."""
    folder = file.parent
    command = {
        "nginx": ["nginx", "-p", folder, "-c", file, "-g", f"daemon off; pid {folder}/nginx.pid;"],
        "caddy": ["caddy", "run", "--config", file, "--adapter", "caddyfile"],
        "haproxy": ["haproxy", "-db", "-f", file],
    }[kind]
    environment = {
        "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin",
        # Plain HTTP: with a host name Caddy would install a certificate authority on the machine.
        "SITE": f"http://localhost:{port}",
        "CADDY_ADMIN": f"unix/{folder}/caddy.sock",
        "HOME": str(folder),
    }
    with log.open("wb") as output:
        return subprocess.Popen(command, env=environment, stdout=output, stderr=output)


def stop_proxy(process):
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=5)
    process.kill()
    process.wait()


def print_notable(log):
    """The last lines that are not about a request that went well."""
    lines = [line for line in log.read_text().splitlines() if not re.search(r"INFO request|HTTP/1.1\" 20\d", line)]
    print(f"--- {log.name}", *lines[-20:], sep="\n")
