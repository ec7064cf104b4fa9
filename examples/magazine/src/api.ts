import { QueryClient } from "@tanstack/react-query";
import { createTollgate } from "@tollgate/client";

// The built app is served by tollgate itself. In development, the app and the API have different ports.
const baseUrl = import.meta.env.VITE_API_URL ?? (import.meta.env.DEV ? "http://localhost:8080" : "");

export const tollgate = createTollgate({ baseUrl });

export const queryClient = new QueryClient({
  defaultOptions: {
    // Without this, requests wait silently while the browser is offline, even those to a server on this machine.
    queries: { networkMode: "always", retryDelay: (failures) => 400 * 2 ** failures },
    mutations: { networkMode: "always" },
  },
});
