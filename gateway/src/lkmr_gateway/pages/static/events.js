// Facts from the server. One tab of the browser holds the stream and tells the others, because
// a browser opens few connections to one host.
import { announce } from "./words.js";
import { leave } from "./session.js";

const channel = "BroadcastChannel" in window ? new BroadcastChannel("lkmr-events") : null;
let told = "";

function count(step) {
  const place = document.getElementById("inbox-count");
  const shown = place?.querySelector(".count");
  if (!place) return;
  if (shown) {
    shown.textContent = String(Number(shown.textContent) + step);
    return;
  }
  const words = document.createElement("span");
  words.className = "hidden";
  words.textContent = ", непрочитанных: ";
  const number = document.createElement("span");
  number.className = "count";
  number.textContent = String(step);
  place.append(words, number);
}

function refresh(name) {
  document.body.dispatchEvent(new CustomEvent(name));
}

const on = {
  message(item) {
    announce(`Новое сообщение: ${item.title}`);
    count(1);
    refresh("message-arrived");
  },
  changed() {
    told = "Сведения на странице обновлены";
    refresh("changed");
  },
  resync() {
    refresh("changed");
    refresh("message-arrived");
  },
  session_ended() {
    leave("revoked");
  },
};

function handle(kind, value) {
  on[kind](value);
  channel?.postMessage({ kind, value });
}

function connect(path, again = false, failures = 0) {
  const stream = new EventSource(path);
  let opened = failures;
  let lost = again;
  const retry = (delay) => {
    stream.close();
    setTimeout(connect, delay, path, true, opened + 1);
  };
  stream.addEventListener("open", () => {
    opened = 0;
    if (lost) handle("resync");
    lost = false;
  });
  stream.addEventListener("error", () => {
    lost = true;
    if (stream.readyState === EventSource.CLOSED) retry(Math.min(300, 5 * 2 ** opened) * 1000 * (0.5 + Math.random() / 2));
  });
  stream.addEventListener("message", (event) => handle("message", JSON.parse(event.data)));
  stream.addEventListener("changed", (event) => handle("changed", JSON.parse(event.data)));
  stream.addEventListener("session_ended", () => handle("session_ended"));
  stream.addEventListener("reconnect", () => {
    opened = -1;
    retry(Math.random() * 5000);
  });
}

export function watchEvents() {
  const path = document.body.dataset.events;
  channel?.addEventListener("message", (event) => on[event.data.kind](event.data.value));
  if (channel && navigator.locks) {
    navigator.locks.request("lkmr-events", () => new Promise(() => connect(path)));
  } else {
    connect(path);
  }
  // A refresh that the person did not ask for must not prolong the session.
  document.addEventListener("htmx:configRequest", (event) => {
    const asked = event.detail.triggeringEvent?.type;
    if (asked === "changed" || asked === "message-arrived") event.detail.headers["X-Background"] = "1";
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!told) return;
    announce(told);
    told = "";
  });
}
