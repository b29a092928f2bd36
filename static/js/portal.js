// Everything works without this file; it only makes pages quieter and faster to use.
// Floor: Chrome 109, Firefox ESR 115.

const script = document.getElementById("portal-script");
const live = document.getElementById("portal-live");

// GOV.UK components start only on a body that says it can.
async function startComponents(scope) {
  document.body.classList.add("js-enabled", "govuk-frontend-supported");
  const { initAll } = await import(script.dataset.govuk);
  initAll({ scope });
}

// Says it once; the region must exist before the text changes.
function announce(text) {
  if (live && text && live.textContent !== text) live.textContent = text;
}

function focusFirst(scope) {
  const target =
    scope.querySelector(".govuk-error-summary") ||
    scope.querySelector("[data-portal-focus]") ||
    scope.querySelector("[autofocus]");
  if (!target) return;
  if (!target.hasAttribute("tabindex") && !target.matches("input,select,textarea,button,a")) {
    target.setAttribute("tabindex", "-1");
  }
  target.focus();
}

// --- text typed and not yet sent --------------------------------------

const dirty = new Set();

function watch(form) {
  if (form.dataset.portalWatched) return;
  form.dataset.portalWatched = "1";
  form.addEventListener("input", () => dirty.add(form));
  form.addEventListener("submit", () => dirty.delete(form));
  form.addEventListener("portal:kept", () => dirty.delete(form));
}

window.addEventListener("beforeunload", (event) => {
  for (const form of dirty) if (form.isConnected) event.preventDefault();
});

// --- files -------------------------------------------------------------

function humanSize(bytes) {
  const unit = bytes < 1048576 ? ["kilobyte", 1024] : ["megabyte", 1048576];
  const number = new Intl.NumberFormat(document.documentElement.lang, {
    style: "unit",
    unit: unit[0],
    maximumFractionDigits: 1,
  });
  return number.format(bytes / unit[1]);
}

// <input type="file" data-portal-max="10485760" data-portal-too-large="...">
function checkSize(input) {
  const file = input.files[0];
  const limit = Number(input.dataset.portalMax);
  const tooLarge = file && limit && file.size > limit;
  input.setCustomValidity(tooLarge ? input.dataset.portalTooLarge : "");
  if (tooLarge) input.reportValidity();
  else if (file) announce(`${file.name}, ${humanSize(file.size)}`);
}

// What unfolds over the page folds again on Escape and when somebody goes on elsewhere.
document.addEventListener("keydown", (event) => {
  const box = event.key === "Escape" && event.target.closest("[data-portal-fold][open]");
  if (!box) return;
  box.open = false;
  box.querySelector("summary").focus();
});
for (const kind of ["click", "focusin"]) {
  document.addEventListener(kind, (event) => {
    for (const box of document.querySelectorAll("[data-portal-fold][open]")) {
      if (!box.contains(event.target)) box.open = false;
    }
  });
}

// htmx tells how much of an upload has left: <progress data-portal-upload hidden> in the form shows it.
function uploadProgress(event) {
  const bar = event.target.querySelector?.("progress[data-portal-upload]");
  if (!bar || !event.detail.lengthComputable) return;
  bar.hidden = false;
  bar.value = Math.round((100 * event.detail.loaded) / event.detail.total);
}

// --- copy ---------------------------------------------------------------

// <button type="button" hidden data-portal-copy="#id" data-portal-copied="Copied">
async function copy(button) {
  const source = document.querySelector(button.dataset.portalCopy);
  await navigator.clipboard.writeText(source.textContent.trim());
  announce(button.dataset.portalCopied);
  button.textContent = button.dataset.portalCopied;
}

// --- one pass over a page or a swapped fragment -------------------------

function prepare(scope) {
  scope.querySelectorAll("form[data-portal-guard]").forEach(watch);
  if (navigator.clipboard) {
    scope.querySelectorAll("[data-portal-copy]").forEach((button) => (button.hidden = false));
  }
  const spoken = scope.querySelector("[data-portal-announce]");
  if (spoken) announce(spoken.textContent.trim());
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-portal-copy]");
  if (button) copy(button);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("input[type=file][data-portal-max]")) checkSize(event.target);
});

// The only place that knows htmx's event names.
document.addEventListener("htmx:afterSwap", (event) => {
  const scope = event.detail.target?.isConnected ? event.detail.target : document.getElementById("main-content");
  startComponents(scope);
  prepare(scope);
  if (scope.querySelector(".govuk-error-summary, [data-portal-focus]")) focusFirst(scope);
});
document.addEventListener("htmx:xhr:progress", uploadProgress);

// A fresh page has at least thirteen minutes; the script that asks is fetched only then.
const lock = document.getElementById("portal-lock");
if (lock) import(lock.dataset.script);

const warning = document.getElementById("session-warning");
if (warning) setTimeout(() => import(warning.dataset.script), 780_000);

startComponents(document);
prepare(document);
focusFirst(document);
