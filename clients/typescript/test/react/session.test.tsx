// @vitest-environment jsdom
import { cleanup, waitFor } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { meterQuery } from "../../src/query/index.js";
import {
  useSessions,
  useLogin,
  useLogout,
  useMeter,
  useRegister,
  useEndSession,
  useSession,
  useSignOutReason,
  useTollgate,
} from "../../src/react/index.js";
import { newLogin, openBrowser, openSignedIn, password } from "../browser.js";
import { renderIn } from "./app.js";

afterEach(cleanup);

test("the session is null, then the user after login, then null again once it was revoked elsewhere", async () => {
  const login = await newLogin();
  const browser = openBrowser();
  const { result } = renderIn(browser, () => ({
    session: useSession(),
    login: useLogin(),
    tollgate: useTollgate(),
    reason: useSignOutReason(),
  }));

  expect(result.current.session.data).toBeUndefined();
  await waitFor(() => expect(result.current.session.data).toBeNull());

  result.current.login.mutate(login);
  await waitFor(() => expect(result.current.session.data?.username).toBe(login.username));
  expect(browser.requests).toEqual(["GET /check_session", "POST /login"]);

  const elsewhere = openBrowser();
  await elsewhere.tollgate.login(login);
  await elsewhere.tollgate.sessions.endOthers();
  expect(result.current.session.data).not.toBeNull();

  await expect(result.current.tollgate.account.subscription()).rejects.toThrow();
  await waitFor(() => expect(result.current.session.data).toBeNull());
  expect(result.current.reason).toBe("ended_elsewhere");
});

test("a request without a session sets the session to null", async () => {
  const browser = openBrowser();
  renderIn(browser, () => useMeter());
  await waitFor(() => expect(browser.tollgate.session.get()).toBeNull());
});

test("a failed login has an error and leaves the session alone", async () => {
  const { username } = await newLogin();
  const { result } = renderIn(openBrowser(), () => ({ session: useSession(), login: useLogin() }));
  await waitFor(() => expect(result.current.session.data).toBeNull());
  result.current.login.mutate({ username, password: "a guess" });
  await waitFor(() => expect(result.current.login.error?.message).toMatch(/Incorrect password|Cannot login/));
  expect(result.current.session.data).toBeNull();
});

test("registering does not sign in", async () => {
  const { result } = renderIn(openBrowser(), () => ({ session: useSession(), register: useRegister() }));
  await waitFor(() => expect(result.current.session.data).toBeNull());
  const username = `bea-${crypto.randomUUID()}`;
  result.current.register.mutate({ username, password });
  await waitFor(() => expect(result.current.register.data?.username).toBe(username));
  expect(result.current.session.data).toBeNull();
});

test("logging out drops all cached data", async () => {
  const browser = await openSignedIn();
  const { result, queryClient } = renderIn(browser, () => {
    const session = useSession();
    return { session, meter: useMeter({ enabled: Boolean(session.data) }), logout: useLogout() };
  });
  await waitFor(() => expect(result.current.meter.data).toBeDefined());
  queryClient.setQueryData(["app"], "private");

  result.current.logout.mutate();
  await waitFor(() => expect(result.current.session.data).toBeNull());
  expect(queryClient.getQueryData(meterQuery(browser.tollgate).queryKey)).toBeUndefined();
  expect(queryClient.getQueryData(["app"])).toBeUndefined();
  expect(browser.requests.filter((request) => request === "GET /meter")).toHaveLength(1);
});

test("a pending check does not undo a login", async () => {
  const login = await newLogin();
  let respond = () => {};
  const slow = new Promise<void>((resolve) => (respond = resolve));
  const browser = openBrowser();
  browser.tollgate.checkSession = () => slow.then(() => null);
  const { result } = renderIn(browser, () => ({ session: useSession(), login: useLogin() }));

  await result.current.login.mutateAsync(login);
  respond();
  await slow;
  await waitFor(() => expect(result.current.session.data?.username).toBe(login.username));
});

test("revoked devices disappear from the list", async () => {
  const login = await newLogin();
  const browser = openBrowser();
  await browser.tollgate.login(login);
  await openBrowser().tollgate.login(login);
  const { result } = renderIn(browser, () => ({ devices: useSessions(), revoke: useEndSession() }));
  await waitFor(() => expect(result.current.devices.data).toHaveLength(2));

  result.current.revoke.mutate({ id: result.current.devices.data!.find(({ current }) => !current)!.id });
  await waitFor(() => expect(result.current.devices.data).toHaveLength(1));

  await openBrowser().tollgate.login(login);
  result.current.revoke.mutate({ id: "others", currentPassword: password });
  await waitFor(() => expect(result.current.revoke.variables?.id).toBe("others"));
  await waitFor(() => expect(result.current.revoke.isSuccess).toBe(true));
  expect(result.current.devices.data).toHaveLength(1);
});
