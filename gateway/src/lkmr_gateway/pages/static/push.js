// Notifications of this browser: asked for by the person, on the page of the preferences.
const RAW = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));

async function subscribe(button, state) {
  if ((await Notification.requestPermission()) !== "granted") {
    state.textContent = "Браузер не разрешил уведомления. Разрешите их для этого сайта в настройках браузера.";
    return;
  }
  const worker = await navigator.serviceWorker.register(button.dataset.worker);
  await navigator.serviceWorker.ready.catch(() => worker);
  const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: RAW(button.dataset.push) });
  const answer = await fetch("/api/v1/push-subscriptions", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": document.querySelector("meta[name=csrf-token]").content },
    body: JSON.stringify(made.toJSON()),
  });
  state.textContent = answer.ok
    ? "Включены. Они приходят, даже когда кабинет закрыт."
    : "Включить не получилось. Повторите через минуту.";
  button.hidden = answer.ok;
}

export function offerPush() {
  const button = document.querySelector("[data-push]");
  const state = document.querySelector("[data-push-state]");
  if (!button || !("serviceWorker" in navigator) || !("PushManager" in window)) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    subscribe(button, state).catch(() => {
      state.textContent = "Этот браузер сейчас не может включить уведомления.";
    });
  });
}
