import { useLoginMethods, useTollgate } from "@tollgate/client/react";
import { useLocation } from "react-router";
import { nextPath } from "./next";

/** One button for each provider that the server offers. They are links: the browser leaves the app and comes back signed in. */
export function ProviderButtons() {
  const tollgate = useTollgate();
  const methods = useLoginMethods();
  const { search } = useLocation();
  const providers = methods.data?.oidc ?? [];
  if (providers.length === 0) return null;
  // With its origin, because the app and the server may have different ones.
  const next = new URL(nextPath(search), window.location.origin).href;
  return (
    <ul className="providers">
      {providers.map((provider) => (
        <li key={provider.name}>
          <a className="button quiet" href={tollgate.identities.loginUrl(provider, { next })}>
            Continue with {provider.label}
          </a>
        </li>
      ))}
    </ul>
  );
}
