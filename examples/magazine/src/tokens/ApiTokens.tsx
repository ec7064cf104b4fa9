import type { User } from "@tollgate/client";
import { useRemoveToken, useTokens } from "@tollgate/client/react";
import { ErrorMessage } from "../feedback/ErrorMessage";
import { Section } from "../layout/Section";
import { CreateToken } from "./CreateToken";
import { TokenListItem } from "./TokenListItem";

export function ApiTokens({ user }: { user: User }) {
  const { data: tokens, error } = useTokens();
  const deletion = useRemoveToken();
  return (
    <Section
      title="API tokens"
      description="With a token, a script or a server can use your account without your password."
    >
      <ErrorMessage error={deletion.error ?? error} />
      <div role="status">{deletion.isSuccess && <p className="notice">The token has been deleted.</p>}</div>
      {tokens && tokens.length > 0 && (
        <ul className="devices">
          {tokens.map((token) => (
            <TokenListItem key={token.id} token={token} remove={() => deletion.mutate(token.id)} />
          ))}
        </ul>
      )}
      <CreateToken isAdmin={user.role === "admin"} />
    </Section>
  );
}
