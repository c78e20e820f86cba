// Passkeys: a form that is sent only after the device has answered. Without them the form says so.
const supported = "PublicKeyCredential" in window && "parseRequestOptionsFromJSON" in PublicKeyCredential;

async function proofOptions() {
  const token = document.querySelector("meta[name=csrf-token]").content;
  const answer = await fetch("/api/v1/step-up/passkey", { method: "POST", headers: { "X-CSRF-Token": token } });
  if (!answer.ok) throw new DOMException((await answer.json()).title, "NotReadableError");
  return (await answer.json()).options;
}

async function ask(form) {
  if (form.dataset.passkey === "create") {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(form.dataset.options));
    return navigator.credentials.create({ publicKey });
  }
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(await proofOptions());
  return navigator.credentials.get({ publicKey });
}

// Only what is checked is sent: browsers repeat the key in several forms.
function needed({ id, rawId, type, response }) {
  const { clientDataJSON, attestationObject, authenticatorData, signature, userHandle } = response;
  const answer = attestationObject
    ? { clientDataJSON, attestationObject }
    : { clientDataJSON, authenticatorData, signature, userHandle };
  return JSON.stringify({ id, rawId, type, response: answer });
}

function wordsOf(fault) {
  if (fault.name === "InvalidStateError") return "Этот ключ уже добавлен.";
  if (fault.name === "NotReadableError") return fault.message;
  return "Устройство не подтвердило вас: запрос отменён или время вышло. Повторите или выберите код из SMS.";
}

async function offered(form) {
  if (!("passkeyUnsure" in form.dataset)) return true;
  const answer = await fetch("/api/v1/step-up", { headers: { "X-Background": "1" } });
  return answer.ok && (await answer.json()).passkey_offered;
}

export async function offerPasskeys() {
  if (!supported) return;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!(await offered(form))) continue;
    const state = form.querySelector("[data-passkey-state]");
    form.hidden = false;
    state.textContent = "";
    for (const button of form.querySelectorAll("[data-passkey-go]")) button.disabled = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      state.textContent = "";
      try {
        form.elements.credential.value = needed((await ask(form)).toJSON());
        form.submit();
      } catch (fault) {
        state.textContent = wordsOf(fault);
      }
    });
  }
}
