const options = new URLSearchParams(location.search);
const main = document.querySelector("main");

/** A number of the address within bounds; the default where there is none. */
const number = (name, from, to, otherwise) => {
  const value = options.has(name) ? Number(options.get(name)) : NaN;
  return Number.isFinite(value) ? Math.min(Math.max(value, from), to) : otherwise;
};
const fade = number("fade", 0, 10_000, 250);
const size = number("size", 16, 4096, 0);
const hasCaption = options.get("caption") !== "0";
main.style.setProperty("--fade", `${fade}ms`);
if (size) {
  main.style.setProperty("--size", `${size}px`);
  main.classList.add("sized");
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const leave = (figure) => {
  figure.classList.remove("on");
  setTimeout(() => figure.remove(), fade);
};

/** Shows a picture once it is loaded, and nothing where there is none. */
const show = async ({ picture, caption }) => {
  const before = [...main.children];
  if (picture) {
    const figure = document.createElement("figure");
    const image = new Image();
    image.alt = caption ?? "";
    image.src = picture;
    figure.append(image);
    if (hasCaption && caption) {
      const words = document.createElement("figcaption");
      words.textContent = caption;
      figure.append(words);
    }
    // It has changed meanwhile; the next answer has the new one.
    try { await image.decode(); } catch { return; }
    main.append(figure);
    // Read once, so that the browser begins the transition at 0.
    void figure.offsetWidth;
    figure.classList.add("on");
  }
  before.forEach(leave);
};

let last = 0;
for (;;) {
  try {
    const answer = await fetch(`shown/${last}`);
    const shown = await answer.json();
    if (shown.number !== last) await show(shown);
    last = shown.number;
  } catch {
    // moue has ended, or not begun: nothing is shown until it answers again.
    await show({});
    await pause(1000);
  }
}
