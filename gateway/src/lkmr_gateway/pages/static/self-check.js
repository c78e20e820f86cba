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
      document.cookie = "lkmr-check=1; SameSite=Lax; Path=/";
      const kept = document.cookie.includes("lkmr-check=1");
      document.cookie = "lkmr-check=; Max-Age=0; SameSite=Lax; Path=/";
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

const popups = {
  id: "popups",
  cause: "Браузер закрыл окно подтверждения",
  act: "Разрешите всплывающие окна для Госуслуг и кабинета, затем нажмите «Подтвердить».",
  code: "LKMR-CONF-007",
  good: "Открываются",
  test() {
    const opened = window.open("", "", "popup,width=320,height=240");
    opened?.close();
    return Boolean(opened);
  },
};

const told = ({ cause, code }) => (code ? `${cause}. Код: ${code}` : cause);

// Counted without anything about the person: only the code goes out.
function count({ code }) {
  if (code) navigator.sendBeacon("/help/found", new URLSearchParams({ code }));
}

function show(check) {
  const row = document.getElementById(`check-${check.id}`);
  const good = check.test();
  const state = document.getElementById(good ? "state-ok" : "state-bad").content.cloneNode(true);
  row.querySelector("[data-state]").replaceChildren(state);
  row.querySelector("[data-hint]").textContent = good ? check.good : told(check);
  return good;
}

function name(check) {
  const place = document.querySelector("[data-found]");
  place.querySelector("[data-found-title]").textContent = check.cause;
  place.querySelector("[data-found-text]").textContent = check.act;
  const code = place.querySelector("[data-found-code]");
  code.hidden = !check.code;
  if (check.code) {
    code.firstChild.textContent = check.code;
    code.firstChild.href = `/help/codes#${check.code.toLowerCase()}`;
  }
  // What the browser itself lacks explains the last refusal too: one cause stands on the page.
  const known = document.querySelector("[data-known]");
  if (known) known.hidden = true;
  place.hidden = false;
  count(check);
}

export function checkBrowser() {
  const found = checks.filter((check) => !show(check));
  if (found.length) name(found[0]);
  const button = document.querySelector("[data-popups]");
  button.hidden = false;
  button.addEventListener("click", () => {
    if (!show(popups)) name(popups);
  });
}

// On the page with the button: say before the way to Gosuslugi that it would lead nowhere.
export function warnBrowser(place) {
  const found = checks.slice(0, 2).find((check) => !check.test());
  if (!found) return;
  place.querySelector("h2").textContent = found.cause;
  place.querySelector("p").textContent = `${found.act} Код: ${found.code}`;
  place.hidden = false;
  count(found);
}
