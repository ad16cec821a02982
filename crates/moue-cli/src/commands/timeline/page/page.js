const video = document.querySelector("video");
const choose = document.querySelector(".choose");
const chart = document.querySelector("svg");
const now = document.getElementById("now");
const length = Number(chart.dataset.seconds);
const command = document.getElementById("command");
const layout = document.getElementById("layout");
const copy = document.getElementById("copy");
const ticks = [...document.querySelectorAll("li input")];

if (video) {
  const seek = seconds => {
    video.currentTime = seconds;
    video.scrollIntoView({ block: "nearest" });
  };
  for (const moment of document.querySelectorAll("[data-time]"))
    for (const part of moment.querySelectorAll("img, button"))
      part.addEventListener("click", () => seek(Number(moment.dataset.time)));
  chart.addEventListener("click", event => {
    const box = chart.getBoundingClientRect();
    seek((event.clientX - box.left) / box.width * length);
  });
  video.addEventListener("timeupdate", () => {
    const x = Math.min(video.currentTime / length, 1) * chart.viewBox.baseVal.width;
    now.setAttribute("x1", x);
    now.setAttribute("x2", x);
  });
  video.addEventListener("error", () => { video.hidden = true; choose.hidden = false; });
  choose.querySelector("input").addEventListener("change", event => {
    video.hidden = false;
    choose.hidden = true;
    video.src = URL.createObjectURL(event.target.files[0]);
  });
}

// Ticks are kept by what the page is about, as the files of a folder may share one storage; and in
// the address, where a browser gives a file no storage.
const times = [...document.querySelectorAll("[data-time]")].map(moment => moment.dataset.time);
const key = `moue reel ${command?.dataset.start} ${times}`;
const kept = () => {
  const inAddress = /^#only=([\d,]*)$/.exec(location.hash);
  if (inAddress) return inAddress[1];
  try { return localStorage.getItem(key); } catch { return null; }
};
const keep = numbers => {
  try { localStorage.setItem(key, numbers); } catch { /* the address has them */ }
  try { history.replaceState(null, "", `#only=${numbers}`); } catch { /* the storage has them */ }
};

const chosen = () => ticks.filter(tick => tick.checked);
const spoken = seconds => `${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, "0")}`;
const show = () => {
  const numbers = chosen().map(tick => tick.value);
  const seconds = chosen().reduce((sum, tick) => sum + Number(tick.closest("li").dataset.length), 0);
  document.getElementById("chosen").textContent =
    `${numbers.length} of ${ticks.length}, about ${spoken(Math.round(seconds))}`;
  const shape = layout.value === "beside" ? "" : ` --layout ${layout.value}`;
  // Without it the command cuts all moments, of which a page made with --only shows some.
  const isAll = numbers.length === ticks.length && !("some" in command.dataset);
  const only = isAll ? "" : ` --only ${numbers}`;
  command.textContent = numbers.length
    ? `${command.dataset.start} ${command.dataset.end}${shape}${only}`
    : "tick a moment";
  copy.disabled = !numbers.length;
  copy.textContent = "Copy";
};
const changed = () => {
  show();
  keep(chosen().map(tick => tick.value).join());
};
const tickAll = checked => {
  for (const tick of ticks) tick.checked = checked;
  changed();
};

// A page that was opened from a file may have no clipboard; then the command is selected.
const copied = async () => {
  try {
    await navigator.clipboard.writeText(command.textContent);
  } catch {
    getSelection().selectAllChildren(command);
    if (!document.execCommand("copy")) return;
  }
  copy.textContent = "Copied";
};

if (command) {
  const numbers = kept()?.split(",");
  if (numbers) for (const tick of ticks) tick.checked = numbers.includes(tick.value);
  for (const tick of ticks) tick.addEventListener("change", changed);
  layout.addEventListener("change", show);
  copy.addEventListener("click", copied);
  document.getElementById("all").addEventListener("click", () => tickAll(true));
  document.getElementById("none").addEventListener("click", () => tickAll(false));
  show();
}
