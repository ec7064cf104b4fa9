// Passkeys on the server's own pages. Without this, everything else on them works.
"use strict";
(() => {
  const api = window.PublicKeyCredential;
  const find = (selector) => document.querySelector(selector);
  const message = find("#passkey-message");
  if (!api?.parseRequestOptionsFromJSON) {
    // Whoever has nothing but a passkey would otherwise not see why there is no way to go on.
    if (find("[data-passkey=step]")) {
      message.textContent = "This browser does not support passkeys.";
      message.hidden = false;
    }
    return;
  }

  async function send(method, path, body) {
    const headers = { accept: "application/json", "content-type": "application/json" };
    const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
    const answer = response.status === 204 ? null : await response.json();
    if (response.ok) return answer;
    throw Object.assign(new Error(answer.error), { code: answer.code });
  }

  async function sign(path, how) {
    const { publicKey } = await send("POST", path);
    const credential = await navigator.credentials.get({ ...how, publicKey: api.parseRequestOptionsFromJSON(publicKey) });
    return credential.toJSON();
  }

  const isTicked = (name) => find(`input[name=${name}]`)?.checked ?? false;
  const password = () => ({ current_password: find("#current_password")?.value || undefined });
  const goOn = () => location.assign(find("input[name=next]")?.value || "/");

  let offer = null;
  async function logIn(how) {
    const credential = await sign("/login/passkey/options", how);
    await send("POST", "/login/passkey", { credential, stay_signed_in: isTicked("stay_signed_in") });
    goOn();
  }

  const actions = {
    login() {
      // A browser shows one request at a time.
      offer?.abort();
      return logIn({});
    },
    async step() {
      const credential = await sign("/login/second-factor/passkey/options", {});
      await send("POST", "/login/second-factor", { method: "passkey", credential, trust_browser: isTicked("trust_browser") });
      goOn();
    },
    async add() {
      const { publicKey } = await send("POST", "/account/passkeys/options", password());
      const created = await navigator.credentials.create({ publicKey: api.parseCreationOptionsFromJSON(publicKey) });
      await send("POST", "/account/passkeys", { ...password(), credential: created.toJSON() });
      location.assign("/second-factor");
    },
    async remove(button) {
      await send("DELETE", `/account/passkeys/${button.value}`, password());
      location.assign("/second-factor");
    },
  };

  function report(error) {
    // The user has closed the browser's window, or chosen another way.
    if (error.name === "AbortError" || error.name === "NotAllowedError") return;
    message.textContent = error.code === "fresh_login_required" ? "Enter your password first." : `${error.message}.`;
    message.hidden = false;
  }

  for (const button of document.querySelectorAll("[data-passkey]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      message.hidden = true;
      button.disabled = true;
      await actions[button.dataset.passkey](button).catch(report);
      button.disabled = false;
    });
  }

  // The browser offers passkeys among the usernames.
  if (find("[autocomplete~=webauthn]")) {
    api.isConditionalMediationAvailable?.().then((isAvailable) => {
      if (!isAvailable) return;
      offer = new AbortController();
      logIn({ mediation: "conditional", signal: offer.signal }).catch(report);
    });
  }
})();
