// @vitest-environment jsdom
import { cleanup, waitFor } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { isTollgateError } from "../../src/index.js";
import {
  useSessions,
  useForgetTrustedBrowsers,
  useLogin,
  useMeter,
  useRecoveryCodes,
  useSecondFactor,
  useSession,
  useTotp,
} from "../../src/react/index.js";
import { tollgateError } from "../../src/errors/error.js";
import { Authenticator } from "../authenticator.js";
import { openBrowser, openSignedIn, password } from "../browser.js";
import { newEnrolled } from "../enrolled.js";
import { failureOf } from "../failure.js";
import { renderIn } from "./app.js";

afterEach(cleanup);

test("the session begins with the second step, which drops all cached data", async () => {
  const { username, recoveryCodes } = await newEnrolled();
  const browser = openBrowser();
  const { result, queryClient } = renderIn(browser, () => ({
    session: useSession(),
    login: useLogin(),
    step: useSecondFactor(),
  }));
  await waitFor(() => expect(result.current.session.data).toBeNull());
  queryClient.setQueryData(["app"], "private");

  result.current.login.mutate({ username, password });
  await waitFor(() => expect(isTollgateError(result.current.login.error, "second_factor_required")).toBe(true));
  expect(result.current.session.data).toBeNull();

  result.current.step.mutate({ method: "recovery_code", code: recoveryCodes[0]! });
  await waitFor(() => expect(result.current.step.data?.recovery_codes_left).toBe(9));
  expect(result.current.session.data).toEqual(await browser.tollgate.checkSession());
  expect(queryClient.getQueryData(["app"])).toBeUndefined();
});

test("the previous session is over with the first step, even one that the client has not seen", async () => {
  const { username } = await newEnrolled();
  const browser = await openSignedIn();
  const { tollgate } = openBrowser();
  const { result } = renderIn({ ...browser, tollgate }, () => useLogin());
  result.current.mutate({ username, password });
  await waitFor(() => expect(result.current.isError).toBe(true));
  expect(tollgate.session.get()).toBeNull();
});

test("the session shows which factors are enrolled", async () => {
  const browser = await openSignedIn();
  const { result } = renderIn(browser, () => ({ session: useSession(), totp: useTotp(), codes: useRecoveryCodes() }));
  await waitFor(() => expect(result.current.session.data?.second_factors).toEqual([]));

  result.current.totp.start.mutate();
  await waitFor(() => expect(result.current.totp.start.data).toBeDefined());
  const authenticator = new Authenticator(result.current.totp.start.data!.secret);
  result.current.totp.confirm.mutate("12345");
  await waitFor(() => expect(result.current.totp.confirm.error?.code).toBe("incorrect_code"));
  result.current.totp.confirm.mutate(await authenticator.code());
  await waitFor(() => expect(result.current.totp.confirm.data).toHaveLength(10));
  expect(result.current.session.data?.second_factors).toEqual(["totp"]);

  result.current.codes.mutate();
  await waitFor(() => expect(result.current.codes.data).toHaveLength(10));
  expect(result.current.codes.data).not.toEqual(result.current.totp.confirm.data);

  browser.userAgent = "Firefox/146.0";
  result.current.totp.remove.mutate();
  await waitFor(() => expect(result.current.totp.remove.error?.code).toBe("fresh_login_required"));
  result.current.totp.remove.mutate({ currentPassword: password });
  await waitFor(() => expect(result.current.totp.remove.isSuccess).toBe(true));
  expect(result.current.session.data?.second_factors).toEqual([]);
});

test("enrolling again updates the session if an app was enrolled elsewhere", async () => {
  const browser = await openSignedIn();
  const { result } = renderIn(browser, () => ({ session: useSession(), totp: useTotp() }));
  await waitFor(() => expect(result.current.session.data?.second_factors).toEqual([]));
  const { secret } = await browser.tollgate.totp.start();
  await browser.tollgate.totp.confirm(await new Authenticator(secret).code());

  result.current.totp.start.mutate();
  await waitFor(() => expect(result.current.totp.start.error?.code).toBe("already_enrolled"));
  expect(result.current.session.data?.second_factors).toEqual(["totp"]);
});

test("what the policy refused is fetched again once a factor is enrolled", async () => {
  const browser = await openSignedIn();
  const { meter } = browser.tollgate;
  browser.tollgate.meter = async () => {
    throw tollgateError("add a second factor", { status: 403, code: "second_factor_required_by_policy" });
  };
  const { result } = renderIn(browser, () => ({ meter: useMeter(), totp: useTotp() }));
  await waitFor(() => expect(result.current.meter.error?.code).toBe("second_factor_required_by_policy"));
  browser.tollgate.meter = meter;

  const { secret } = await browser.tollgate.totp.start();
  result.current.totp.confirm.mutate(await new Authenticator(secret).code());
  await waitFor(() => expect(result.current.meter.data?.used).toBe(0));
});

test("the seed and the recovery codes do not stay in the cache", async () => {
  const { browser } = await newEnrolled();
  const { result, queryClient, unmount } = renderIn(browser, () => useRecoveryCodes());
  result.current.mutate();
  await waitFor(() => expect(result.current.data).toHaveLength(10));
  unmount();
  await waitFor(() => expect(queryClient.getMutationCache().getAll()).toEqual([]));
});

test("forgetting trusted browsers updates the devices", async () => {
  const { username, recoveryCodes } = await newEnrolled();
  const browser = openBrowser();
  await failureOf(browser.tollgate.login({ username, password }));
  const code = recoveryCodes[0]!;
  await browser.tollgate.secondFactors.login({ method: "recovery_code", code, trustBrowser: true });
  const { result } = renderIn(browser, () => ({ devices: useSessions(), forget: useForgetTrustedBrowsers() }));
  const trusted = () => result.current.devices.data?.filter((device) => device.trusted_browser).length;
  await waitFor(() => expect(trusted()).toBe(1));
  result.current.forget.mutate();
  await waitFor(() => expect(result.current.forget.isSuccess).toBe(true));
  expect(trusted()).toBe(0);
});
