// A provider with two clients, whose users are whoever types a name.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";

import Provider from "oidc-provider";

const key = (type, options, rest) => {
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: "jwk" }), use: "sig", ...rest };
};

/** Listens on the port of the issuer. Claims are returned as the standard has it: those of scopes by the UserInfo endpoint. */
export function startProvider(issuer, tollgate) {
  const client = (id, secret, algorithm) => ({
    client_id: id,
    client_secret: secret,
    id_token_signed_response_alg: algorithm,
    redirect_uris: [`${tollgate}/login/oidc/${id}/callback`],
  });
  const provider = new Provider(issuer, {
    clients: [
      client("rsa", process.env.OIDC_RSA_CLIENT_SECRET, "RS256"),
      client("ec", process.env.OIDC_EC_CLIENT_SECRET, "ES256"),
    ],
    jwks: {
      keys: [
        key("rsa", { modulusLength: 2048 }, { alg: "RS256", kid: "rsa" }),
        key("ec", { namedCurve: "P-256" }, { alg: "ES256", kid: "ec" }),
      ],
    },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@example.org`, email_verified: id !== "eve", name: id }),
    }),
    pkce: { required: () => true },
    cookies: { keys: ["a key for tests"] },
  });
  const server = createServer(provider.callback());
  return new Promise((resolve) => server.listen(new URL(issuer).port, "127.0.0.1", () => resolve(server)));
}
