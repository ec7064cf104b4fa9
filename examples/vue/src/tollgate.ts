import { createTollgate, type SignedInUser, type SignOutReason } from "@tollgate/client";
import { ref } from "vue";

const baseUrl = import.meta.env.VITE_API_URL ?? (import.meta.env.DEV ? "http://localhost:8080" : "");

/** Undefined while loading, null if nobody is signed in. */
export const user = ref<SignedInUser | null>();
export const signOutReason = ref<SignOutReason | null>(null);

export const tollgate = createTollgate({
  baseUrl,
  onSignedOut(reason) {
    user.value = null;
    signOutReason.value = reason;
  },
});
