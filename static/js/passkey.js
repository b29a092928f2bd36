// Passkeys need a browser that has them: what offers one is hidden in the page and shown here.
// allauth's own scripts do the ceremony; this file only says aloud what they write to the console.

if (window.PublicKeyCredential) {
  document.querySelectorAll("[data-passkey]").forEach((part) => (part.hidden = false));
  document.querySelectorAll("[data-passkey-missing]").forEach((part) => (part.hidden = true));
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  for (const line of document.querySelectorAll("[data-passkey-error]")) line.textContent = line.dataset.passkeyText;
});
