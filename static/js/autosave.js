// Sends what is typed to the server as a draft: after a pause, on leaving a field, and when the page goes away.
// One request at a time; each carries a rising number, so that a late one never replaces a newer one.

const form = document.querySelector("form[data-portal-autosave]");
const line = form.querySelector("[data-portal-kept]");
const url = form.dataset.portalAutosave;
const PAUSE = 2;
const RETRY = [5, 15, 60];

let typed = 0; // changes so far
let kept = 0; // of these, how many the server has
let busy = false;
let submitted = false;
let failures = 0;
let timer;
let since = form.dataset.time; // until then everything was kept

function say(sentence) {
  const text = sentence.replace("{time}", since);
  if (line.textContent !== text) line.textContent = text;
}

function body() {
  const number = form.elements.sequence;
  number.value = String(Number(number.value) + 1);
  return new URLSearchParams(new FormData(form));
}

function later(seconds) {
  clearTimeout(timer);
  timer = setTimeout(send, seconds * 1000);
}

// Signing in again in another window gives new tokens; the one of this page is then refused.
async function renewToken() {
  const page = await fetch(location.href, { redirect: "manual" });
  if (!page.ok) return;
  const fresh = new DOMParser().parseFromString(await page.text(), "text/html");
  const token = fresh.querySelector("input[name=csrfmiddlewaretoken]")?.value;
  if (token) document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((input) => (input.value = token));
}

async function settle(answer, upTo) {
  const json = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : {};
  if (answer.ok && json.time) {
    kept = upTo;
    failures = 0;
    since = json.time;
    say(line.dataset.portalKept);
    if (kept === typed) form.dispatchEvent(new Event("portal:kept"));
    else later(PAUSE);
    return;
  }
  if (answer.status === 403) await renewToken();
  fail(json.message || line.dataset[answer.type === "opaqueredirect" ? "portalSignedOut" : "portalLost"]);
}

function fail(sentence) {
  say(sentence);
  later(RETRY[Math.min(failures++, RETRY.length - 1)]);
}

async function send() {
  clearTimeout(timer);
  if (busy || submitted || kept === typed) return;
  busy = true;
  const upTo = typed;
  try {
    const headers = { Accept: "application/json" };
    await settle(await fetch(url, { method: "POST", body: body(), redirect: "manual", headers }), upTo);
  } catch {
    fail(line.dataset.portalLost);
  }
  busy = false;
}

form.addEventListener("input", () => {
  typed++;
  if (!failures) later(PAUSE);
});
form.addEventListener("focusout", () => {
  if (!failures) send();
});
form.addEventListener("submit", () => {
  submitted = true;
  body(); // what is saved counts as later than any draft on its way
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") send();
});
window.addEventListener("pagehide", () => {
  if (!submitted && kept !== typed) navigator.sendBeacon(url, body());
});
window.addEventListener("pageshow", () => (submitted = false));
