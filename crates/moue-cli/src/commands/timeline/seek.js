const video = document.querySelector("video");
const choice = document.querySelector("label");
const chart = document.querySelector("svg");
const now = document.getElementById("now");
const length = Number(chart.dataset.seconds);
const seek = seconds => { video.currentTime = seconds; video.scrollIntoView({ block: "nearest" }); };
for (const moment of document.querySelectorAll("[data-time]"))
  moment.addEventListener("click", () => seek(Number(moment.dataset.time)));
chart.addEventListener("click", event => {
  const box = chart.getBoundingClientRect();
  seek((event.clientX - box.left) / box.width * length);
});
video.addEventListener("timeupdate", () => {
  const x = Math.min(video.currentTime / length, 1) * chart.viewBox.baseVal.width;
  now.setAttribute("x1", x);
  now.setAttribute("x2", x);
});
video.addEventListener("error", () => { video.hidden = true; choice.hidden = false; });
choice.querySelector("input").addEventListener("change", event => {
  video.hidden = false;
  choice.hidden = true;
  video.src = URL.createObjectURL(event.target.files[0]);
});
