import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { configure, renderHook, type RenderHookResult } from "@testing-library/react";
import { type ReactNode, StrictMode } from "react";

import { TollgateProvider } from "../../src/react/index.js";
import type { Browser } from "../browser.js";

// The default is one second, in which a busy machine does not always answer.
configure({ asyncUtilTimeout: 10_000 });

/** Renders hooks as in an app opened in this browser. */
export function renderIn<Result>(
  { tollgate }: Browser,
  hooks: () => Result,
  queryClient = new QueryClient(),
): RenderHookResult<Result, unknown> & { queryClient: QueryClient } {
  const wrapper = ({ children }: { children: ReactNode }) => (
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <TollgateProvider tollgate={tollgate}>{children}</TollgateProvider>
      </QueryClientProvider>
    </StrictMode>
  );
  return { ...renderHook(hooks, { wrapper }), queryClient };
}
