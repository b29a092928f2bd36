// Covers a page of the sealed area after five minutes without a key or a pointer. The page leaves the document and is
// kept in memory alone, with what was typed; it comes back once the server says that somebody proved who they are.

const cover = document.getElementById("portal-lock");
const LIMIT = 5 * 60 * 1000;
const STAYS = "script, template, #session-warning";
let last = Date.now();
let hidden = null;
let title = "";

function lock() {
  const here = document.activeElement;
  const page = [...document.body.children].filter((child) => !child.matches(STAYS));
  hidden = { here, page, at: window.scrollY };
  title = document.title;
  for (const child of page) child.remove();
  document.body.prepend(cover.content.cloneNode(true));
  const box = document.querySelector(".portal-lock");
  document.title = box.querySelector("h1").textContent;
  box.querySelector("h1").focus();
  box.querySelector("button").addEventListener("click", () => unlock(box));
}

async function unlock(box) {
  const answer = await fetch(cover.dataset.url, { redirect: "manual", cache: "no-store" }).catch(() => ({ ok: false }));
  if (!answer.ok) {
    box.querySelector("[role=status]").textContent = box.querySelector("[hidden]").textContent;
    return;
  }
  box.remove();
  document.body.prepend(...hidden.page);
  document.title = title;
  window.scrollTo(0, hidden.at);
  if (hidden.here.isConnected) hidden.here.focus();
  hidden = null;
  last = Date.now();
}

// By the clock and not by one long timer: a computer that slept must find the page covered when it wakes.
function look() {
  if (!hidden && Date.now() - last >= LIMIT) lock();
}

for (const event of ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"]) {
  addEventListener(event, () => { look(); if (!hidden) last = Date.now(); }, { passive: true, capture: true });
}
for (const event of ["visibilitychange", "pageshow", "focus"]) addEventListener(event, look);
setInterval(look, 5000);
