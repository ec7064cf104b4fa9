"""A server on an empty database, in a folder that is deleted afterwards. For the scripts of this folder."""

import contextlib
import os
import pathlib
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("TOLLGATE", REPOSITORY / "target/debug/tollgate")).resolve()


if not BINARY.exists():
    raise SystemExit(f"{BINARY} does not exist: run `cargo build` first")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def get(url, method="GET"):
    """The body of a response, whatever its status."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=10) as response:
            return response.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()


def clean_environment(settings):
    """Only what programs need: a setting of the caller's shell would change what the server does."""
    kept = ("PATH", "HOME", "LANG", "TERM", "TMPDIR", "USER", "CHROMIUM", "HTTPS_PROXY", "NODE_EXTRA_CA_CERTS")
    return {name: os.environ[name] for name in kept if name in os.environ} | settings


@contextlib.contextmanager
def fresh_server(settings):
    """Yields the server's folder, which is called `tollgate` and is in an otherwise empty one, and its port."""
    port = free_port()
    environment = clean_environment({"PORT": str(port), "LOG_LEVEL": "warn", **settings})
    with tempfile.TemporaryDirectory(prefix="tollgate-docs-") as name:
        folder = pathlib.Path(name) / "tollgate"
        folder.mkdir()
        with open(folder / "server.log", "wb") as log:
            server = subprocess.Popen([BINARY], cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            wait_until_ready(server, port, folder / "server.log")
            yield folder, port
        finally:
            server.terminate()
            server.wait(timeout=30)


def wait_until_ready(server, port, log):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        try:
            # A 503 is an OSError, too.
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"the server did not start:\n{log.read_text()}")
