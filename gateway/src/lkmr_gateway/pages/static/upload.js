// Shows how far a file has come; without this module the form goes out as it is.
// A broken connection is told, and the same form may be sent again under the same key.
import { announce } from "./words.js";

export function watchUpload(form) {
  const file = form.querySelector('input[type="file"]');
  const place = form.querySelector("[data-upload-progress]");
  const [bar, words, button] = [place.querySelector("progress"), place.querySelector("[data-upload-words]"), form.querySelector('button[type="submit"]')];
  const key = crypto.randomUUID?.() ?? "";
  let running = false;

  const say = (text, urgent) => {
    words.textContent = text;
    announce(text, urgent);
  };
  const again = () => {
    running = false;
    button.disabled = false;
    say("Связь прервалась, ничего не сохранено. Отправьте ещё раз: документ не задвоится.", true);
  };

  form.addEventListener("submit", (event) => {
    if (!file.files.length || !key) return;
    event.preventDefault();
    if (running) return;
    running = true;
    button.disabled = true;
    place.hidden = false;
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("idempotency-key", key);
    request.setRequestHeader("accept", "text/html");
    request.upload.addEventListener("progress", (step) => {
      const part = Math.floor((step.loaded / step.total) * 100);
      bar.value = part;
      words.textContent = part < 100 ? `Загружено ${part}\u00a0%` : "Файл проверяется";
    });
    request.addEventListener("error", again);
    request.addEventListener("timeout", again);
    request.addEventListener("load", () => {
      if (request.status < 300) {
        location.assign(request.responseURL);
        return;
      }
      const page = new DOMParser().parseFromString(request.response, "text/html");
      document.title = page.title;
      document.getElementById("content").replaceWith(document.adoptNode(page.getElementById("content")));
      const next = document.querySelector("[data-upload]");
      if (next) watchUpload(next);
      (document.getElementById("form-fault") ?? document.getElementById("content")).focus();
    });
    request.send(new FormData(form));
  });
}
