// @vitest-environment jsdom
import { cleanup, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import {
  useAddPasskey,
  useRemovePasskey,
  usePasskeyLogin,
  usePasskeyOffer,
  usePasskeys,
  useRenamePasskey,
  useSecondFactor,
  useSession,
} from "../../src/react/index.js";
import { newLogin, openBrowser, openSignedIn } from "../browser.js";
import { failureOf } from "../failure.js";
import { PasskeyBrowser } from "../passkeys.js";
import { renderIn } from "./app.js";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test("adding, renaming and deleting a passkey update the list and the session", async () => {
  new PasskeyBrowser().open();
  const browser = await openSignedIn();
  const { result } = renderIn(browser, () => ({
    session: useSession(),
    passkeys: usePasskeys(),
    add: useAddPasskey(),
    rename: useRenamePasskey(),
    remove: useRemovePasskey(),
  }));
  await waitFor(() => expect(result.current.passkeys.data).toEqual([]));
  await waitFor(() => expect(result.current.session.data).toBeDefined());

  result.current.add.mutate();
  await waitFor(() => expect(result.current.add.isSuccess).toBe(true));
  const { id } = result.current.add.data!;
  expect(result.current.passkeys.data).toMatchObject([{ id, name: "Passkey" }]);
  expect(result.current.session.data?.second_factors).toEqual(["passkey"]);

  result.current.rename.mutate({ id, name: "My phone" });
  await waitFor(() => expect(result.current.rename.isSuccess).toBe(true));
  expect(result.current.passkeys.data).toMatchObject([{ id, name: "My phone" }]);

  result.current.remove.mutate({ id });
  await waitFor(() => expect(result.current.remove.isSuccess).toBe(true));
  expect(result.current.passkeys.data).toEqual([]);
  expect(result.current.session.data?.second_factors).toEqual([]);
});

test("a passkey that was deleted elsewhere leaves the list", async () => {
  new PasskeyBrowser().open();
  const browser = await openSignedIn();
  const { id } = await browser.tollgate.passkeys.add();
  const { result } = renderIn(browser, () => ({ passkeys: usePasskeys(), rename: useRenamePasskey() }));
  await waitFor(() => expect(result.current.passkeys.data).toHaveLength(1));
  await browser.tollgate.passkeys.remove(id);
  result.current.rename.mutate({ id, name: "My phone" });
  await waitFor(() => expect(result.current.rename.error?.status).toBe(404));
  expect(result.current.passkeys.data).toEqual([]);
});

test("a login with a passkey starts the session and drops all cached data", async () => {
  new PasskeyBrowser().open();
  await (await openSignedIn()).tollgate.passkeys.add();
  const browser = openBrowser();
  const { result, queryClient } = renderIn(browser, () => ({ session: useSession(), login: usePasskeyLogin() }));
  await waitFor(() => expect(result.current.session.data).toBeNull());
  queryClient.setQueryData(["app"], "private");
  result.current.login.mutate({ staySignedIn: true });
  await waitFor(() => expect(result.current.session.data?.session.stay_signed_in).toBe(true));
  expect(result.current.session.data).toEqual(await browser.tollgate.checkSession());
  expect(queryClient.getQueryData(["app"])).toBeUndefined();
});

test("a passkey is a second step", async () => {
  new PasskeyBrowser().open();
  const login = await newLogin();
  const { tollgate } = openBrowser();
  await tollgate.login(login);
  await tollgate.passkeys.add();
  const browser = openBrowser();
  await failureOf(browser.tollgate.login(login));
  const { result } = renderIn(browser, () => ({ session: useSession(), step: useSecondFactor() }));
  result.current.step.mutate({ method: "passkey" });
  await waitFor(() => expect(result.current.session.data?.username).toBe(login.username));
});

test("the passkey that is chosen among the usernames logs in, and one that is refused can be followed by another", async () => {
  const passkeys = new PasskeyBrowser().open();
  const other = await openSignedIn();
  const deleted = await other.tollgate.passkeys.add();
  await other.tollgate.passkeys.remove(deleted.id);
  const user = await openSignedIn();
  await user.tollgate.passkeys.add();
  const { username } = (await user.tollgate.checkSession())!;
  let choose = () => {};
  passkeys.choose = () => new Promise((resolve) => void (choose = resolve));

  const { result, rerender } = renderIn(openBrowser(), () => ({
    session: useSession(),
    error: usePasskeyOffer({ staySignedIn: () => true }),
  }));
  await waitFor(() => {
    choose();
    expect(result.current.error?.code).toBe("invalid_credential");
  });
  passkeys.keys.shift();
  rerender();
  await waitFor(() => {
    choose();
    expect(result.current.session.data?.username).toBe(username);
  });
  expect(result.current.session.data?.session.stay_signed_in).toBe(true);
});

test("nothing is offered while it is disabled, or when the component is gone", async () => {
  const passkeys = new PasskeyBrowser().open();
  const offers = new Set<AbortSignal>();
  passkeys.choose = ({ signal }) => {
    offers.add(signal!);
    return new Promise(() => {});
  };
  const pending = () => [...offers].filter((signal) => !signal.aborted).length;
  let enabled = false;
  const { rerender, unmount } = renderIn(openBrowser(), () => usePasskeyOffer({ enabled }));
  await openSignedIn();
  expect(offers.size).toBe(0);
  enabled = true;
  rerender();
  await waitFor(() => expect(pending()).toBe(1));
  enabled = false;
  rerender();
  await waitFor(() => expect(pending()).toBe(0));
  enabled = true;
  rerender();
  await waitFor(() => expect(pending()).toBe(1));
  unmount();
  expect(pending()).toBe(0);
});
