import { useLogin, useRegister } from "@tollgate/client/react";
import { useLocation, useNavigate } from "react-router";
import type { Farewell } from "./next";

interface Enrolment {
  username: string;
  password: string;
  email: string | null;
  staySignedIn: boolean;
}

/** Registers and signs in: a registration alone opens no session. */
export function useEnrol() {
  const register = useRegister();
  const login = useLogin();
  const navigate = useNavigate();
  const { search } = useLocation();

  // Registered is registered, so what is left to do is done on the other page.
  const farewell: Farewell = "registered";
  const onError = () => navigate({ pathname: "/login", search }, { state: { farewell } });

  const enrol = ({ username, password, email, staySignedIn }: Enrolment) =>
    register.mutate(
      { username, password, email },
      { onSuccess: () => login.mutate({ username, password, stay_signed_in: staySignedIn }, { onError }) },
    );
  return { enrol, pending: register.isPending || login.isPending, error: register.error };
}
