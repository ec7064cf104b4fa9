"""Visits the pages of the server at TOLLGATE_URL, as nobody, as a reader and as an admin, and checks what it gets."""

import json
import os
import pathlib
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

import extruct
import feedparser

URL = os.environ["TOLLGATE_URL"]
BINARY = os.environ.get("TOLLGATE", "../../target/debug/tollgate")
PASSWORD = "four sneaky newts"
NOBODY = ["/", "/blog/1", "/blog/2", "/blog/99", "/login", "/register", "/forgot-password", "/reset-password?token=x",
          "/secure-account?token=x", "/verify-email?token=x", "/sign-in-email", "/sign-in-link?token=x", "/login/second-factor",
          "/admin/sign-in", "/nowhere", "/password/reset"]
READER = ["/", "/blog/1", "/blog/2", "/account", "/second-factor", "/tokens", "/demo-checkout", "/admin"]
ADMIN = ["/admin", "/admin?days=7", "/admin/posts", "/admin/posts/new", "/admin/posts/1", "/admin/posts/1/delete", "/admin/users",
         "/admin/users/1", "/admin/users/1/audit", "/admin/users/1/disable", "/admin/users/1/delete",
         "/admin/everybody/sessions", "/admin/subscriptions", "/admin/payments", "/admin/outbox", "/admin/audit",
         "/admin/settings", "/admin/health"]


class Browser:
    def __init__(self):
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.opener.addheaders = [("Accept", "text/html,*/*;q=0.8")]

    def get(self, path):
        try:
            return self.opener.open(URL + path).read()
        except urllib.error.HTTPError as error:
            return error.read()

    def post(self, path, **fields):
        body = json.dumps(fields).encode()
        request = urllib.request.Request(URL + path, body, {"Content-Type": "application/json", "Accept": "application/json"})
        return self.opener.open(request).read()


def signed_in(name):
    browser = Browser()
    browser.post("/register", username=name, password=PASSWORD, email=f"{name}@example.org")
    browser.post("/login", username=name, password=PASSWORD)
    return browser


def check_html(pages):
    """Each page is a file named after its path, so that the checker's messages say where they belong."""
    with tempfile.TemporaryDirectory() as folder:
        for name, html in pages.items():
            pathlib.Path(folder, urllib.parse.quote(name, safe="") + ".html").write_bytes(html)
        checked = subprocess.run(["java", "-jar", "node_modules/vnu-jar/build/dist/vnu.jar", "--format", "text", folder],
                                 capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr


def check_size(pages):
    """In bytes, without compression."""
    large = {name: len(html) for name, html in pages.items() if len(html) > 15_000 and "/admin" not in name}
    assert not large, large


def check_feed(text):
    feed = feedparser.parse(text)
    assert not feed.bozo and feed.version == "atom10", feed.get("bozo_exception")
    assert [entry.title for entry in feed.entries] and all(entry.id and entry.link and entry.updated for entry in feed.entries), feed


def check_metadata(html, url):
    found = extruct.extract(html.decode(), base_url=url, syntaxes=["json-ld", "opengraph"])
    (article,) = found["json-ld"]
    assert article["@type"] == "Article" and article["isAccessibleForFree"] is False, article
    assert article["headline"] and article["datePublished"] and article["hasPart"]["cssSelector"], article
    (graph,) = (dict(graph["properties"]) for graph in found["opengraph"])
    assert graph["og:type"] == "article" and graph["og:title"] == article["headline"] and graph["og:url"], graph


def main():
    nobody, reader, admin = Browser(), signed_in("reader"), signed_in("editor")
    subprocess.run([BINARY, "user", "promote", "editor"], check=True, capture_output=True,
                   env={"DATABASE_URL": f"sqlite://{os.environ['TOLLGATE_DATABASE']}"})
    admin.post("/login", username="editor", password=PASSWORD)
    pages = {f"{who}{path}": browser.get(path)
             for who, browser, paths in [("nobody", nobody, NOBODY), ("reader", reader, READER), ("admin", admin, ADMIN)]
             for path in paths}
    check_metadata(pages["nobody/blog/1"], URL)
    check_feed(nobody.get("/feed.xml"))
    check_size(pages)
    check_html(pages)
    print(f"{len(pages)} pages, the feed and the metadata of a post are valid: {os.environ['SITE_LANGUAGE']}")


main()
