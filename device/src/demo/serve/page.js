"use strict";
// Spares reloading, follows the kiosk's state, and sends the webcam's pictures while the kiosk wants them.

const [WIDTH, HEIGHT] = [640, 480];
// Milliseconds from one look at the state to the next, and from one picture to the next.
const [LOOK, STEP] = [250, 33];
// As on a touch screen: milliseconds of a hold, and how far in parts of the panel's side it may wander.
const [HOLD, WANDERS] = [3000, 0.1];

const byId = (id) => document.getElementById(id);
const [kiosk, panel, caption, notice] = ["kiosk", "panel", "caption", "notice"].map(byId);
const wait = (time) => new Promise((done) => setTimeout(done, time));

let told = { wants_frames: false };
let films = false;
let refused = false;

function say(text) {
  if (notice.textContent !== text) notice.textContent = text;
}

function show(state) {
  told = state;
  kiosk.dataset.screen = state.screen;
  kiosk.dataset.seat = state.seat;
  if (caption.textContent !== state.caption) caption.textContent = state.caption;
  for (const button of document.querySelectorAll("[data-camera]")) {
    button.setAttribute("aria-pressed", String(button.dataset.camera === state.camera));
  }
  if (!state.wants_frames) refused = false;
  else if (!films && !refused) film();
}

async function ask(path, form) {
  try {
    const options = { method: "POST", body: form, headers: { Accept: "application/json" } };
    const response = await fetch(path, options);
    if (response.ok) {
      say("");
      show(await response.json());
      return;
    }
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const lines = [...(page.getElementById("refusal")?.childNodes ?? [])].map((node) => node.textContent);
    say(lines.filter((line) => line).join("; ") || "The kiosk refused.");
  } catch {
    say("The kiosk does not answer. Is its program still running?");
  }
}

async function look() {
  let was_away = false;
  for (;;) {
    try {
      const response = await fetch("/state");
      if (response.ok) show(await response.json());
      // The stream of pictures ended with the program.
      if (was_away) location.reload();
      was_away = false;
    } catch {
      was_away = true;
      say("The kiosk does not answer. Is its program still running?");
    }
    await wait(LOOK);
  }
}

function openCamera() {
  const video = { width: { ideal: WIDTH }, height: { ideal: HEIGHT }, frameRate: { ideal: 30 } };
  return navigator.mediaDevices.getUserMedia({ video, audio: false });
}

function close(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

// The middle of the picture, four by three, as luma; not mirrored: that is the kiosk's own business.
function luma(video, context) {
  const scale = Math.max(WIDTH / video.videoWidth, HEIGHT / video.videoHeight);
  const [width, height] = [video.videoWidth * scale, video.videoHeight * scale];
  context.drawImage(video, (WIDTH - width) / 2, (HEIGHT - height) / 2, width, height);
  const colors = context.getImageData(0, 0, WIDTH, HEIGHT).data;
  const bytes = new Uint8Array(WIDTH * HEIGHT);
  for (let at = 0, from = 0; at < bytes.length; at += 1, from += 4) {
    // The luma that a JPEG codes.
    bytes[at] = 0.299 * colors[from] + 0.587 * colors[from + 1] + 0.114 * colors[from + 2] + 0.5;
  }
  colors.fill(0);
  return bytes;
}

async function film() {
  films = true;
  let stream = null;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  try {
    stream = await openCamera();
    const video = document.createElement("video");
    video.muted = true;
    video.playsInline = true;
    video.srcObject = stream;
    await video.play();
    while (told.wants_frames) {
      const began = performance.now();
      const bytes = luma(video, context);
      await fetch("/webcam", { method: "POST", body: bytes });
      bytes.fill(0);
      await wait(Math.max(0, STEP - (performance.now() - began)));
    }
  } catch (error) {
    refused = true;
    say(`The browser gives no webcam (${error.name}). Allow it beside the address, or choose a recorded person.`);
  } finally {
    close(stream);
    context.clearRect(0, 0, WIDTH, HEIGHT);
    films = false;
  }
}

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new URLSearchParams(new FormData(event.target, event.submitter));
  await ask(event.target.action, form);
  // Asked for now, so that nobody is asked in the middle of a session; its light goes out at once.
  if (event.submitter?.dataset.camera === "webcam") {
    try {
      close(await openCamera());
    } catch (error) {
      say(`The browser gives no webcam (${error.name}). Allow it beside the address.`);
    }
  }
});

// Where on the panel, in parts of its sides; below 0 or above 1 beside it.
function placeOf(event) {
  const place = panel.getBoundingClientRect();
  // The picture stands in the middle of its element, where that has another shape.
  const shape = panel.naturalWidth ? panel.naturalWidth / panel.naturalHeight : 1.6;
  const width = Math.min(place.width, place.height * shape);
  const height = width / shape;
  const x = (event.clientX - place.left - (place.width - width) / 2) / width;
  const y = (event.clientY - place.top - (place.height - height) / 2) / height;
  return { x, y, is_on: x >= 0 && x <= 1 && y >= 0 && y <= 1 };
}

// The pointer that is down on the panel, and whether it was held: then it taps no more.
let hold = null;
let wasHeld = false;

function endHold() {
  clearTimeout(hold?.timer);
  hold = null;
}

panel.draggable = false;

panel.addEventListener("pointerdown", (event) => {
  const is_second = hold !== null;
  endHold();
  wasHeld = false;
  const place = placeOf(event);
  if (is_second || !event.isPrimary || event.button !== 0 || !place.is_on) return;
  const timer = setTimeout(() => {
    endHold();
    wasHeld = true;
    ask("/hold", new URLSearchParams());
  }, HOLD);
  hold = { ...place, timer };
});

panel.addEventListener("pointermove", (event) => {
  if (!hold) return;
  const { x, y } = placeOf(event);
  if (Math.max(Math.abs(x - hold.x), Math.abs(y - hold.y)) > WANDERS) endHold();
});

for (const end of ["pointerup", "pointercancel", "pointerleave"]) panel.addEventListener(end, endHold);

// The menu that browsers open for a long press would end it.
panel.addEventListener("contextmenu", (event) => {
  if (hold || wasHeld) event.preventDefault();
});

panel.addEventListener("click", (event) => {
  const { x, y, is_on } = placeOf(event);
  if (is_on && !wasHeld) ask("/tap", new URLSearchParams({ x: x.toFixed(4), y: y.toFixed(4) }));
});

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "h") {
    ask("/hold", new URLSearchParams());
    return;
  }
  const is_own = event.target.closest("button, a") && ["Enter", " "].includes(event.key);
  const button = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  // Space goes on as well, where the board gives it no other meaning.
  const pressed = button ?? (event.key === " " ? byId("button-next") : null);
  if (is_own || !pressed) return;
  event.preventDefault();
  pressed.click();
});

look();
