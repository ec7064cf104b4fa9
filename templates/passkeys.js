// Passkeys on the server's own pages. Without this, everything else on them works.
"use strict";
(() => {
  const api = window.PublicKeyCredential;
  const find = (selector) => document.querySelector(selector);
  const message = find("#passkey-message");
  if (!api?.parseRequestOptionsFromJSON) {
    // Whoever has nothing but a passkey would otherwise not see why there is no way to go on.
    if (find("[data-passkey=step]")) {
      message.textContent = message.dataset.unsupported;
      message.hidden = false;
    }
    return;
  }

  async function send(method, path, body) {
    const headers = { accept: "application/json", "content-type": "application/json" };
    const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
    const answer = response.status === 204 ? null : await response.json().catch(() => ({}));
    if (response.ok) return answer;
    throw Object.assign(new Error(answer.error), { code: answer.code });
  }

  async function sign({ publicKey }, how) {
    const credential = await navigator.credentials.get({ ...how, publicKey: api.parseRequestOptionsFromJSON(publicKey) });
    return credential.toJSON();
  }

  const isTicked = (name) => find(`input[name=${name}]`)?.checked ?? false;
  const password = () => {
    const field = find("#current_password");
    return field?.value ? { [field.name]: field.value } : {};
  };
  const goOn = () => location.assign(find("input[name=next]")?.value || "/");

  const loginOptions = () => send("POST", "/login/passkey/options");
  async function logIn(options, how) {
    const credential = await sign(options, how);
    await send("POST", "/login/passkey", { credential, stay_signed_in: isTicked("stay_signed_in") });
    goOn();
  }

  // Passkeys that the browser offers among the usernames. The options are valid for five minutes.
  const RENEW_AFTER = 4 * 60 * 1000;
  let offer = null;
  async function offerPasskeys() {
    offer?.abort();
    const own = new AbortController();
    offer = own;
    // Nobody has asked for them: without, the page still has its form.
    const options = await loginOptions().catch(() => null);
    if (!options || own.signal.aborted) return;
    const renewal = setTimeout(offerPasskeys, RENEW_AFTER);
    await logIn(options, { mediation: "conditional", signal: own.signal }).catch(report);
    clearTimeout(renewal);
  }

  const actions = {
    async login() {
      // A browser runs one ceremony at a time.
      offer?.abort();
      await logIn(await loginOptions(), {}).catch((error) => {
        if (offer) offerPasskeys();
        throw error;
      });
    },
    async step() {
      const credential = await sign(await send("POST", "/login/second-factor/passkey/options"), {});
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
    // The page has the texts, in its language.
    message.textContent = message.dataset[error.code] ?? message.dataset.failed;
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

  if (find("[autocomplete~=webauthn]")) {
    api.isConditionalMediationAvailable?.().then((isAvailable) => isAvailable && offerPasskeys());
  }
})();
