// Passkeys. What offers one is hidden in the page and shown where the browser has them; the form then carries what the
// device signed. One file instead of allauth's three: the page of sign-in is the first that a slow line carries.

const NEW = "add";

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));

const text = (buffer) =>
  btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");

const known = (list) => (list || []).map((key) => ({ ...key, id: bytes(key.id) }));

function request(options) {
  return { ...options, challenge: bytes(options.challenge), allowCredentials: known(options.allowCredentials) };
}

function creation(options, form) {
  const box = form.elements.passwordless;
  const chosen = { ...options.authenticatorSelection };
  if (box) {
    chosen.residentKey = box.checked ? "required" : "discouraged";
    chosen.requireResidentKey = box.checked;
    if (box.checked) chosen.userVerification = "required";
  }
  return {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: known(options.excludeCredentials),
    authenticatorSelection: chosen,
  };
}

function packed(credential) {
  const said = credential.response;
  const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const response = Object.fromEntries(names.filter((name) => said[name]).map((name) => [name, text(said[name])]));
  if (said.getTransports) response.transports = said.getTransports();
  return JSON.stringify({
    type: credential.type,
    id: credential.id,
    rawId: text(credential.rawId),
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

// In the page where somebody is known already; asked for where nobody is.
async function options(form) {
  const written = document.getElementById("js_data");
  if (written) return JSON.parse(written.textContent);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error("No passkey can be asked for now.");
  return answer.json();
}

async function signed(form) {
  const offered = await options(form);
  return form.dataset.passkey === NEW
    ? navigator.credentials.create({ publicKey: creation(offered.creation_options.publicKey, form) })
    : navigator.credentials.get({ publicKey: request(offered.request_options.publicKey) });
}

async function ask(event) {
  event.preventDefault();
  const { form } = event.currentTarget;
  try {
    form.elements.credential.value = packed(await signed(form));
    form.submit();
  } catch {
    for (const line of document.querySelectorAll("[data-passkey-error]")) line.textContent = line.dataset.passkeyText;
  }
}

if (window.PublicKeyCredential) {
  document.querySelectorAll("[data-passkey]").forEach((part) => (part.hidden = false));
  document.querySelectorAll("[data-passkey-missing]").forEach((part) => (part.hidden = true));
  document.querySelectorAll("[data-passkey-button]").forEach((button) => button.addEventListener("click", ask));
}
