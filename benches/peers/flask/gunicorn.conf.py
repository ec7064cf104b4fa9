# The number of workers that Gunicorn's documentation recommends. Threads, because its default workers close each
# connection after one request.
import os

bind = f"127.0.0.1:{os.environ['PORT']}"
workers = 2 * len(os.sched_getaffinity(0)) + 1
worker_class = "gthread"
threads = 4
keepalive = 60
loglevel = "warning"
# A benchmark leaves no socket in the home directory.
control_socket_disable = True
