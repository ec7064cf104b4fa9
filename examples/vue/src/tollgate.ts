import { createTollgate } from "@tollgate/client";
import { readonly, type Ref, shallowRef } from "vue";

const baseUrl = import.meta.env.VITE_API_URL ?? (import.meta.env.DEV ? "http://localhost:8080" : "");

export const tollgate = createTollgate({ baseUrl });

/** What `read` returns, kept current with the session. */
function ofSession<Value>(read: () => Value): Readonly<Ref<Value>> {
  const value = shallowRef(read());
  tollgate.session.subscribe(() => {
    value.value = read();
  });
  return readonly(value) as Readonly<Ref<Value>>;
}

/** Undefined while loading, null if nobody is signed in. */
export const user = ofSession(tollgate.session.get);
export const signOutReason = ofSession(() => tollgate.session.signOutReason);
