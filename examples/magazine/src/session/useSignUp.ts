import { useLogin, useRegister } from "@tollgate/client/react";
import { useLocation, useNavigate } from "react-router";
import type { SignInReason } from "./SignInNotice";

interface NewAccount {
  username: string;
  password: string;
  email: string | null;
  staySignedIn: boolean;
}

/** Registers and then signs in, which registering alone does not do. */
export function useSignUp() {
  const register = useRegister();
  const login = useLogin();
  const navigate = useNavigate();
  const { search } = useLocation();

  // The account exists, so the rest is left to the sign-in form.
  const reason: SignInReason = "registered";
  const onError = () => navigate({ pathname: "/login", search }, { state: { reason } });

  const signUp = ({ username, password, email, staySignedIn }: NewAccount) =>
    register.mutate(
      { username, password, email },
      { onSuccess: () => login.mutate({ username, password, staySignedIn: staySignedIn }, { onError }) },
    );
  return { signUp, pending: register.isPending || login.isPending, error: register.error };
}
