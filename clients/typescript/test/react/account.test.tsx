// @vitest-environment jsdom
import { cleanup, waitFor } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import {
  useChangePassword,
  useDeleteAccount,
  useSessions,
  useSession,
  useSignOutReason,
  useUpdateAccount,
} from "../../src/react/index.js";
import { newLogin, openBrowser, openSignedIn, password } from "../browser.js";
import { renderIn } from "./app.js";

afterEach(cleanup);

test("a changed email address appears in the session, where it waits to be verified", async () => {
  const browser = await openSignedIn();
  const { result } = renderIn(browser, () => ({ session: useSession(), update: useUpdateAccount() }));
  await waitFor(() => expect(result.current.session.data?.email).toBeNull());
  const email = `${crypto.randomUUID()}@example.org`;
  result.current.update.mutate({ email });
  await waitFor(() => expect(result.current.session.data?.pending_email).toBe(email));
  expect(result.current.session.data?.email).toBeNull();
  expect(result.current.session.data?.session).toBeDefined();
  // The log-in and the change have said everything.
  expect(browser.requests).not.toContain("GET /check_session");
});

test("a changed password refreshes the session and the devices", async () => {
  const login = await newLogin();
  const browser = openBrowser();
  await browser.tollgate.login(login);
  await openBrowser().tollgate.login(login);
  const { result } = renderIn(browser, () => ({
    session: useSession(),
    devices: useSessions(),
    change: useChangePassword(),
  }));
  await waitFor(() => expect(result.current.devices.data).toHaveLength(2));
  await waitFor(() => expect(result.current.session.data).toBeTruthy());
  const before = result.current.session.data?.session.fresh_until;
  result.current.change.mutate({ currentPassword: password, newPassword: "seven wiser toads" });
  await waitFor(() => expect(result.current.devices.data).toHaveLength(1));
  await waitFor(() => expect(result.current.session.data?.session.fresh_until).not.toBe(before));
});

test("deleting the account signs out", async () => {
  const browser = await openSignedIn();
  const { result, queryClient } = renderIn(browser, () => ({
    session: useSession(),
    remove: useDeleteAccount(),
    reason: useSignOutReason(),
  }));
  await waitFor(() => expect(result.current.session.data).toBeTruthy());
  queryClient.setQueryData(["app"], "private");

  result.current.remove.mutate({ currentPassword: "a guess" });
  await waitFor(() => expect(result.current.remove.error?.code).toBe("incorrect_password"));
  expect(result.current.session.data).toBeTruthy();

  result.current.remove.mutate({ currentPassword: password });
  await waitFor(() => expect(result.current.session.data).toBeNull());
  await waitFor(() => expect(queryClient.getQueryData(["app"])).toBeUndefined());
  expect(result.current.reason).toBe("account_deleted");
});
