"""Visitors of a site that has tollgate in front of it, and what else the scripts for such sites share."""

import contextlib
import http.client
import http.server
import json
import os
import pathlib
import secrets
import shutil
import ssl
import subprocess
import tempfile
import threading
import urllib.parse

from servers import REPOSITORY, Node, binary, free_port, print_notable, start_proxy, stop_proxy, wait_until

EXAMPLES = REPOSITORY / "examples" / "forward-auth"
PASSWORD = "four sneaky newts"
CHROMIUM = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
REQUEST_LIMIT = 30.0
READS_LIMIT = 5
READS_ANONYMOUS = 2


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, *_):
        """The proxy may close idle connections."""


def serve(handler, stack):
    server = Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stack.callback(server.shutdown)
    return server.server_address[1]


class Site:
    """What visitors see: a proxy with a documented configuration, in which addresses and paths are replaced."""

    def __init__(self, kind, folder, is_tls):
        self.kind, self.folder, self.is_tls = kind, folder, is_tls
        self.port, self.log = free_port(), folder / f"{kind}.log"
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.tls.check_hostname, self.tls.verify_mode = False, ssl.CERT_NONE

    def copy(self, source, replaced):
        text = source.read_text()
        for documented, here in replaced.items():
            text = text.replace(documented, str(here))
        (self.folder / source.name).write_text(text)

    def start(self, file, stack):
        self.process = start_proxy(self.kind, file, self.port, self.log)
        stack.callback(stop_proxy, self.process)
        wait_until(self.answers, self.kind)

    def answers(self):
        assert self.process.poll() is None, f"the proxy did not start:\n{self.log.read_text()}"
        with contextlib.suppress(OSError), contextlib.closing(self.connect()) as connection:
            connection.request("GET", "/")
            return connection.getresponse().status == 200
        return False

    def connect(self):
        if not self.is_tls:
            return http.client.HTTPConnection("localhost", self.port, timeout=REQUEST_LIMIT)
        return http.client.HTTPSConnection("localhost", self.port, timeout=REQUEST_LIMIT, context=self.tls)


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.text = response.status, response.headers, response.read().decode()

    def cookies(self):
        """Name and value of each cookie that the response sets."""
        return [cookie.split(";")[0].split("=", 1) for cookie in self.headers.get_all("Set-Cookie", []) if cookie]

    def __repr__(self):
        return f"{self.status} {dict(self.headers)} {self.text[:300]!r}"


class Browser:
    """Sends back the cookies it gets, and follows no redirects."""

    def __init__(self, proxy):
        self.proxy, self.cookies = proxy, {}

    def send(self, method, path, headers=(), body=None):
        with contextlib.closing(self.proxy.connect()) as connection:
            connection.putrequest(method, path)
            accept = [] if any(name == "Accept" for name, _ in headers) else [("Accept", CHROMIUM)]
            for name, value in [*accept, *headers]:
                connection.putheader(name, value)
            if self.cookies:
                connection.putheader("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = Answer(connection.getresponse())
        self.cookies |= dict(answer.cookies())
        return answer

    def get(self, path, *headers):
        return self.send("GET", path, headers)

    def with_cookie(self, cookie):
        name, _, value = cookie.partition("=")
        self.cookies[name] = value
        return self

    def used(self):
        answer = self.send("GET", "/meter", [("Accept", "application/json")])
        return json.loads(answer.text)["used"]

    def post_form(self, path, **fields):
        kind = ("Content-Type", "application/x-www-form-urlencoded")
        return self.send("POST", path, [kind], urllib.parse.urlencode(fields).encode())

    def sign_in(self, name, **fields):
        answer = self.post_form("/register", username=name, password=PASSWORD)
        expect(answer.status == 303, answer)
        answer = self.post_form("/login", username=name, password=PASSWORD, next="/", **fields)
        expect(answer.status == 303 and answer.headers["Location"] == "/", answer)
        return self


def expect(is_so, *what):
    if not is_so:
        raise AssertionError(*what)


def redirect_target(answer):
    """The path to which the login page returns."""
    expect(answer.status == 302, answer)
    path, _, query = answer.headers["Location"].partition("?")
    expect(path == "/login", answer)
    return urllib.parse.parse_qs(query)["next"][0]


class Tollgate(Node):
    def run(self, *arguments):
        """A command of the same server."""
        subprocess.run([binary("TOLLGATE"), *arguments], cwd=self.folder, env=self.settings, check=True, capture_output=True)


def new_tollgate(folder, stack, **settings):
    """A running server behind a proxy."""
    node = Tollgate("tollgate", folder, {
        "PATH": os.environ["PATH"],
        "HOST": "127.0.0.1",
        "SECRET_KEY": secrets.token_hex(32),
        "COOKIE_SECURE": "true",
        "TRUSTED_PROXIES": "127.0.0.1",
        "SHUTDOWN_DELAY": "0s",
        "READS_LIMIT": str(READS_LIMIT),
        # The cookie is renewed after a tenth of this.
        "REMEMBER_IDLE": "20s",
        # All visitors come from one network.
        "THROTTLE": "off",
        "BCRYPT_COST": "4",
        "ALLOW_INSECURE_TESTING": "true",
        **settings,
    })
    stack.callback(node.kill)
    node.start(binary("TOLLGATE"))
    return node


def run_checks(checks, name, *arguments):
    for check in checks:
        check(*arguments)
        print(f"{name}: {check.__name__.replace('_', ' ')}", flush=True)


def run_in_folder(run):
    """Runs it with a temporary folder, and keeps or prints the logs."""
    with tempfile.TemporaryDirectory(prefix="tollgate-") as name, contextlib.ExitStack() as stack:
        folder = pathlib.Path(name)
        # The proxy may run as another user.
        folder.chmod(0o755)
        is_well = False
        try:
            run(folder, stack)
            is_well = True
        finally:
            logs = sorted(folder.glob("*.log"))
            if os.environ.get("KEEP"):
                keep = pathlib.Path(os.environ["KEEP"])
                keep.mkdir(parents=True, exist_ok=True)
                for log in logs:
                    shutil.copy(log, keep)
            elif not is_well:
                for log in logs:
                    print_notable(log)
