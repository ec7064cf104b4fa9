// A button beside each password that shows it. Without scripts there is none.
"use strict";
const { show, hide } = document.currentScript.dataset;
for (const field of document.querySelectorAll("input[type=password]")) {
  const button = document.createElement("button");
  const toggle = (isShown) => {
    field.type = isShown ? "text" : "password";
    button.textContent = isShown ? hide : show;
  };
  button.type = "button";
  button.className = "link reveal";
  button.setAttribute("aria-controls", field.id);
  button.addEventListener("click", () => toggle(field.type === "password"));
  // Browsers offer to store what was a password when the form was sent.
  field.form.addEventListener("submit", () => toggle(false));
  toggle(false);
  field.before(button);
}
