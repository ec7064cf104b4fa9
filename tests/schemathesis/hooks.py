"""Authentication, and what no schema can express: the right password, and Stripe's signature.

ROLE is anonymous, user or admin. Each request comes from a user of its own, so that a log-out, a changed password or
a deleted account spoils nothing for the next request, and no operation has to be left out.
"""

import hashlib
import hmac
import itertools
import os
import sqlite3
import time

import requests
import schemathesis
from schemathesis.core.media_types import YAML_MEDIA_TYPES
from schemathesis.core.transport import USER_AGENT

URL, DATABASE, ROLE = (os.environ[name] for name in ("TOLLGATE_URL", "TOLLGATE_DATABASE", "ROLE"))
SECRET = os.environ["STRIPE_WEBHOOK_SECRET"]
PASSWORD = "four sneaky newts"
# A session is not fresh with another user agent than the one it began with.
BROWSER = {"User-Agent": USER_AGENT}
numbers = itertools.count(1)
sessions = set()


def register() -> str:
    username = f"{ROLE}{next(numbers)}"
    account = {"username": username, "password": PASSWORD}
    requests.post(f"{URL}/register", json=account, headers=BROWSER).raise_for_status()
    if ROLE == "admin":
        # There is no request that makes a user an admin, only SQL.
        with sqlite3.connect(DATABASE, timeout=10) as database:
            database.execute("UPDATE users SET role = 'admin' WHERE username_key = ?", (username,))
        database.close()
    return username


def sign_in() -> str:
    account = {"username": register(), "password": PASSWORD}
    answer = requests.post(f"{URL}/login", json=account, headers=BROWSER)
    answer.raise_for_status()
    return answer.cookies["session"]


def is_valid(case) -> bool:
    return bool(case.meta and case.meta.generation.mode.is_positive)


if ROLE != "anonymous":

    # Only the first matching provider of an operation is used. The one for the webhook is below.
    @schemathesis.auth(refresh_interval=None).skip_for(path="/webhooks/stripe")
    class Session:
        def get(self, case, context):
            return sign_in()

        def set(self, case, session, context):
            case.cookies["session"] = session
            sessions.add(session)
            if case.operation.path == "/sessions/{id}" and is_valid(case):
                own = requests.get(f"{URL}/sessions", cookies={"session": session}, headers=BROWSER)
                case.path_parameters["id"] = own.json()[0]["id"]


class StripeSignature(requests.auth.AuthBase):
    """Signs the body as it is sent. A request without the header is sent without it, and must be refused."""

    def __call__(self, request):
        if "Stripe-Signature" in request.headers:
            now, body = str(int(time.time())), request.body or b""
            body = body if isinstance(body, bytes) else body.encode()
            signature = hmac.new(SECRET.encode(), now.encode() + b"." + body, hashlib.sha256).hexdigest()
            request.headers["Stripe-Signature"] = f"t={now},v1={signature}"
        return request


schemathesis.auth.set_from_requests(StripeSignature()).apply_to(path="/webhooks/stripe")


@schemathesis.hook
def before_call(context, case, kwargs):
    """A valid request has the right password."""
    if not is_valid(case):
        return
    path, body = case.operation.path, case.body
    # Registration accepts any valid password.
    if not isinstance(body, dict) or path == "/register":
        return
    # JSON Schema treats 1.0 as an integer, but no client sends that.
    if isinstance(body.get("created"), float):
        body["created"] = int(body["created"])
    if path == "/login":
        body["username"] = register()
    for name in ("password", "current_password"):
        if body.get(name) is not None:
            body[name] = PASSWORD


# The methods of pages, which `Allow` has as well (RFC 9110, section 10.2.1). The API description has no pages.
PAGES = {
    "/account": {"GET", "POST"}, "/login": {"GET"}, "/login/second-factor": {"GET"}, "/logout": {"POST"},
    "/register": {"GET"}, "/tokens": {"GET", "POST"},
}


@schemathesis.hook
def after_call(context, case, response):
    """Several `Vary` lines are equivalent to one (RFC 9110, section 5.3), but the check reads only the first."""
    if "vary" in response.headers:
        response.headers["vary"] = [", ".join(response.headers["vary"])]
    if "allow" in response.headers:
        methods = response.headers["allow"][0].split(", ")
        pages = PAGES.get(case.operation.path, set())
        response.headers["allow"] = [", ".join(method for method in methods if method not in pages)]


# YAML is not parsed: another test compares it with the JSON.
@schemathesis.deserializer("text/*", "image/*", *YAML_MEDIA_TYPES)
def text(context, response):
    return response.text


@schemathesis.check
def session_is_taken(ctx, response, case):
    """The other checks accept a 401, so without this one they would pass although nobody can sign in."""
    # A login replaces the session, and 401 is about the login.
    is_login = case.operation.path.startswith("/login")
    has_session = case.cookies.get("session") in sessions and not is_login
    assert not (has_session and response.status_code == 401), "a session that was just opened is refused"
