// Progress for each file, dropping files, and the camera. Every form works without it.
"use strict";

const MOST_AT_ONCE = 2;
const TRIES = 6;

const make = (name, properties = {}, ...inside) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...inside);
  return element;
};

// The answer's inner part; `told` hears the share that was sent.
const send = (address, form, told) => new Promise((resolve) => {
  const request = new XMLHttpRequest();
  request.open("POST", address + "?part=1");
  request.upload.onprogress = (event) => event.lengthComputable && told(event.loaded / event.total);
  request.onload = () => resolve({ status: request.status, text: request.responseText });
  request.onerror = () => resolve({ status: 0, text: "" });
  request.send(form);
});

// A full queue is asked again after a while.
const sendPatiently = async (address, form, told) => {
  for (let attempt = 1; ; attempt++) {
    const answer = await send(address, form, told);
    if (answer.status !== 429 || attempt === TRIES) return answer;
    await new Promise((resolve) => setTimeout(resolve, 500 * attempt));
  }
};

const shown = (answer) => {
  if (answer.status === 0) {
    return [make("p", { className: "refused" }, "Not done: the server did not answer. Is synkiosk serve still running?")];
  }
  // Made by our own server, which escapes everything that came from a file.
  const parsed = new DOMParser().parseFromString(answer.text, "text/html");
  parsed.querySelectorAll("button.print").forEach((button) => { button.hidden = false; });
  return [...parsed.body.childNodes];
};

const results = document.getElementById("results");

const upload = async (address, form, name) => {
  const bar = make("progress", { max: 1, value: 0, ariaLabel: "sent of " + name });
  const line = make("li", {}, make("span", {}, name), bar);
  results.querySelector(".uploads").append(line);
  const answer = await sendPatiently(address, form, (share) => { bar.value = share; });
  line.remove();
  results.append(...shown(answer));
};

const begin = () => results.replaceChildren(make("h2", {}, "Results"), make("ul", { className: "uploads" }));

const sendPictures = async (files) => {
  begin();
  const waiting = [...files];
  const one = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      const form = new FormData();
      form.append("picture", file);
      await upload("/screen", form, file.name);
    }
  };
  await Promise.all(Array.from({ length: MOST_AT_ONCE }, one));
};

const busy = async (form, work) => {
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  await work();
  button.disabled = false;
  results.querySelector("article, .refused")?.scrollIntoView({ block: "start" });
};

// Files onto a form: a series takes each by the pose in its name.
const put = (input, files) => {
  const list = new DataTransfer();
  files.forEach((file) => list.items.add(file));
  input.files = list.files;
};

const takeDropped = (form, files) => {
  if (form.id === "pictures") return put(form.elements.picture, files);
  const left = files.filter((file) => {
    const input = form.elements[file.name.replace(/\.[^.]*$/, "").toLowerCase()];
    if (input?.type === "file") put(input, [file]);
    return input?.type !== "file";
  });
  const empty = [...form.querySelectorAll("input[type=file]")].filter((input) => input.files.length === 0);
  left.slice(0, empty.length).forEach((file, index) => put(empty[index], [file]));
};

for (const form of document.querySelectorAll("#series, #pictures")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.id === "pictures") return busy(form, () => sendPictures(form.elements.picture.files));
    begin();
    busy(form, () => upload("/series", new FormData(form), "the series"));
  });
  form.addEventListener("dragover", (event) => { event.preventDefault(); form.classList.add("over"); });
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    takeDropped(form, [...event.dataTransfer.files]);
  });
}

// The camera: one picture into the field that asked. The preview of a face is mirrored, the picture is not.
const camera = async (input, title) => {
  const facing = input.dataset.facing || "user";
  const video = make("video", { autoplay: true, playsInline: true, muted: true, className: facing });
  const take = make("button", { type: "button", id: "take" }, "Take the picture");
  const close = make("button", { type: "button", className: "second" }, "Close");
  const says = make("p", { role: "status" });
  const dialog = make("dialog", { ariaLabel: title }, make("h2", {}, title), video, says,
    make("div", { className: "actions" }, take, close));
  document.body.append(dialog);
  dialog.showModal();
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 }, facingMode: facing } });
    video.srcObject = stream;
  } catch (error) {
    take.disabled = true;
    says.textContent = "No camera could be used (" + error.name + "). Allow it in the browser, or choose a file.";
  }
  const end = () => {
    stream?.getTracks().forEach((track) => track.stop());
    dialog.remove();
    input.focus();
  };
  close.onclick = end;
  dialog.oncancel = end;
  take.onclick = () => {
    if (!video.videoWidth) return;
    const canvas = make("canvas", { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.toBlob((blob) => {
      put(input, [...(input.multiple ? input.files : []), new File([blob], (input.id || "picture") + ".jpg", { type: "image/jpeg" })]);
      canvas.width = 0;
      end();
    }, "image/jpeg", 0.95);
  };
};

for (const input of document.querySelectorAll("input[type=file]")) {
  const title = document.querySelector(`label[for="${input.id}"]`).textContent;
  const button = make("button", { type: "button", className: "second camera", ariaLabel: "Camera: " + title }, "Camera");
  button.onclick = () => camera(input, title);
  input.after(button);
}

document.addEventListener("click", (event) => event.target.closest("button.print") && window.print());
document.querySelectorAll("button.print").forEach((button) => { button.hidden = false; });
