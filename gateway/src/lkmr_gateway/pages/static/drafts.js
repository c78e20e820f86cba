// Text that is being typed is kept on the server five seconds after it, and offered when the form is opened again.
import { announce } from "./words.js";

const PAUSE = 3000;
const SENT = "lkmr-sent-form";
const SKIPPED = new Set(["password", "hidden", "file", "submit", "button"]);
const token = () => document.querySelector('meta[name="csrf-token"]').content;
const headers = () => ({ "Content-Type": "application/json", "X-CSRF-Token": token() });

function fieldsOf(form) {
  return [...form.elements].filter((field) => field.name && !SKIPPED.has(field.type));
}

function typed(form) {
  const found = {};
  for (const field of fieldsOf(form)) {
    if (field.type === "checkbox" || field.type === "radio" ? field.checked : field.value) found[field.name] = field.value;
  }
  return found;
}

function fill(form, fields) {
  for (const field of fieldsOf(form)) {
    if (!(field.name in fields)) continue;
    if (field.type === "checkbox" || field.type === "radio") field.checked = field.value === fields[field.name];
    else field.value = fields[field.name];
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

const drop = (path) => fetch("/api/v1/drafts", { method: "DELETE", headers: headers(), body: JSON.stringify({ form: path }) });

function note(form) {
  let place = form.querySelector("[data-draft-state]");
  if (!place) {
    place = document.createElement("p");
    place.className = "small second";
    place.dataset.draftState = "";
    form.append(place);
  }
  return place;
}

function watch(form) {
  const path = new URL(form.action).pathname;
  let timer = null;
  let saved = JSON.stringify(typed(form));
  async function save() {
    clearTimeout(timer);
    const fields = typed(form);
    const now = JSON.stringify(fields);
    if (now === saved || !Object.keys(fields).length) return;
    const body = JSON.stringify({ form: path, page: location.pathname + location.search, fields });
    const answer = await fetch("/api/v1/drafts", { method: "PUT", headers: headers(), body, keepalive: true }).catch(() => null);
    if (!answer?.ok) return;
    saved = now;
    const moment = new Date((await answer.json()).update_time);
    note(form).textContent = `Сохранено в ${moment.toLocaleTimeString("ru-RU", { hour: "2-digit", minute: "2-digit" })}`;
  }
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  });
  document.addEventListener("visibilitychange", () => document.hidden && save());
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    sessionStorage.setItem(SENT, path);
  });
}

function offer(form, draft) {
  const place = document.createElement("div");
  place.className = "banner info";
  place.setAttribute("role", "status");
  const moment = new Date(draft.update_time);
  const words = document.createElement("p");
  words.textContent = `Есть черновик, сохранён ${moment.toLocaleString("ru-RU", { day: "2-digit", month: "2-digit", hour: "2-digit", minute: "2-digit" })}.`;
  const restore = document.createElement("button");
  restore.className = "button button--second button--small";
  restore.type = "button";
  restore.textContent = "Восстановить введённое";
  restore.addEventListener("click", () => {
    fill(form, draft.fields);
    place.remove();
    announce("Введённое восстановлено");
    fieldsOf(form)[0]?.focus();
  });
  const forget = document.createElement("button");
  forget.className = "button button--quiet button--small";
  forget.type = "button";
  forget.textContent = "Удалить черновик";
  forget.addEventListener("click", async () => {
    await drop(draft.form);
    place.remove();
    announce("Черновик удалён");
  });
  const row = document.createElement("p");
  row.className = "row";
  row.append(restore, forget);
  place.append(words, row);
  form.before(place);
}

function takeSent() {
  try {
    const sent = sessionStorage.getItem(SENT);
    sessionStorage.removeItem(SENT);
    return sent ?? "";
  } catch {
    return "";
  }
}

// A form that was sent and answered without a fault has done its work: its draft goes. One that waits for a
// confirmation is still to be sent.
async function forgetSent() {
  const sent = takeSent();
  const status = performance.getEntriesByType("navigation")[0]?.responseStatus ?? 200;
  if (!sent) return "";
  const waits = [...document.querySelectorAll("form")].filter((form) => form.querySelector("input[type=hidden][name=kept]"));
  for (const form of waits) form.addEventListener("submit", () => sessionStorage.setItem(SENT, sent));
  if (waits.length || status >= 400) return "";
  await drop(sent);
  return sent;
}

export function forgetNothing() {
  takeSent();
}

export async function keepDrafts() {
  const forgotten = await forgetSent().catch(() => "");
  const forms = [...document.querySelectorAll("form[data-draft]")];
  if (!forms.length) return;
  const answer = await fetch("/api/v1/drafts", { headers: { "X-Background": "1" } }).catch(() => null);
  const drafts = answer?.ok ? (await answer.json()).items : [];
  for (const form of forms) {
    const path = new URL(form.action).pathname;
    const draft = drafts.find((one) => one.form === path && one.form !== forgotten);
    if (draft) offer(form, draft);
    watch(form);
  }
}
