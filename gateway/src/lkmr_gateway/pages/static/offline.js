// Checks the signed code of a printed extract in this browser; nothing of it is sent anywhere.
const STORE = "lkmr-verify";
const KEYS = "/verify/keys.json";
const BYTES = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const JSON_OF = (text) => JSON.parse(new TextDecoder().decode(BYTES(text)));
const KINDS = { PRIMARY: "первичная", PRIMARY_SPECIALIZED: "первичная специализированная", PERIODIC: "периодическая", CERTIFICATE: "сертификат специалиста" };
const day = (text) => (text ? text.split("-").reverse().join(".") : "—");

// The page, its keys and its files are kept as a guest gets them: no name of a signed-in person.
async function keepForLater() {
  if (!("serviceWorker" in navigator) || !("caches" in window)) return false;
  const form = document.querySelector("[data-offline]");
  await navigator.serviceWorker.register(form.dataset.worker, { scope: "/verify/" });
  const files = performance.getEntriesByType("resource").map((one) => new URL(one.name));
  const own = files.filter((one) => one.origin === location.origin && one.pathname.startsWith("/static/"));
  const paths = new Set([location.pathname, KEYS, ...own.map((one) => one.pathname)]);
  const store = await caches.open(STORE);
  for (const path of paths) {
    const answer = await fetch(path, { credentials: "omit", cache: "reload" });
    if (answer.ok) await store.put(path, answer);
  }
  return true;
}

async function keyOf(id) {
  const { keys } = await (await fetch(KEYS, { credentials: "omit" })).json();
  const found = keys.find((one) => one.kid === id);
  if (!found) return null;
  const { kty, crv, x, y } = found;
  return crypto.subtle.importKey("jwk", { kty, crv, x, y }, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
}

// The facts of a statement, or a refusal as `{ fault }`.
export async function check(text) {
  const parts = text.trim().split(".");
  let header, told;
  try {
    [header, told] = [JSON_OF(parts[0]), JSON_OF(parts[1])];
    if (parts.length !== 3 || header.alg !== "ES256" || told.v !== 1) throw new Error("form");
  } catch {
    return { fault: "Это не код выписки", hint: "Нужен текст большого кода с выписки, целиком." };
  }
  const key = await keyOf(header.kid);
  if (!key) return { fault: "Подпись неизвестна", hint: "Такой печати у кабинета нет. Подключитесь к сети и проверьте ещё раз: печать могла смениться." };
  const signed = new TextEncoder().encode(`${parts[0]}.${parts[1]}`);
  const good = await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, BYTES(parts[2]), signed);
  return good ? { told } : { fault: "Подпись неверна", hint: "Сведения в коде изменены или код считан с ошибкой. Не принимайте такую выписку." };
}

function pair(name, value) {
  const row = document.createElement("div");
  const [term, text] = [document.createElement("dt"), document.createElement("dd")];
  [term.textContent, text.textContent] = [name, value];
  row.append(term, text);
  return row;
}

function show({ fault, hint, told }) {
  const place = document.querySelector("[data-result]");
  const old = told && told.o;
  const over = told && (told.a || (told.e && told.e < new Date(Date.now()).toLocaleDateString("sv")));
  const state = fault ? "bad" : over || old ? "warn" : "ok";
  place.querySelector("[data-state]").replaceChildren(document.getElementById(`state-${state}`).content.cloneNode(true));
  place.querySelector("h2").textContent = fault || (told.a ? "Выписка подлинная, запись аннулирована" : over ? "Выписка подлинная, срок закончился" : old ? "Выписка подлинная, сведения могли устареть" : "Выписка подлинная");
  place.querySelector("[data-hint]").textContent =
    hint || (old ? `Реестр не ответил, когда формировалась выписка: в ней то, что он сообщил ${new Date(told.o).toLocaleString("ru-RU")}. ` : "") + `Так было ${new Date(told.t).toLocaleString("ru-RU")}. Сравните с тем, что напечатано. Изменилась ли запись с тех пор, скажет только проверка по реестру.`;
  const facts = fault ? [] : [
    ["Медработник", told.n], ["Дата рождения", day(told.b)], ["Специальность", told.s], ["Вид", KINDS[told.k] || told.k],
    ["Номер записи", told.r], ["Внесена", day(told.d)], ["Действует до", day(told.e)],
  ];
  place.querySelector("dl").replaceChildren(...facts.map(([name, value]) => pair(name, value)));
  const online = place.querySelector("[data-online]");
  online.hidden = Boolean(fault);
  if (told) online.href = `/verify/${encodeURIComponent(told.id)}`;
  place.hidden = false;
  place.querySelector("h2").focus();
}

async function readPhoto(file) {
  const found = await new BarcodeDetector({ formats: ["qr_code"] }).detect(await createImageBitmap(file));
  return found.map((one) => one.rawValue).find((text) => text.split(".").length === 3 && !text.includes("/")) || "";
}

export function checkOffline() {
  const form = document.querySelector("[data-offline]");
  const text = form.querySelector("textarea");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    show(await check(text.value));
  });
  const photo = form.querySelector("[data-photo]");
  if ("BarcodeDetector" in window) {
    photo.hidden = false;
    photo.querySelector("input").addEventListener("change", async (event) => {
      text.value = await readPhoto(event.target.files[0]).catch(() => "");
      show(await check(text.value));
    });
  }
  const kept = document.querySelector("[data-kept]");
  keepForLater()
    .then((done) => { kept.hidden = !done; })
    .catch(() => { kept.hidden = true; });
}
