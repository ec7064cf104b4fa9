// Signs in as a browser does: it follows the redirects and submits the provider's forms.
import assert from "node:assert/strict";

import { startProvider } from "./provider.mjs";

const { ISSUER: issuer, TOLLGATE_URL: tollgate } = process.env;

/** Keeps the cookies of both hosts. */
class Browser {
  #cookies = new Map();

  async request(url, options = {}) {
    const jar = this.#jar(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", ...options, headers: { cookie, accept: "text/html", ...options.headers } });
    for (const set of response.headers.getSetCookie()) {
      const [pair, ...attributes] = set.split(";");
      const [name, value] = [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)];
      const isGone = value === "" || attributes.some((attribute) => attribute.trim().toLowerCase() === "max-age=0");
      isGone ? jar.delete(name) : jar.set(name, value);
    }
    return response;
  }

  #jar(url) {
    const { host } = new URL(url);
    if (!this.#cookies.has(host)) this.#cookies.set(host, new Map());
    return this.#cookies.get(host);
  }

  /** Follows redirects until there is a page, and returns it with its address. */
  async open(url, options) {
    let response = await this.request(url, options);
    while (response.status >= 300 && response.status < 400) {
      url = new URL(response.headers.get("location"), url).href;
      response = await this.request(url);
    }
    return { url, status: response.status, html: await response.text() };
  }

  async signIn(name, login, next = "/account") {
    let page = await this.open(`${tollgate}/login/oidc/${name}?next=${encodeURIComponent(next)}`);
    while (page.url.startsWith(`${issuer}/interaction/`)) {
      const prompt = /name="prompt" value="(\w+)"/.exec(page.html)?.[1];
      const body = new URLSearchParams({ prompt, login, password: "any" });
      page = await this.open(page.url, { method: "POST", body });
    }
    return page;
  }

  async session() {
    const response = await this.request(`${tollgate}/check_session`, { headers: { accept: "application/json" } });
    return { status: response.status, body: await response.json() };
  }
}

async function main() {
  const methods = await (await fetch(`${tollgate}/login/methods`)).json();
  assert.deepEqual(methods.oidc.map(({ name }) => name), ["rsa", "ec"]);

  const ada = new Browser();
  const page = await ada.signIn("rsa", "ada");
  assert.equal(page.url, `${tollgate}/account`, page.html);
  const first = await ada.session();
  assert.equal(first.status, 200);
  assert.equal(first.body.email, "ada@example.org");
  assert.equal(first.body.email_verified, true);

  // An identity is issuer and subject, whichever client the token is for.
  const again = new Browser();
  assert.equal((await again.signIn("ec", "ada")).url, `${tollgate}/account`);
  assert.equal((await again.session()).body.id, first.body.id);

  const eve = new Browser();
  await eve.signIn("ec", "eve");
  const unverified = await eve.session();
  assert.notEqual(unverified.body.id, first.body.id);
  assert.equal(unverified.body.email_verified, false);
  console.log("signed in with RS256 and ES256, by an address that is verified and by one that is not");
}

const provider = await startProvider(issuer, tollgate);
try {
  await main();
} finally {
  provider.close();
  provider.closeAllConnections();
}
