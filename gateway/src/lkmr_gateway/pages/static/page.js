// Small comforts: copying, countdowns, menus that close, folds that open by their address,
// the keyboard's place kept when a part of the page is renewed.
import { announce, span } from "./words.js";

function visibleText(place) {
  const lines = [...place.querySelectorAll("li")];
  if (lines.length) return lines.map((line) => line.textContent.trim()).join("\n");
  const rows = [...place.querySelectorAll("div")];
  if (!rows.length) return place.textContent.trim();
  return rows.map((row) => [...row.children].map((part) => part.textContent.trim()).join(": ")).join("\n");
}

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(visibleText(document.getElementById(button.dataset.copy)));
      announce("Скопировано");
      button.lastChild.textContent = "Скопировано";
    });
  }
}

const started = Date.now();
const passed = () => Math.floor((Date.now() - started) / 1000);

for (const place of document.querySelectorAll("[data-countdown]")) {
  const whole = Number(place.dataset.countdown);
  const timer = setInterval(() => {
    const left = whole - passed();
    place.textContent = left > 0 ? span(left) : place.dataset.after;
    if (left <= 0) clearInterval(timer);
  }, 1000);
}

// A sign-in that only has to wait begins again by itself, unless the person says no.
for (const place of document.querySelectorAll("[data-retry]")) {
  place.hidden = false;
  const timer = setTimeout(() => location.replace(place.dataset.href), Number(place.dataset.retry) * 1000);
  place.querySelector("button").addEventListener("click", () => {
    clearTimeout(timer);
    place.hidden = true;
    announce("Страница не будет повторять вход");
  });
}

for (const button of document.querySelectorAll("[data-wait]")) {
  button.disabled = true;
  const timer = setInterval(() => {
    if (passed() < Number(button.dataset.wait)) return;
    button.disabled = false;
    clearInterval(timer);
  }, 1000);
}

for (const button of document.querySelectorAll("[data-needs]")) {
  const field = document.getElementById(button.dataset.needs);
  const look = () => {
    button.disabled = !field.value.trim();
  };
  field.addEventListener("input", look);
  look();
}

function openTarget() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) target.open = true;
}

openTarget();
window.addEventListener("hashchange", openTarget);

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.drop[open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => closeMenus(event.target.closest("details.drop")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details.drop[open]");
  closeMenus(null);
  menu?.querySelector("summary").focus();
});

const sameThing = (one, other) =>
  one.tagName === other.tagName && one.href === other.href && one.textContent === other.textContent;
let place = null;

document.addEventListener("htmx:beforeSwap", (event) => {
  const active = document.activeElement;
  place = event.detail.target.contains(active) ? active : null;
});
document.addEventListener("htmx:afterSettle", () => {
  if (!place || document.activeElement !== document.body) return;
  const again = [...document.querySelectorAll("main :is(a, button, summary)")].find((one) => sameThing(one, place));
  (again ?? document.getElementById("content")).focus({ preventScroll: true });
  place = null;
});
