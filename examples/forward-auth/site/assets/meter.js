// Shows what tollgate knows about the reader, in the elements that a page has for it.
const answer = await fetch("/meter");
// 401: nobody is signed in, and there are no reads without an account.
const meter = answer.ok ? await answer.json() : {};

function show(id, isKnown, fill) {
  const element = document.getElementById(id);
  if (!element || !isKnown) return;
  fill(element);
  element.hidden = false;
}

show("left", answer.ok && !meter.subscribed, (text) => {
  text.textContent = `${meter.remaining} of ${meter.limit} free essays left`;
});
show("reset", meter.resets_at, (text) => {
  text.textContent = `Subscribe to read on, or come back on ${new Date(meter.resets_at).toLocaleDateString()}.`;
});
show("subscribe", meter.checkout_url, (link) => {
  link.href = meter.checkout_url;
});
show("sign-out", answer.ok && !meter.anonymous, () => {
  // A page may have no link to sign in.
  document.getElementById("sign-in")?.setAttribute("hidden", "");
});
