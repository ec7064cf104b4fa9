/**
 * `<tollgate-meter>` says how many free reads are left. With the attribute `wall` it says how to read on.
 *
 * It asks `GET /meter` of the same site, writes in the language of the page, and takes its font from there. Its state is in the
 * attribute `state` (`anonymous`, `metered`, `subscribed`, or `visitor` for one who has no free reads), so that other elements can
 * depend on it: `body:has(tollgate-meter[state=metered]) .sign-in { display: none }`.
 */
const TEXTS = {
  en: {
    left: (left, limit) => `${left} of ${limit} free reads left`,
    subscribed: "You have a subscription.",
    usedUp: "You have used your free reads",
    resets: (day) => `You get new free reads on ${day}.`,
    closed: "For subscribers",
    account: "Read on with a free account",
    register: "Create an account",
    signIn: "Sign in",
    subscribe: "Subscribe",
  },
  de: {
    left: (left, limit) => `Noch ${left} von ${limit} Artikeln frei`,
    subscribed: "Sie haben ein Abonnement.",
    usedUp: "Sie haben Ihre freien Artikel gelesen",
    resets: (day) => `Neue freie Artikel gibt es am ${day}.`,
    closed: "Nur im Abonnement",
    account: "Mit kostenlosem Konto weiterlesen",
    register: "Konto anlegen",
    signIn: "Anmelden",
    subscribe: "Abonnieren",
  },
  fr: {
    left: (left, limit) => `Articles gratuits restants : ${left} sur ${limit}`,
    subscribed: "Vous êtes abonné.",
    usedUp: "Vous avez lu tous vos articles gratuits",
    resets: (day) => `De nouveaux articles gratuits vous attendent le ${day}.`,
    closed: "Réservé aux abonnés",
    account: "Lisez la suite avec un compte gratuit",
    register: "Créer un compte",
    signIn: "Se connecter",
    subscribe: "S’abonner",
  },
  es: {
    left: (left, limit) => `Artículos gratuitos disponibles: ${left} de ${limit}`,
    subscribed: "Tiene una suscripción.",
    usedUp: "Ya ha leído sus artículos gratuitos",
    resets: (day) => `Tendrá nuevos artículos gratuitos el ${day}.`,
    closed: "Solo para suscriptores",
    account: "Siga leyendo con una cuenta gratuita",
    register: "Crear una cuenta",
    signIn: "Iniciar sesión",
    subscribe: "Suscribirse",
  },
};

const STYLE = `
  :host { display: block }
  h2 { font-size: 1.4em; line-height: 1.2; margin: 0 0 .5em }
  p, ::slotted(p) { margin: 0 0 .5em }
  nav { display: flex; flex-wrap: wrap; gap: .75em 1.25em; align-items: center; margin-top: 1em }
  a { color: var(--tollgate-accent, #a82a17) }
  a:first-child { padding: .6em 1.1em; border-radius: 4px; background: var(--tollgate-accent, #a82a17);
    color: var(--tollgate-on-accent, #fff); text-decoration: none; font-weight: 600 }
`;

customElements.define(
  "tollgate-meter",
  class extends HTMLElement {
    async connectedCallback() {
      const language = this.closest("[lang]")?.lang ?? "en";
      this.texts = TEXTS[language.split("-")[0]] ?? TEXTS.en;
      const answer = await fetch("/meter", { headers: { Accept: "application/json" } }).catch(() => null);
      // Without an answer there is nothing to say, and the page must not break.
      if (!answer || (!answer.ok && answer.status !== 401)) return;
      // 401: there are no free reads without an account.
      const meter = answer.ok ? await answer.json() : null;
      const state = !meter ? "visitor" : meter.anonymous ? "anonymous" : meter.subscribed ? "subscribed" : "metered";
      this.setAttribute("state", state);
      const day = meter?.resets_at && new Date(meter.resets_at).toLocaleDateString(language, { dateStyle: "long" });
      this.show(...(this.hasAttribute("wall") ? this.wall(state, meter, day) : this.line(state, meter)));
      this.dispatchEvent(new CustomEvent("tollgate-meter", { detail: { state, meter }, bubbles: true }));
    }

    line(state, meter) {
      if (state === "subscribed") return [element("p", this.texts.subscribed)];
      return meter ? [element("p", this.texts.left(meter.remaining, meter.limit))] : [];
    }

    /** What the page says between the tags, such as a price, stands before the buttons. `slot="heading"` replaces the heading. */
    wall(state, meter, day) {
      const { texts } = this;
      const next = `?next=${encodeURIComponent(location.pathname + location.search)}`;
      const isSignedIn = state === "metered" || state === "subscribed";
      const isForSubscribers = this.getAttribute("wall") === "subscribers";
      const heading = isForSubscribers ? texts.closed : isSignedIn ? texts.usedUp : texts.account;
      const links = isSignedIn
        ? [meter.checkout_url && link(meter.checkout_url, texts.subscribe)]
        : [link(`/register${next}`, texts.register), link(`/login${next}`, texts.signIn)];
      const resets = !isForSubscribers && day && element("p", texts.resets(day));
      const nav = element("nav");
      nav.append(...links.filter(Boolean));
      const title = element("slot");
      title.name = "heading";
      title.append(element("h2", heading));
      return [title, element("slot"), resets, nav].filter(Boolean);
    }

    show(...content) {
      (this.shadowRoot ?? this.attachShadow({ mode: "open" })).replaceChildren(element("style", STYLE), ...content);
    }
  },
);

function element(name, text = "") {
  const created = document.createElement(name);
  created.textContent = text;
  return created;
}

function link(href, text) {
  const created = element("a", text);
  created.href = href;
  return created;
}
