// @vitest-environment jsdom
import { cleanup, waitFor } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import {
  useRequestPasswordReset,
  useResendVerification,
  useResetPassword,
  useSecureAccount,
  useSession,
  useVerifyEmail,
} from "../../src/react/index.js";
import { newLogin, openBrowser, password } from "../browser.js";
import { mailedToken } from "../mail.js";
import { newVerified } from "../verified.js";
import { renderIn } from "./app.js";

afterEach(cleanup);

test("the session shows that the address has been verified", async () => {
  const login = await newLogin();
  const email = `${login.username}@example.org`;
  const browser = openBrowser();
  await browser.tollgate.login(login);
  await browser.tollgate.account.update({ email });
  const { result } = renderIn(browser, () => ({
    session: useSession(),
    resend: useResendVerification(),
    verify: useVerifyEmail(),
  }));
  await waitFor(() => expect(result.current.session.data?.pending_email).toBe(email));
  const first = await mailedToken(email, "verify-email");

  result.current.resend.mutate();
  await waitFor(() => expect(result.current.resend.isSuccess).toBe(true));
  result.current.verify.mutate(first);
  await waitFor(() => expect(result.current.verify.error?.code).toBe("invalid_token"));

  result.current.verify.mutate(await mailedToken(email, "verify-email", 2));
  await waitFor(() => expect(result.current.verify.isSuccess).toBe(true));
  expect(result.current.session.data).toMatchObject({ email, email_verified: true, pending_email: null });
});

test("asking for another message updates the session if the address was verified elsewhere", async () => {
  const login = await newLogin();
  const email = `${login.username}@example.org`;
  const browser = openBrowser();
  await browser.tollgate.login(login);
  await browser.tollgate.account.update({ email });
  const { result } = renderIn(browser, () => ({ session: useSession(), resend: useResendVerification() }));
  await waitFor(() => expect(result.current.session.data?.pending_email).toBe(email));
  await openBrowser().tollgate.email.verify(await mailedToken(email, "verify-email"));

  result.current.resend.mutate();
  await waitFor(() => expect(result.current.resend.error?.code).toBe("already_verified"));
  expect(result.current.session.data?.email_verified).toBe(true);
});

test("resetting the password signs out", async () => {
  const { username, email } = await newVerified();
  const browser = openBrowser();
  await browser.tollgate.login({ username, password });
  const { result } = renderIn(browser, () => ({
    session: useSession(),
    forgot: useRequestPasswordReset(),
    reset: useResetPassword(),
  }));
  await waitFor(() => expect(result.current.session.data).toBeTruthy());

  result.current.forgot.mutate(email);
  await waitFor(() => expect(result.current.forgot.isSuccess).toBe(true));
  const token = await mailedToken(email, "reset-password");
  result.current.reset.mutate({ token, newPassword: "seven wiser toads" });
  await waitFor(() => expect(result.current.reset.isSuccess).toBe(true));
  expect(result.current.session.data).toBeNull();
});

test("securing the account signs out", async () => {
  const { username, email } = await newVerified();
  const browser = openBrowser();
  await browser.tollgate.login({ username, password });
  await openBrowser().tollgate.login({ username, password });
  const { result } = renderIn(browser, () => ({ session: useSession(), secure: useSecureAccount() }));
  await waitFor(() => expect(result.current.session.data).toBeTruthy());

  // The first sign-in to a new account is not reported, the second is.
  result.current.secure.mutate(await mailedToken(email, "secure-account"));
  await waitFor(() => expect(result.current.secure.isSuccess).toBe(true));
  expect(result.current.session.data).toBeNull();
});
