// Warns two minutes before the end of a session and leaves the page when it has ended.
import { announce, span } from "./words.js";

const IDLE_WARNING = 120;
const LIMIT_WARNING = 600;
const KEEP_EVERY = 60;
const channel = "BroadcastChannel" in window ? new BroadcastChannel("lkmr-session") : null;

// A form that ends the session leads on by itself: the news of the end must not overtake its answer.
let leaving = false;
document.addEventListener("submit", (event) => {
  leaving ||= event.target.matches("[data-ends-session]");
});

export function leave(reason) {
  if (leaving) return;
  document.body.classList.add("blank");
  const here = encodeURIComponent(location.pathname + location.search);
  location.replace(`/?ended=${reason}&return_to=${here}`);
}

export function watchSession() {
  const { idle, expire, now } = document.body.dataset;
  const skew = Number(now) - Date.now();
  const limit = Number(expire) - skew;
  const dialog = document.getElementById("idle");
  const notice = document.getElementById("limit");
  const words = dialog.querySelector("[data-left]");
  let end = Date.now() + Number(idle) * 1000;
  let kept = Date.now();
  let acted = false;
  let told = 0;
  let warned = false;

  function extend() {
    end = Date.now() + Number(idle) * 1000;
    told = 0;
    if (dialog.open) dialog.close();
  }

  async function keep() {
    kept = Date.now();
    acted = false;
    const token = document.querySelector('meta[name="csrf-token"]').content;
    try {
      const answer = await fetch("/auth/keep", { method: "POST", headers: { "X-CSRF-Token": token } });
      if (answer.ok) {
        extend();
        channel?.postMessage("active");
      } else if (answer.status === 401) {
        leave("expired");
      }
    } catch {
      announce("Нет связи с кабинетом. Сеанс не продлён.", true);
    }
  }

  function warn(left) {
    const minute = Math.ceil(left / 60);
    if (minute === told) return;
    told = minute;
    words.textContent = span(minute * 60);
    if (dialog.open) announce(`До выхода из кабинета ${words.textContent}`, true);
    else dialog.showModal();
  }

  function tick() {
    const moment = Date.now();
    const left = Math.ceil((end - moment) / 1000);
    const rest = Math.ceil((limit - moment) / 1000);
    if (left <= 0 || rest <= 0) {
      clearInterval(timer);
      leave(rest <= 0 ? "expired" : "idle");
    } else if (left <= IDLE_WARNING && Number(idle) > IDLE_WARNING) {
      warn(left);
    } else if (rest <= LIMIT_WARNING && !warned) {
      warned = true;
      notice.showModal();
    } else if (acted && moment - kept > KEEP_EVERY * 1000) {
      keep();
    }
  }

  const timer = setInterval(tick, 1000);
  for (const act of ["pointerdown", "keydown"]) {
    document.addEventListener(act, () => {
      acted = !dialog.open;
    });
  }
  document.addEventListener("visibilitychange", () => document.hidden || tick());
  dialog.addEventListener("cancel", keep);
  dialog.querySelector("[data-stay]").addEventListener("click", keep);
  channel?.addEventListener("message", extend);
  channel?.postMessage("active");
}
