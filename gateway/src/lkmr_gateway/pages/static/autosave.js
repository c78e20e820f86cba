// Drafts are kept as one types: three seconds after the last key, and when the page is left.
const PAUSE = 3000;

function answersOf(form) {
  const answers = {};
  for (const field of form.elements) {
    if (!field.name || field.name === "csrf_token") continue;
    answers[field.name] = field.type === "checkbox" ? (field.checked ? field.value : "") : field.value;
  }
  return answers;
}

async function save(form, state, held) {
  const answer = await fetch(form.dataset.autosave, {
    method: "PATCH",
    keepalive: held.keepalive,
    headers: {
      "Content-Type": "application/json",
      "X-CSRF-Token": document.querySelector("meta[name=csrf-token]").content,
      "If-Match": `"${held.version}"`,
    },
    body: JSON.stringify({ answers: answersOf(form) }),
  });
  if (answer.ok) {
    held.version = answer.headers.get("ETag").replace(/\D/g, "");
    state.textContent = `Сохранено в ${new Date().toLocaleTimeString("ru-RU", { hour: "2-digit", minute: "2-digit" })}`;
  } else if (answer.status === 409) {
    state.textContent = "Заявление изменилось в другом окне. Обновите страницу: там новая версия.";
    held.stopped = true;
  } else if (answer.status === 422) {
    const { errors } = await answer.json();
    state.textContent = `Пока не сохранено: ${errors.map((one) => one.detail).join(" ")}`;
  } else {
    state.textContent = "Не сохранено, повторим. Проверьте связь.";
    held.dirty = true;
  }
}

export function saveDrafts() {
  const form = document.querySelector("[data-autosave]");
  const state = form.querySelector("[data-saved]");
  const held = { version: form.dataset.version, dirty: false, timer: 0, running: Promise.resolve(), stopped: false, keepalive: false };
  const keep = () => {
    clearTimeout(held.timer);
    if (!held.dirty || held.stopped) return;
    held.dirty = false;
    held.running = held.running.then(() => save(form, state, held)).catch(() => {
      held.dirty = true;
      state.textContent = "Не сохранено: нет связи. Повторим, когда она появится.";
      held.timer = setTimeout(keep, PAUSE);
    });
  };
  form.addEventListener("input", () => {
    held.dirty = true;
    clearTimeout(held.timer);
    held.timer = setTimeout(keep, PAUSE);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden") return;
    held.keepalive = true;
    keep();
    held.keepalive = false;
  });
  form.addEventListener("submit", () => {
    held.dirty = false;
    clearTimeout(held.timer);
  });
}
