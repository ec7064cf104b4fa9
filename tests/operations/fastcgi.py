"""A stand-in for PHP-FPM, which answers FastCGI requests with a function. https://fastcgi-archives.github.io/FastCGI_Specification.html"""

import socketserver
import struct
import sys
import threading

BEGIN_REQUEST, END_REQUEST, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6
# The longest content of one record.
RECORD_LIMIT = 65_535


class Responder(socketserver.StreamRequestHandler):
    """One request per connection, which is what nginx sends unless `fastcgi_keep_conn` is on."""

    def handle(self):
        received = {PARAMS: b"", STDIN: b""}
        while True:
            header = self.rfile.read(8)
            if len(header) < 8:
                return
            _, kind, request, length, padding, _ = struct.unpack(">BBHHBB", header)
            content = self.rfile.read(length + padding)[:length]
            if kind in received:
                received[kind] += content
            if kind == STDIN and not content:
                break
        answer = self.server.answer(parameters(received[PARAMS]), received[STDIN])
        for start in range(0, len(answer), RECORD_LIMIT):
            self.write(STDOUT, request, answer[start:start + RECORD_LIMIT])
        self.write(STDOUT, request, b"")
        self.write(END_REQUEST, request, bytes(8))

    def write(self, kind, request, content):
        self.wfile.write(struct.pack(">BBHHBB", 1, kind, request, len(content), 0, 0) + content)


def parameters(data):
    """Pairs of a name and a value. A name that comes twice is an error: which one counts is up to the program."""
    found, position = {}, 0

    def length():
        nonlocal position
        size = 1 if data[position] < 128 else 4
        value = int.from_bytes(data[position:position + size], "big") & 0x7FFFFFFF
        position += size
        return value

    while position < len(data):
        name_length, value_length = length(), length()
        name = data[position:position + name_length].decode()
        assert name not in found, f"{name} is sent twice"
        found[name] = data[position + name_length:position + name_length + value_length].decode()
        position += name_length + value_length
    return found


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 256

    def handle_error(self, *arguments):
        """nginx closes the connection as soon as it has seen the header of an answer without a body."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*arguments)


def serve_fastcgi(answer, stack):
    """Answers each request with `answer(parameters, body)`, which is a CGI response; returns the port."""
    server = Server(("127.0.0.1", 0), Responder)
    server.answer = answer
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stack.callback(server.shutdown)
    return server.server_address[1]
