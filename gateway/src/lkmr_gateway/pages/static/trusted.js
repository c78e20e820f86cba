// The one Trusted Types policy. It lets exactly one text become markup: the answer of our own
// origin that htmx is about to swap in. Everything else that wants to parse text is refused.
const WORKERS = ["./push-worker.js", "./verify-worker.js"];
let expected = null;

if (window.trustedTypes) {
  window.trustedTypes.createPolicy("default", {
    createHTML: (text) => (text === expected ? text : null),
    createScriptURL: (text) => (WORKERS.includes(text) ? text : null),
  });
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, serverResponse, target } = event.detail;
  const own = new URL(xhr.responseURL || location.href).origin === location.origin;
  if (own && serverResponse.includes(`id="${target.id}"`)) {
    expected = serverResponse;
    return;
  }
  // Another page came back, as the sign-in page after the end of a session: open it whole.
  event.detail.shouldSwap = false;
  if (xhr.status < 400) location.assign(xhr.responseURL || location.href);
});

document.addEventListener("htmx:afterSwap", () => {
  expected = null;
});
