import { QueryClient } from "@tanstack/react-query";
import { createTollgate } from "@tollgate/client";

// Built, the page is served by tollgate itself; in development the two have ports of their own.
const baseUrl = import.meta.env.VITE_API_URL ?? (import.meta.env.DEV ? "http://localhost:8080" : "");

export const tollgate = createTollgate({ baseUrl });

export const queryClient = new QueryClient({
  defaultOptions: {
    // A server on this machine can be asked without a network, and a failure is better than waiting without a word.
    queries: { networkMode: "always", retryDelay: (failures) => 400 * 2 ** failures },
    mutations: { networkMode: "always" },
  },
});
