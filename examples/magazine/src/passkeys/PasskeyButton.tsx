export function PasskeyButton({ pending, signIn }: { pending: boolean; signIn: () => void }) {
  return (
    <button className="button quiet" type="button" aria-disabled={pending} onClick={() => !pending && signIn()}>
      Sign in with a passkey
    </button>
  );
}
