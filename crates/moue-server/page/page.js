// The page of `moue serve`: search by a photo and by words, browse, add, edit, remove.
// Texts of pictures come from anywhere, so they are only ever set as text.

const $ = (id) => document.getElementById(id);
const KEY = "moue-key";
const PAGE = 60;
// The server sheds load with 503 and 429 and tells when to come again.
const TRIES = 6;
// Pictures that are fetched at once; a screen of them would fill the server's queue.
const FETCHES = 6;

/** A failed request, with the server's own words. */
class Problem extends Error {}

let asking = null;

/** Asks for a key; all requests that wait for one share the question. */
function askKey() {
  asking ??= new Promise((resolve) => {
    $("ask").addEventListener("close", () => {
      asking = null;
      const key = $("secret").value.trim();
      $("secret").value = "";
      if (key) sessionStorage.setItem(KEY, key);
      resolve(Boolean(key));
    }, { once: true });
    $("ask").showModal();
  });
  return asking;
}

/** A request with the key; waits where the server is busy. */
async function request(path, options = {}) {
  for (let attempt = 1; ; attempt++) {
    const headers = { ...options.headers };
    const key = sessionStorage.getItem(KEY);
    if (key) headers["x-api-key"] = key;
    const response = await fetch(path, { ...options, headers });
    if (response.ok) return response;
    if (response.status === 401 && (sessionStorage.getItem(KEY) !== key || (await askKey()))) {
      $("key").hidden = false;
      continue;
    }
    if ([429, 503].includes(response.status) && attempt < TRIES) {
      const seconds = Number(response.headers.get("retry-after")) || 1;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      continue;
    }
    const problem = await response.json().catch(() => ({}));
    throw new Problem(problem.detail ?? `The server answered ${response.status}.`);
  }
}

const json = async (path, options) => (await request(path, options)).json();

let toastTimer;
function toast(text) {
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { $("toast").hidden = true; }, 6000);
}

/** Runs what a control starts; its failure is told, and the control waits meanwhile. */
async function busy(control, work) {
  if (control) control.disabled = true;
  try {
    return await work();
  } catch (error) {
    toast(error instanceof Problem ? error.message : "The server cannot be reached.");
  } finally {
    if (control) control.disabled = false;
  }
}

// Pictures are fetched and not named by src: an element cannot send a key.
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    seen.unobserve(entry.target);
    load(entry.target, entry.target.dataset.path);
  }
}, { rootMargin: "300px" });

let fetching = 0;
const waiting = [];

/** Fetches a picture once fewer than FETCHES are under way. */
async function fetched(path) {
  if (fetching >= FETCHES) await new Promise((resolve) => waiting.push(resolve));
  fetching += 1;
  try {
    return await (await request(path)).blob();
  } finally {
    fetching -= 1;
    waiting.shift()?.();
  }
}

async function load(image, path) {
  try {
    const blob = await fetched(path);
    const url = URL.createObjectURL(blob);
    image.addEventListener("load", () => URL.revokeObjectURL(url), { once: true });
    image.src = url;
  } catch {
    image.alt = "";
  }
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

const titleOf = (picture) => picture.label || picture.path;

/** A card of a picture or match, which opens it. */
function card(picture, more) {
  const button = element("button", "card");
  button.type = "button";
  const image = element("img");
  image.alt = "";
  image.dataset.path = `/v1/pictures/${picture.id}/thumbnail?of=picture`;
  const text = element("span", "text");
  text.append(element("span", "label", titleOf(picture)), element("span", "more", more));
  button.append(image, text);
  button.addEventListener("click", () => open(picture.id));
  seen.observe(image);
  const item = element("li");
  item.append(button);
  item.dataset.id = picture.id;
  return item;
}

// --- The library ---

const list = { next: "", busy: false, run: 0 };
let info = { pictures: 0, writable: false };

async function more() {
  if (list.busy || list.next === null) return;
  list.busy = true;
  const run = list.run;
  const query = new URLSearchParams({ limit: PAGE });
  if (list.next) query.set("cursor", list.next);
  const words = $("text").value.trim();
  if (words.startsWith("#")) query.set("tag", words.slice(1).trim());
  else if (words) query.set("text", words);
  const page = await busy(null, () => json(`/v1/pictures?${query}`));
  // What was asked for before the filter changed is not shown.
  if (run !== list.run) return;
  list.busy = false;
  list.next = page ? page.next : null;
  for (const picture of page?.pictures ?? []) $("grid").append(card(picture, (picture.tags ?? []).join(", ")));
  const shown = $("grid").children.length;
  $("count").textContent = words ? `${shown}${list.next ? "+" : ""} found` : counted(info.pictures);
  $("empty").hidden = shown > 0;
  $("empty").textContent = words ? "No picture has these words." : "Nothing here yet. Add pictures with faces, or drop them anywhere on this page.";
  if (list.next && isNear()) more();
}

const counted = (n) => (n === 1 ? "1 picture" : `${n} pictures`);
const isNear = () => $("end").getBoundingClientRect().top < innerHeight + 600;

function restart() {
  Object.assign(list, { next: "", busy: false, run: list.run + 1 });
  $("grid").replaceChildren();
  return more();
}

async function refresh() {
  info = (await busy(null, () => json("/v1/info"))) ?? info;
  $("add").hidden = !info.writable;
  $("drop-add").hidden = !info.writable;
  for (const id of ["label", "caption", "tags"]) $(id).readOnly = !info.writable;
  $("edit").querySelector("[type=submit]").hidden = !info.writable;
  $("remove").hidden = !info.writable;
  await restart();
}

// --- Search by a photo ---

/** The part of the photo around a face, as the server marked it. */
function portrait(bitmap, box) {
  const canvas = element("canvas");
  canvas.width = canvas.height = 256;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "Your face");
  const width = box.width * bitmap.width;
  const height = box.height * bitmap.height;
  const side = Math.min(Math.max(width, height) * 1.5, bitmap.width, bitmap.height);
  const clamp = (at, most) => Math.min(Math.max(at, 0), most);
  const left = clamp(box.xmin * bitmap.width + width / 2 - side / 2, bitmap.width - side);
  const top = clamp(box.ymin * bitmap.height + height / 2 - side / 2, bitmap.height - side);
  canvas.getContext("2d").drawImage(bitmap, left, top, side, side, 0, 0, 256, 256);
  return canvas;
}

function leading(emotions) {
  const sorted = Object.entries(emotions ?? {}).sort((a, b) => b[1] - a[1]);
  const said = sorted.filter(([, share], i) => i === 0 || share > 0.15).slice(0, 3);
  return said.map(([name, share]) => `${name} ${Math.round(share * 100)} %`).join(", ");
}

async function find(file, control) {
  await busy(control, async () => {
    const found = await json("/v1/find?face=all&limit=9", {
      method: "POST",
      headers: { "content-type": file.type || "application/octet-stream" },
      body: file,
    });
    if (!found.faces.length) throw new Problem("There is no face in this picture.");
    const bitmap = await createImageBitmap(file);
    $("faces").replaceChildren(...found.faces.map((face) => answer(face, bitmap)));
    $("answer-title").textContent = found.faces.length > 1 ? `${found.faces.length} faces` : "The face in your picture";
    $("answer").hidden = false;
    $("answer").scrollIntoView({ block: "nearest" });
    scrollTo({ top: 0 });
  });
}

function answer(face, bitmap) {
  const row = element("div", "face");
  const you = element("div", "you");
  you.append(portrait(bitmap, face.box), element("p", "bars", face.error ?? leading(face.emotions)));
  const matches = element("ul", "matches");
  for (const match of face.matches ?? []) {
    matches.append(card(match, `${Math.round(match.similarity * 100)} % alike`));
  }
  row.append(you, matches.children.length ? matches : element("p", "quiet", "No picture matches."));
  return row;
}

// --- One picture ---

let shown = null;

async function open(id) {
  const picture = await busy(null, () => json(`/v1/pictures/${id}`));
  if (!picture) return;
  shown = picture;
  $("picture-title").textContent = titleOf(picture);
  $("large").removeAttribute("src");
  $("large").alt = picture.caption ?? titleOf(picture);
  load($("large"), `/v1/pictures/${picture.id}/content`);
  $("label").value = picture.label;
  $("caption").value = picture.caption ?? "";
  $("tags").value = (picture.tags ?? []).join(", ");
  if (!$("picture").open) $("picture").showModal();
}

$("edit").addEventListener("submit", (event) => {
  event.preventDefault();
  busy(event.submitter, async () => {
    const tags = $("tags").value.split(",").map((tag) => tag.trim()).filter(Boolean);
    const changed = await json(`/v1/pictures/${shown.id}`, {
      method: "PATCH",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ label: $("label").value, caption: $("caption").value || null, tags }),
    });
    for (const item of document.querySelectorAll(`li[data-id="${shown.id}"]`)) {
      item.querySelector(".label").textContent = titleOf(changed);
      if (item.closest("#grid")) item.querySelector(".more").textContent = (changed.tags ?? []).join(", ");
    }
    $("picture").close();
    toast("Saved.");
  });
});

$("remove").addEventListener("click", (event) => {
  // A second press removes: a dialog upon a dialog is more than this needs.
  const button = event.currentTarget;
  if (!button.dataset.armed) {
    button.dataset.armed = "yes";
    button.textContent = "Remove for good?";
    return;
  }
  busy(button, async () => {
    await request(`/v1/pictures/${shown.id}`, { method: "DELETE" });
    for (const item of document.querySelectorAll(`li[data-id="${shown.id}"]`)) item.remove();
    info.pictures -= 1;
    $("count").textContent = counted(info.pictures);
    $("picture").close();
    toast("Removed.");
  });
});

$("picture").addEventListener("close", () => {
  delete $("remove").dataset.armed;
  $("remove").textContent = "Remove";
});

$("like").addEventListener("click", (event) => {
  busy(event.currentTarget, async () => {
    const blob = await (await request(`/v1/pictures/${shown.id}/content`)).blob();
    $("picture").close();
    await find(blob, null);
  });
});

// --- Adding ---

async function add(files) {
  let added = 0;
  const failed = [];
  for (const [number, file] of [...files].entries()) {
    if (files.length > 1) toast(`Adding ${number + 1} of ${files.length}`);
    try {
      const label = file.name.replace(/\.[^.]+$/, "").slice(0, 60);
      const response = await request(`/v1/pictures?${new URLSearchParams({ label })}`, {
        method: "POST",
        headers: { "content-type": file.type || "application/octet-stream" },
        body: file,
      });
      if (response.status === 201) added += 1;
    } catch (error) {
      failed.push(`${file.name}: ${error instanceof Problem ? error.message : "the server cannot be reached"}`);
    }
  }
  const known = files.length - added - failed.length;
  const parts = [`${counted(added)} added`];
  if (known) parts.push(`${known} already there`);
  toast(failed.length ? `${parts.join(", ")}. ${failed.slice(0, 3).join("; ")}` : `${parts.join(", ")}.`);
  await refresh();
}

// --- Controls ---

function pick(button, input, work) {
  $(button).addEventListener("click", () => $(input).click());
  $(input).addEventListener("change", () => {
    const files = [...$(input).files];
    $(input).value = "";
    if (files.length) work(files);
  });
}

pick("find", "file-find", (files) => find(files[0], $("find")));
pick("add", "file-add", (files) => busy($("add"), () => add(files)));
$("close").addEventListener("click", () => { $("answer").hidden = true; });
$("key").addEventListener("click", () => { askKey().then((given) => given && refresh()); });
$("search").addEventListener("submit", (event) => event.preventDefault());

let typing;
$("text").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(restart, 250);
});

const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
addEventListener("dragenter", (event) => { if (hasFiles(event)) $("drop").hidden = false; });
addEventListener("dragover", (event) => { if (hasFiles(event)) event.preventDefault(); });
addEventListener("drop", (event) => { if (hasFiles(event)) event.preventDefault(); $("drop").hidden = true; });
$("drop").addEventListener("dragleave", (event) => { if (event.target === $("drop") && !event.relatedTarget) $("drop").hidden = true; });
for (const [zone, work] of [["drop-find", (files) => find(files[0], null)], ["drop-add", add]]) {
  $(zone).addEventListener("dragenter", () => $(zone).classList.add("over"));
  $(zone).addEventListener("dragleave", () => $(zone).classList.remove("over"));
  $(zone).addEventListener("drop", (event) => {
    $(zone).classList.remove("over");
    if (event.dataTransfer.files.length) work([...event.dataTransfer.files]);
  });
}
addEventListener("paste", (event) => {
  const file = [...(event.clipboardData?.files ?? [])].find((f) => f.type.startsWith("image/"));
  if (file) find(file, null);
});

new IntersectionObserver((entries) => { if (entries[0].isIntersecting) more(); }, { rootMargin: "600px" }).observe($("end"));
refresh();
