import type { SecondFactorMethod } from "@tollgate/client";
import type { ComponentProps } from "react";
import type { Field } from "../forms/Field";

interface Method {
  /** On the button that switches to this method. */
  use: string;
  field: Omit<ComponentProps<typeof Field>, "name">;
}

export type CodeMethod = Exclude<SecondFactorMethod, "passkey">;

export const METHODS: Readonly<Record<CodeMethod, Method>> & { passkey: Pick<Method, "use"> } = {
  passkey: { use: "Use a passkey" },
  totp: {
    use: "Use the authenticator app",
    field: {
      label: "Code",
      hint: "From your authenticator app",
      inputMode: "numeric",
      autoComplete: "one-time-code",
    },
  },
  recovery_code: {
    use: "Use a recovery code",
    field: {
      label: "Recovery code",
      hint: "One of the codes you saved",
      autoComplete: "off",
      autoCapitalize: "none",
      spellCheck: false,
    },
  },
};
