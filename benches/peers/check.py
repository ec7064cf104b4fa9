"""Checks that a server meters exactly and forgets no read, so that like is compared with like."""

import concurrent.futures
import signal

from servers import Server, fresh_folder

ADA = {"username": "ada", "password": "four sneaky newts"}
GRACE = ADA | {"username": "grace"}


class Wrong(SystemExit):
    pass


def expect(sentence, found, wanted):
    if found != wanted:
        raise Wrong(f"{sentence}: {found}, not {wanted}")


def check(name, peer):
    folder = fresh_folder(f"{name}-check")
    peer.create(folder)

    def start():
        return Server(peer, folder, reads_limit=5, bcrypt_cost=4)

    with start() as server:
        registers_and_signs_in(server)
        cookie = sign_in(server, ADA)
        meters_in_turn(server, cookie)
        register(server, GRACE)
        meters_at_once(server, sign_in(server, GRACE))
        server.stop(signal.SIGKILL)
    with start() as server:
        expect("a session survives kill -9", server.request("GET", "/check_session", cookie).status, 200)
        expect("a count survives kill -9", server.request("GET", "/blog/1", cookie).status, 402)


def register(server, who):
    return server.request("POST", "/register", body=who).status


def sign_in(server, who):
    response = server.request("POST", "/login", body=who)
    expect("a login", (response.status, response.json["username"]), (200, who["username"]))
    return response.cookie


def registers_and_signs_in(server):
    expect("a registration", register(server, ADA), 201)
    expect("a registration of a taken name", register(server, ADA), 409)
    # Frameworks differ in the status of a malformed request.
    short = register(server, GRACE | {"password": "newts"})
    expect("a registration with a short password is refused", short in (400, 422), True)
    wrong = server.request("POST", "/login", body=ADA | {"password": "four sneaky frogs"})
    expect("a login with a wrong password", wrong.status, 401)
    for path in ("/check_session", "/blog/1"):
        expect(f"{path} without a session", server.request("GET", path, wrong.cookie).status, 401)
    signed_in = server.request("GET", "/check_session", sign_in(server, ADA))
    expect("/check_session with a session", (signed_in.status, signed_in.json["username"]), (200, "ada"))


def meters_in_turn(server, cookie):
    expect("a post that does not exist", server.request("GET", "/blog/4711", cookie).status, 404)
    for left in "43210":
        read = server.request("GET", "/blog/2", cookie)
        expect("a free read", (read.status, read.headers["X-Reads-Remaining"], read.json["id"]), (200, left, 2))
    expect("the sixth read", server.request("GET", "/blog/2", cookie).status, 402)


def meters_at_once(server, cookie):
    with concurrent.futures.ThreadPoolExecutor(50) as readers:
        reads = [readers.submit(server.request, "GET", f"/blog/{post}", cookie) for post in range(1, 51)]
    statuses = [read.result().status for read in reads]
    expect("50 reads at once", {status: statuses.count(status) for status in sorted(set(statuses))}, {200: 5, 402: 45})
