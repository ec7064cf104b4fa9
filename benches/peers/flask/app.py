"""The four requests with Flask and Flask-Login, for the benchmark beside tollgate."""

import os
import sqlite3
import threading
import time

import bcrypt
from flask import Flask, jsonify, request
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user

BCRYPT_COST = int(os.environ["BCRYPT_COST"])
READS_LIMIT = int(os.environ["READS_LIMIT"])
PERIOD = 30 * 86_400_000

# Looks at the count and changes it, in one statement, which is a transaction.
COUNT = """
    INSERT INTO meters (user_id, period_started_at, used) VALUES (:user, :now, 1)
    ON CONFLICT (user_id) DO UPDATE SET
        used = iif(period_started_at > :before, used + 1, 1),
        period_started_at = iif(period_started_at > :before, period_started_at, :now)
    WHERE used < :limit OR period_started_at <= :before
    RETURNING used"""

app = Flask(__name__)
app.config.update(SECRET_KEY=os.environ["SECRET"], SESSION_COOKIE_SAMESITE="Lax")
logins = LoginManager(app)
opened = threading.local()


def query(sql, parameters):
    """Flask's tutorial opens a connection for each request; one for each thread is faster."""
    if not hasattr(opened, "connection"):
        opened.connection = sqlite3.connect(os.environ["DATABASE"], timeout=30, isolation_level=None)
        opened.connection.row_factory = sqlite3.Row
        opened.connection.execute("PRAGMA journal_mode = WAL")
        opened.connection.execute("PRAGMA synchronous = FULL")
    # All rows, because a statement that returns what it wrote commits after the last one.
    return opened.connection.execute(sql, parameters).fetchall()


class User(UserMixin):
    def __init__(self, row):
        self.id, self.username = row["id"], row["username"]


@logins.user_loader
def load_user(user_id):
    rows = query("SELECT id, username FROM users WHERE id = ?", [user_id])
    return User(rows[0]) if rows else None


@logins.unauthorized_handler
def unauthorized():
    return {"error": "please login"}, 401


def credentials():
    """The username and the password in the body, or None. bcrypt looks at 72 bytes."""
    body = request.get_json()
    username, password = body.get("username"), body.get("password")
    if not isinstance(username, str) or not isinstance(password, str):
        return None
    password = password.encode()
    return (username, password) if 1 <= len(username) <= 64 and 8 <= len(password) <= 72 else None


@app.post("/register")
def register():
    if (given := credentials()) is None:
        return {"error": "invalid username or password"}, 422
    username, password = given
    password_hash = bcrypt.hashpw(password, bcrypt.gensalt(BCRYPT_COST)).decode()
    try:
        rows = query(
            "INSERT INTO users (username, password_hash) VALUES (?, ?) RETURNING id", [username, password_hash]
        )
    except sqlite3.IntegrityError:
        return {"error": "username taken"}, 409
    return {"id": rows[0]["id"], "username": username}, 201


@app.post("/login")
def login():
    if (given := credentials()) is None:
        return {"error": "invalid username or password"}, 422
    username, password = given
    rows = query("SELECT id, username, password_hash FROM users WHERE username = ?", [username])
    if not rows or not bcrypt.checkpw(password, rows[0]["password_hash"].encode()):
        return {"error": "cannot login"}, 401
    login_user(User(rows[0]))
    return {"id": rows[0]["id"], "username": rows[0]["username"]}


@app.get("/check_session")
def check_session():
    if not current_user.is_authenticated:
        return {"error": "no user logged in"}, 401
    return {"id": current_user.id, "username": current_user.username}


@app.get("/blog/<int:post_id>")
@login_required
def read(post_id):
    posts = query("SELECT id, title, data, excerpt FROM posts WHERE id = ?", [post_id])
    if not posts:
        return {"error": "Blog not found"}, 404
    now = time.time_ns() // 1_000_000
    counted = query(COUNT, {"user": current_user.id, "now": now, "before": now - PERIOD, "limit": READS_LIMIT})
    if not counted:
        return {"error": "pay me monies"}, 402
    response = jsonify(dict(posts[0]))
    response.headers["X-Reads-Remaining"] = READS_LIMIT - counted[0]["used"]
    return response
