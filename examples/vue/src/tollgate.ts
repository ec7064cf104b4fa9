import { createTollgate, isTollgateError, type TollgateError } from "@tollgate/client";
import { readonly, type Ref, ref, shallowRef } from "vue";

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

/** Undefined while loading, null while signed out. */
export const user = ofSession(tollgate.session.get);
export const signOutReason = ofSession(() => tollgate.session.signOutReason);

/** For a component that makes requests: whether one is running, and why the last one was refused. */
export function useRequest() {
  const isRunning = ref(false);
  const refusal = shallowRef<TollgateError>();

  /** Undefined if the request is refused. Other errors are faults of the page, and are thrown. */
  async function run<Result>(request: () => Promise<Result>): Promise<Result | undefined> {
    isRunning.value = true;
    refusal.value = undefined;
    try {
      return await request();
    } catch (cause) {
      if (!isTollgateError(cause)) throw cause;
      refusal.value = cause;
    } finally {
      isRunning.value = false;
    }
  }

  return { run, refusal, isRunning };
}
