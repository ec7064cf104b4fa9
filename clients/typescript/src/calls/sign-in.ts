// What a page calls daily: at the top level of the client.
import { isTollgateError } from "../errors/error.js";
import { data, unwrap } from "../errors/response.js";
import type { LoginMethods, Meter, SignedInUser, User } from "../types.js";
import type { Api, Body } from "./api.js";
import { type Arguments, snakeCased } from "./arguments.js";

export type Registration = Arguments<Body<"Registration">>;
export type Login = Arguments<Body<"Login">>;

export interface SignUp extends Registration {
  /** Keep the session when the browser is closed. */
  staySignedIn?: boolean | null | undefined;
}

export interface SignInCalls {
  /** Null while signed out. */
  checkSession(): Promise<SignedInUser | null>;
  /** Creates an account, and does not sign in. */
  register(values: Registration): Promise<User>;
  /** Creates an account, and signs in. */
  signUp(values: SignUp): Promise<SignedInUser>;
  /** Fails with `second_factor_required` if the user has a second factor; `secondFactors.login` then completes the login. */
  login(values: Login): Promise<SignedInUser>;
  /** The ways to sign in that the server offers. */
  loginMethods(): Promise<LoginMethods>;
  /** Also succeeds if the session has already ended. */
  logout(): Promise<void>;
  /** Without a session, the meter of the anonymous reader (`anonymous`), if the server allows any reads. */
  meter(): Promise<Meter>;
}

export function signInCalls(api: Api): SignInCalls {
  const register = async (values: Registration) => {
    const body = snakeCased<Body<"Registration">>(values);
    // Only an address alone gets another response, and `email.requestLogin` is for that.
    return (await data(api.POST("/register", { body }))) as User;
  };
  const login = async (values: Login) => data(api.POST("/login", { body: snakeCased<Body<"Login">>(values) }));

  return {
    register,
    login,
    async signUp({ staySignedIn, ...registration }) {
      await register(registration);
      const { username, password } = registration;
      return await login({ username, password, staySignedIn });
    },
    async checkSession() {
      return nullIfUnauthorized(async () => (await data(api.GET("/check_session"))) as SignedInUser);
    },
    loginMethods: () => data(api.GET("/login/methods")),
    async logout() {
      await nullIfUnauthorized(() => unwrap(api.DELETE("/logout")));
    },
    meter: () => data(api.GET("/meter")),
  };
}

async function nullIfUnauthorized<Result>(request: () => Promise<Result>): Promise<Result | null> {
  try {
    return await request();
  } catch (error) {
    if (isTollgateError(error) && error.status === 401) return null;
    throw error;
  }
}
