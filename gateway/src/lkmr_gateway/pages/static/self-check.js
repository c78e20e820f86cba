// Checks what only the browser knows, names one cause and one thing to do.
const MINUTE = 60_000;

const checks = [
  {
    id: "cookies",
    cause: "Браузер не сохраняет файлы cookie",
    act: "Разрешите cookie для сайта кабинета и Госуслуг в настройках браузера и обновите страницу.",
    code: "LKMR-AUTH-004",
    good: "Браузер их сохраняет",
    test() {
      if (!navigator.cookieEnabled) return false;
      document.cookie = "lkmr-check=1; SameSite=Lax; Path=/help";
      const kept = document.cookie.includes("lkmr-check=1");
      document.cookie = "lkmr-check=; Max-Age=0; SameSite=Lax; Path=/help";
      return kept;
    },
  },
  {
    id: "storage",
    cause: "Локальное хранилище браузера недоступно",
    act: "Выйдите из режима инкогнито или разрешите хранение данных и обновите страницу.",
    code: "LKMR-AUTH-005",
    good: "Работает",
    test() {
      try {
        localStorage.setItem("lkmr-check", "1");
        localStorage.removeItem("lkmr-check");
        return true;
      } catch {
        return false;
      }
    },
  },
  {
    id: "browser",
    cause: "Браузер устарел",
    act: "Установите последнюю версию браузера и откройте кабинет в нём.",
    code: "LKMR-AUTH-006",
    good: "Умеет всё, что нужно кабинету",
    test: () => "popover" in HTMLElement.prototype && CSS.supports("selector(:has(a))"),
  },
  {
    id: "clock",
    cause: "Часы устройства идут неверно",
    act: "Включите автоматическую установку времени в настройках устройства и обновите страницу.",
    good: "Идут верно",
    test: () => Math.abs(Number(document.body.dataset.now) + performance.now() - Date.now()) < MINUTE,
  },
];

const told = ({ cause, code }) => (code ? `${cause}. Код: ${code}` : cause);

export function checkBrowser() {
  let found = null;
  for (const check of checks) {
    const row = document.getElementById(`check-${check.id}`);
    const good = check.test();
    const state = document.getElementById(good ? "state-ok" : "state-bad").content.cloneNode(true);
    row.querySelector("[data-state]").replaceChildren(state);
    row.querySelector("[data-hint]").textContent = good ? check.good : told(check);
    if (!good) found ??= check;
  }
  const place = document.querySelector("[data-found]");
  if (!found || !place) return;
  place.querySelector("[data-found-title]").textContent = found.cause;
  place.querySelector("[data-found-text]").textContent = found.code ? `${found.act} Код: ${found.code}.` : found.act;
  place.hidden = false;
}
