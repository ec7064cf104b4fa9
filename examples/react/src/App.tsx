import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createTollgate } from "@tollgate/client";
import { TollgateProvider, useLogin, useLogout, useMeter, usePost, useSession, useSignUp } from "@tollgate/client/react";

const tollgate = createTollgate({ baseUrl: "http://localhost:8080" });
const queryClient = new QueryClient();

export default function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <TollgateProvider tollgate={tollgate}><Magazine /></TollgateProvider>
    </QueryClientProvider>
  );
}

function Magazine() {
  const { data: user, error } = useSession();
  if (error) return <p role="alert">{error.message}</p>;
  if (user === undefined) return <p>Loading …</p>;
  return user ? <Article id={1} /> : <SignIn />;
}

function SignIn() {
  const login = useLogin();
  const signUp = useSignUp();
  const error = login.error ?? signUp.error;
  const typed = (form: FormData) => ({ username: String(form.get("username")), password: String(form.get("password")) });
  return (
    <form action={(form) => login.mutate(typed(form))}>
      <label>Username <input name="username" autoComplete="username" required /></label>
      <label>Password <input name="password" type="password" autoComplete="current-password" required /></label>
      <button>Sign in</button>
      <button formAction={(form) => signUp.mutate(typed(form))}>Create an account</button>
      {error && <p role="alert">{error.message}</p>}
    </form>
  );
}

function Article({ id }: { id: number }) {
  const { data, error } = usePost(id);
  const { data: meter } = useMeter();
  const logout = useLogout();
  const paywall = error?.code === "payment_required" ? error.body : undefined;
  return (
    <main>
      <h1>{data?.post.title ?? paywall?.post_title}</h1>
      <p>{data?.post.data ?? paywall?.excerpt}</p>
      {paywall && <a href={paywall.checkout_url}>Subscribe to read on</a>}
      {error && !paywall && <p role="alert">{error.message}</p>}
      {meter && <p>{meter.remaining} of {meter.limit} free reads left</p>}
      <button onClick={() => logout.mutate()}>Sign out</button>
    </main>
  );
}
