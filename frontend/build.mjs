// Compiles the theme and copies what pages need into static/vendor/ (never committed).
// Run by `npm run build` after `npm ci`; needs no network.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { compile, Logger } from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const out = join(here, "..", "static", "vendor");

const packages = ["govuk-frontend", "@ministryofjustice/frontend", "@fontsource-variable/public-sans"];

// Two published packages carry "MIT" in package.json but no licence file.
const copyrightOf = {
  "govuk-frontend": "Copyright (C) 2017 Crown Copyright (Government Digital Service)",
  "@ministryofjustice/frontend": "Copyright (c) 2021 dxw",
};

const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of
this software and associated documentation files (the "Software"), to deal in
the Software without restriction, including without limitation the rights to
use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of
the Software, and to permit persons to whom the Software is furnished to do so,
subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS
FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN
AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION
WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

// The MOJ package still calls a deprecated GOV.UK mixin; only its run is silenced.
function css(entry, logger) {
  const options = { loadPaths: [modules, here], style: "compressed", logger };
  return compile(join(here, entry), options).css.replace(/^\uFEFF|@charset "UTF-8";/g, "");
}

// Source maps are not shipped; a dangling reference breaks hashed static files.
function withoutSourceMap(text) {
  return text.replace(/\n?\/[/*]# sourceMappingURL=[^\n]*/g, "");
}

function licence(name) {
  const meta = JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8"));
  const text = copyrightOf[name]
    ? `${copyrightOf[name]}\n\n${mit}`
    : readFileSync(join(modules, name, "LICENSE"), "utf8");
  return `${name} ${meta.version} (${meta.license})\n\n${text.trim()}\n`;
}

function icons(style) {
  return [...new Set([...style.matchAll(/images\/([\w-]+\.svg)/g)].map((match) => match[1]))];
}

function report(name) {
  const bytes = readFileSync(join(out, name));
  console.log(`${name}: ${(gzipSync(bytes, { level: 9 }).length / 1024).toFixed(1)} KB gz`);
}

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, "images"), { recursive: true });

const style = '@charset "UTF-8";' + withoutSourceMap(css("theme-govuk.scss") + css("theme-moj.scss", Logger.silent));
writeFileSync(join(out, "portal-base.css"), style);
for (const icon of icons(style)) {
  copyFileSync(
    join(modules, "@ministryofjustice/frontend/moj/assets/images", icon),
    join(out, "images", icon),
  );
}
writeFileSync(
  join(out, "govuk-frontend.min.js"),
  withoutSourceMap(readFileSync(join(modules, "govuk-frontend/dist/govuk/govuk-frontend.min.js"), "utf8")),
);
copyFileSync(
  join(modules, "@fontsource-variable/public-sans/files/public-sans-latin-wght-normal.woff2"),
  join(out, "public-sans.woff2"),
);
writeFileSync(join(out, "LICENSES.txt"), packages.map(licence).join(`\n${"-".repeat(72)}\n\n`));

["portal-base.css", "govuk-frontend.min.js", "public-sans.woff2"].forEach(report);
