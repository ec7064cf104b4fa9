const page = document.getElementById("page");

async function call(path, body) {
  const json = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(path, body ? json : {});
  return { response, body: await response.json() };
}

function show(tag, text, parent = page) {
  const element = document.createElement(tag);
  element.textContent = text;
  return parent.appendChild(element);
}

/** Shows the sign-in form, and the post once the reader is signed in. */
function signIn() {
  page.replaceChildren(document.getElementById("sign-in").content.cloneNode(true));
  page.querySelector("form").onsubmit = async (event) => {
    event.preventDefault();
    const [username, password] = ["username", "password"].map((id) => document.getElementById(id).value);
    let answer = await call(event.submitter.value, { username, password });
    // Creating an account does not sign in.
    if (answer.response.status === 201) answer = await call("/login", { username, password });
    if (answer.response.ok) read(1);
    else page.querySelector("[role=alert]").textContent = answer.body.error;
  };
}

/** Each call costs one read. */
async function read(id) {
  const { response, body } = await call(`/blog/${id}`);
  if (body.code === "login_required") return signIn();
  page.replaceChildren();
  show("h1", body.title ?? body.post_title);
  show("p", body.data ?? body.excerpt);
  if (body.code === "payment_required") show("a", "Subscribe to read on").href = body.checkout_url;
  show("p", `${response.headers.get("X-Reads-Remaining")} of ${response.headers.get("X-Reads-Limit")} free reads left`);
}

read(1);
