"use strict";
// Texts of runs reach the page as text nodes and nothing else: no HTML is ever made of them.
const TAGS = new Set(("a b br code dd details div dl dt em h2 h3 h4 header li ol p pre section span strong summary table "
  + "tbody td th thead tr ul svg g line rect circle path text title").split(" "));
const ATTRIBUTES = new Set(("class data-at title role aria-label colspan viewBox width height x y x1 x2 y1 y2 cx cy r d "
  + "text-anchor").split(" "));
const COLUMNS = ["run", "started", "sweep", "task", "model", "simulated", "outcome", "why", "passes", "green", "total",
  "tokens", "seconds", "cell", "levels"];
const SHOWN = 200;
const live = document.body.dataset.live === "yes";
const $ = (id) => document.getElementById(id);
const dash = "–";

function make(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}
function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "href" ? String(value).startsWith("#") : ATTRIBUTES.has(name)) node.setAttribute(name, value);
  }
  node.append(...children.filter((one) => one !== null && one !== undefined).map((one) => typeof one === "object" ? one : String(one)));
  return node;
}
function build(tree, drawn = false) {
  if (typeof tree === "string") return document.createTextNode(tree);
  const [tag, attributes, ...children] = tree;
  if (!TAGS.has(tag)) return document.createTextNode("");
  const picture = drawn || tag === "svg";
  const node = picture ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  return fill(node, attributes, children.map((child) => build(child, picture)));
}
function words(tree) {
  if (typeof tree === "string") return tree;
  return tree.slice(2).map(words).join("\n");
}
async function unpack(text) {
  const bytes = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

// ---- runs
let alike = new Set(), counted = -1;
let rows = [], marked = [], selected = 0, matching = [], visible = SHOWN, openRuns = [];
const documents = new Map();
function named(list) {
  const row = Object.fromEntries(COLUMNS.map((name, place) => [name, list[place]]));
  row.text = [row.run, row.started, row.sweep, row.task, row.model, row.outcome, row.why, row.levels,
    row.simulated ? "simulated" : ""].join(" ").toLowerCase();
  return row;
}
async function documentOf(id, fresh) {
  if (documents.has(id) && !fresh) return documents.get(id);
  let whole = null;
  if (live) {
    const answer = await fetch("run?id=" + encodeURIComponent(id));
    whole = answer.ok ? await answer.json() : null;
  } else {
    const alone = [...document.querySelectorAll("script[data-run]")].find((one) => JSON.parse(one.dataset.run) === id);
    if (alone) whole = await unpack(alone.textContent);
    else for (const part of document.querySelectorAll("script[data-first]")) {
      if (JSON.parse(part.dataset.ids).includes(id)) {
        const several = await unpack(part.textContent);
        for (const [name, one] of Object.entries(several)) if (!documents.has(name)) documents.set(name, one);
        whole = documents.get(id) || null;
      }
    }
  }
  if (whole) documents.set(id, whole);
  return whole;
}

// ---- address
const place = () => new URLSearchParams(location.hash.slice(1));
function go(parts) { location.hash = Object.entries(parts).map(([k, v]) => v === "" ? k : k + "=" + encodeURIComponent(v)).join("&"); }
function runLink(id, at) { return "#run=" + encodeURIComponent(id) + (at ? "&at=" + at : ""); }

// ---- list
const sorting = { column: "started", down: true };
const HEADS = [["started", "run, started (UTC)"], ["outcome", "outcome"], ["why", "why it ended"], ["task", "task"], ["model", "model"],
  ["levels", "settings"], ["passes", "passes"], ["green", "packages"], ["tokens", "tokens"], ["seconds", "seconds"]];
const NUMBERS = new Set(["passes", "green", "tokens", "seconds"]);
function compared(a, b) {
  const x = a[sorting.column], y = b[sorting.column];
  if (x === y) return a.run < b.run ? -1 : 1;
  if (x === null || x === undefined) return 1;
  if (y === null || y === undefined) return -1;
  const order = x < y ? -1 : 1;
  return sorting.down ? -order : order;
}
function list() {
  const at = place(), cells = at.get("cells") ? new Set(at.get("cells").split(",")) : null, sweep = at.get("sweep");
  const found = $("filter").value.toLowerCase().split(/\s+/).filter(Boolean), outcome = $("outcome").value;
  const fits = (row) => (!cells || cells.has(row.cell)) && (sweep === null || row.sweep === sweep)
    && (!outcome || (outcome === "none" ? !row.outcome : row.outcome === outcome)) && found.every((word) => row.text.includes(word));
  if (counted !== rows.length) {
    counted = rows.length;
    alike = new Set((rows[0]?.levels || "").split(" ").filter((level) => rows.every((row) => (" " + row.levels + " ").includes(" " + level + " "))));
  }
  matching = [...openRuns, ...rows].filter(fits).sort(compared);
  selected = Math.min(selected, Math.max(0, matching.length - 1));
  const head = make("tr", {}, ...HEADS.map(([name, label]) => {
    const button = make("button", {}, label + (sorting.column === name ? (sorting.down ? " ↓" : " ↑") : ""));
    button.type = "button";
    button.addEventListener("click", () => {
      if (sorting.column === name) sorting.down = !sorting.down;
      else { sorting.column = name; sorting.down = NUMBERS.has(name) || name === "started"; }
      list();
    });
    const cell = make("th", { class: NUMBERS.has(name) ? "number" : "" }, button);
    cell.setAttribute("aria-sort", sorting.column === name ? (sorting.down ? "descending" : "ascending") : "none");
    return cell;
  }));
  const body = matching.slice(0, visible).map(line);
  const table = make("table", {}, make("thead", {}, head), make("tbody", {}, ...body));
  $("rows").replaceChildren(make("div", { class: "scroll" }, table));
  const narrowed = cells || sweep !== null;
  $("count").textContent = matching.length.toLocaleString("en") + " of " + (rows.length + openRuns.length).toLocaleString("en") + " runs"
    + (narrowed ? ", of one arm" : "");
  $("all").hidden = !narrowed;
  $("more").hidden = matching.length <= visible;
}
function line(row, index) {
  const packages = row.total === null || row.total === undefined ? dash : (row.green === null ? "?" : row.green) + "/" + row.total;
  const figure = (value) => value === null || value === undefined ? dash : value.toLocaleString("en", { maximumFractionDigits: 1 });
  const id = row.run.length > 28 ? row.run.slice(0, 27) + "…" : row.run;
  const levels = row.levels.split(" ").filter((level) => !alike.has(level)).join(" ");
  const cells = [
    make("td", { class: "id" }, make("a", { href: runLink(row.run) }, make("code", {}, id)), make("div", { class: "muted" }, row.started)),
    make("td", {}, make("span", { class: "outcome " + (/^[a-z]+$/.test(row.outcome) ? row.outcome : "") }, row.outcome || "no record")),
    make("td", { class: "reason" }, row.why.startsWith(row.outcome + ": ") ? row.why.slice(row.outcome.length + 2) : row.why === row.outcome ? "" : row.why),
    make("td", {}, row.task), make("td", {}, row.model, row.simulated ? make("div", { class: "simulated" }, "simulated") : null),
    make("td", { class: "muted" }, levels),
    make("td", { class: "number" }, figure(row.passes)), make("td", { class: "number" }, packages),
    make("td", { class: "number" }, figure(row.tokens)), make("td", { class: "number" }, figure(row.seconds)),
  ];
  const chosen = (index === selected ? "selected " : "") + (marked.includes(row.run) ? "marked" : "");
  return make("tr", { class: chosen.trim() }, ...cells);
}

// ---- one run, and two side by side
let shownRun = null;
async function showRun(id, at) {
  if (shownRun !== id) {
    const whole = await documentOf(id);
    if (place().get("run") !== id) return;
    drawRun(id, whole);
  }
  reveal(at);
}
function drawRun(id, whole) {
  shownRun = id;
  const view = $("run");
  if (!whole) { view.replaceChildren(make("p", { class: "note" }, "No such run in this page: " + id), fallback(id)); return; }
  view.replaceChildren(build(whole.head), passesHead(whole), ...whole.passes.map((one) => build(one)));
  if (live && whole.open) refresh(id);
}
function fallback(id) {
  const row = rows.find((one) => one.run === id);
  return row ? make("p", {}, row.why) : make("p", {}, make("a", { href: "#list" }, "All runs"));
}
function passesHead(whole) {
  return make("h3", {}, whole.passes.length ? "Passes" : "No pass is known of this run");
}
function refresh(id) {
  setTimeout(async () => {
    if (place().get("run") !== id) return;
    const opened = new Set([...$("run").querySelectorAll("details[open][data-at]")].map((one) => one.dataset.at));
    const whole = await documentOf(id, true), top = scrollY;
    if (!whole || place().get("run") !== id) return;
    drawRun(id, whole);
    for (const one of $("run").querySelectorAll("details[data-at]")) one.open = opened.has(one.dataset.at);
    scrollTo(0, top);
  }, 2000);
}
function reveal(at) {
  for (const one of document.querySelectorAll(".target")) one.classList.remove("target");
  if (!at) { scrollTo(0, 0); return; }
  const found = [...$("run").querySelectorAll("[data-at]")].find((one) => one.dataset.at === at);
  if (!found) return;
  for (let one = found; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
  found.classList.add("target");
  found.scrollIntoView();
}
async function showPair(ids) {
  const [a, b] = await Promise.all(ids.map((id) => documentOf(id)));
  const view = $("pair");
  if (!a || !b) { view.replaceChildren(make("p", { class: "note" }, "Two runs of this page are needed to compare.")); return; }
  const names = [...new Set([...Object.keys(a.settings), ...Object.keys(b.settings)])];
  const differing = names.filter((name) => a.settings[name] !== b.settings[name]);
  const cells = differing.map((name) => make("tr", {}, make("td", {}, name), make("td", {}, a.settings[name] ?? dash), make("td", {}, b.settings[name] ?? dash)));
  const table = make("table", {}, make("thead", {}, make("tr", {}, make("th", {}, "setting"), make("th", {}, ids[0]), make("th", {}, ids[1]))), make("tbody", {}, ...cells));
  const parts = [make("div", { class: "pair" }, make("div", {}, build(a.head)), make("div", {}, build(b.head))),
    make("h3", {}, "Settings that differ"), differing.length ? make("div", { class: "scroll" }, table) : make("p", {}, "None."), make("h3", {}, "Passes")];
  for (let n = 0; n < Math.max(a.passes.length, b.passes.length); n += 1) {
    const side = (whole) => make("div", {}, n < whole.passes.length ? build(whole.passes[n]) : null);
    parts.push(make("div", { class: "pair" }, side(a), side(b)));
  }
  view.replaceChildren(...parts);
  scrollTo(0, 0);
}

// ---- full text
let searching = 0;
async function search(text) {
  const mine = searching += 1, wanted = text.toLowerCase(), view = $("hits");
  const hits = make("ul", {});
  view.replaceChildren(make("h2", {}, "Texts that hold “" + text + "”"), make("p", { class: "muted" }, "searching …"), hits);
  let found = 0, looked = 0, said = "";
  const add = (id, at, snippet) => {
    found += 1;
    if (found <= SHOWN) hits.append(make("li", {}, make("a", { href: runLink(id, at) }, id + (at ? ", at " + at : "")), " " + snippet));
  };
  if (live) {
    const answer = await fetch("search?q=" + encodeURIComponent(text));
    if (mine !== searching) return;
    const result = answer.ok ? await answer.json() : { hits: [], looked: 0, said: "the search failed" };
    result.hits.forEach((hit) => add(...hit));
    looked = result.looked; said = result.said;
  } else {
    for (const script of document.querySelectorAll("script[data-run]")) {
      const id = JSON.parse(script.dataset.run), whole = await documentOf(id);
      if (mine !== searching) return;
      looked += 1;
      for (const [at, body] of pieces(whole)) {
        const start = body.toLowerCase().indexOf(wanted);
        if (start >= 0) add(id, at, "… " + body.slice(Math.max(0, start - 60), start + wanted.length + 80).replace(/\s+/g, " ") + " …");
      }
    }
  }
  const kept = live ? "" : ", of " + (rows.length + openRuns.length) + " in this file";
  view.children[1].textContent = found + (found === 1 ? " place" : " places") + " in " + looked + " runs with a transcript" + kept + (said ? "; " + said : "")
    + (found > SHOWN ? "; the first " + SHOWN + " are shown" : "");
}
function* pieces(whole) {
  yield ["", words(whole.head)];
  for (const pass of whole.passes) {
    const steps = pass.slice(2).filter((one) => Array.isArray(one) && one[1]["data-at"]);
    yield [pass[1]["data-at"], words([pass[0], {}, ...pass.slice(2).filter((one) => !steps.includes(one))])];
    for (const step of steps) yield [step[1]["data-at"], words(step)];
  }
}

// ---- pages
function show() {
  const at = place();
  const page = at.has("run") ? "run" : at.has("compare") ? "pair" : at.has("search") ? "hits" : at.has("list") ? "list" : "home";
  for (const one of ["home", "list", "run", "pair", "hits"]) $(one).hidden = one !== page;
  $("main").className = page === "pair" || page === "list" ? "wide" : "";
  document.title = (page === "run" ? at.get("run") + " · " : "") + $("title").textContent;
  if (page === "run") showRun(at.get("run"), at.get("at"));
  else { shownRun = null; $("run").replaceChildren(); }
  if (page !== "pair") $("pair").replaceChildren();
  if (page === "pair") showPair(at.get("compare").split(","));
  if (page === "hits") search(at.get("search"));
  if (page === "list" && at.has("outcome")) $("outcome").value = at.get("outcome");
  if (page === "list") { list(); scrollTo(0, 0); }
}
function mark(id) {
  marked = marked.includes(id) ? marked.filter((one) => one !== id) : [...marked, id].slice(-2);
  $("compare").hidden = marked.length !== 2;
}
const step = (by) => {
  const here = place();
  if (here.has("list")) {
    selected = Math.max(0, Math.min(matching.length - 1, selected + by));
    if (selected >= visible) visible += SHOWN;
    list();
    $("rows").querySelector("tr.selected")?.scrollIntoView({ block: "nearest" });
  } else if (here.has("run")) {
    const places = [...$("run").querySelectorAll("[data-at]")].filter((one) => one.offsetParent !== null).map((one) => one.dataset.at);
    const next = places[Math.max(0, Math.min(places.length - 1, places.indexOf(here.get("at")) + by))];
    if (next) go({ run: here.get("run"), at: next });
  }
};
const neighbour = (by) => {
  const ids = (matching.length ? matching : rows).map((row) => row.run), at = ids.indexOf(place().get("run"));
  if (at >= 0 && ids[at + by]) go({ run: ids[at + by] });
};
const KEYS = {
  "/": () => $("text").focus(), f: () => { go({ list: "" }); setTimeout(() => $("filter").focus()); },
  j: () => step(1), k: () => step(-1), n: () => neighbour(1), p: () => neighbour(-1),
  h: () => { location.hash = ""; }, l: () => go({ list: "" }), "?": () => $("help").showModal(),
  Enter: () => { if (place().has("list") && matching[selected]) go({ run: matching[selected].run }); },
  x: () => { const id = place().get("run") || matching[selected]?.run; if (id) { mark(id); if (place().has("list")) list(); } },
  c: () => { if (marked.length === 2) go({ compare: marked.join(",") }); },
  e: () => { const all = [...$("run").querySelectorAll("details.pass")], open = all.some((one) => !one.open); for (const one of all) one.open = open; },
  o: () => { const one = $("run").querySelector(".target"); if (one?.tagName === "DETAILS") one.open = !one.open; },
};
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { document.activeElement?.blur(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || $("help").open) return;
  if (/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName)) return;
  if (event.key === "Enter" && /^(A|BUTTON|SUMMARY)$/i.test(document.activeElement?.tagName)) return;
  const act = KEYS[event.key];
  if (act) { event.preventDefault(); act(); }
});
let waiting = 0;
$("filter").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(() => { visible = SHOWN; list(); }, 60); });
$("outcome").addEventListener("change", () => { visible = SHOWN; list(); });
$("more").addEventListener("click", () => { visible += SHOWN; list(); });
$("text").addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target.value.trim()) go({ search: event.target.value.trim() }); });
$("compare").addEventListener("click", KEYS.c);
$("keys").addEventListener("click", KEYS["?"]);
$("close").addEventListener("click", () => $("help").close());
addEventListener("hashchange", show);

let following = false;
async function follow() {
  if (following) return;
  following = true;
  try {
    for (let total = Infinity; rows.length < total;) {
      const answer = await fetch("rows?since=" + rows.length);
      if (!answer.ok) return;
      const more = await answer.json();
      openRuns = more.open.map(named);
      rows.push(...more.rows.map(named));
      total = more.rows.length ? more.total : 0;
    }
  } finally { following = false; }
}
async function start() {
  if (live) {
    await follow();
    document.body.addEventListener("htmx:afterSwap", async () => {
      const grown = rows.length + openRuns.length;
      await follow();
      if (place().has("list") && grown !== rows.length + openRuns.length) list();
    });
  } else {
    for (const part of document.querySelectorAll("script[data-rows]")) {
      rows.push(...(await unpack(part.textContent)).map(named));
    }
  }
  show();
  document.body.dataset.ready = "yes";
}
start();
