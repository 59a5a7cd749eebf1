// A new article: a counter, keywords as chips, links as many as are needed, files by drop, and what the service would say.
(() => {
  "use strict";

  const form = document.getElementById("new");
  if (!form) return;
  const say = window.desk.say;
  const token = document.body.dataset.csrf;
  const fill = (text, name, value) => text.replace(`{${name}}`, () => value);

  // Characters are counted as the service counts them: code points, without white space at the ends.
  const prompt = document.getElementById("prompt");
  const counter = document.getElementById("prompt-count");

  function count() {
    const length = [...prompt.value.trim()].length;
    counter.hidden = false;
    counter.textContent = fill(counter.dataset.text, "count", String(length));
    counter.classList.toggle("over", length > Number(counter.dataset.limit));
  }

  // Keywords: the text field stays what is sent, one keyword a line; the chips show it.
  const plain = document.getElementById("keywords");
  const chips = document.createElement("div");
  const list = document.createElement("ul");
  const entry = document.createElement("input");

  const keywords = () => plain.value.split(/[,;\n]/).map((word) => word.trim()).filter(Boolean);

  function chip(word, index) {
    const item = document.createElement("li");
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = "✕";
    remove.setAttribute("aria-label", fill(form.dataset.removeKeyword, "keyword", word));
    remove.addEventListener("click", () => {
      setKeywords(keywords().filter((_, place) => place !== index));
      entry.focus();
    });
    item.append(word, remove);
    return item;
  }

  function setKeywords(words) {
    plain.value = words.join("\n");
    list.replaceChildren(...words.map(chip));
    changed(plain);
  }

  function take() {
    const more = entry.value.split(/[,;\n]/).map((word) => word.trim()).filter(Boolean);
    entry.value = "";
    if (!more.length) return;
    const words = keywords();
    const known = new Set(words.map((word) => word.toLowerCase()));
    setKeywords([...words, ...more.filter((word) => !known.has(word.toLowerCase()))]);
  }

  function makeChips() {
    chips.className = "chips";
    entry.className = "chips-new";
    entry.id = "keyword-new";
    entry.autocomplete = "off";
    entry.setAttribute("aria-describedby", "keywords-said keywords-help");
    chips.append(list, entry);
    plain.hidden = true;
    plain.after(chips);
    form.querySelector('label[for="keywords"]').htmlFor = entry.id;
    list.replaceChildren(...keywords().map(chip));
    chips.addEventListener("click", (event) => { if (event.target === chips) entry.focus(); });
    entry.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Enter" && entry.value.trim()) { event.preventDefault(); take(); }
      if (event.key === "Backspace" && !entry.value) setKeywords(keywords().slice(0, -1));
    });
    entry.addEventListener("input", (event) => { if (!event.isComposing && /[,;]/.test(entry.value)) take(); });
    entry.addEventListener("paste", (event) => {
      const text = event.clipboardData.getData("text");
      if (!/[,;\n]/.test(text)) return;
      event.preventDefault();
      entry.value += text;
      take();
    });
    entry.addEventListener("blur", take);
  }

  // Links: those that are filled, one more, and a button for the next.
  const links = [...form.querySelectorAll(".link")];
  const more = document.getElementById("link-more");

  function showLinks(least) {
    const filled = links.findLastIndex((row) => row.querySelector("input").value.trim()) + 1;
    const shown = Math.max(filled, least);
    links.forEach((row, place) => { row.hidden = place >= shown; });
    more.hidden = shown >= links.length;
    return shown;
  }

  // What the service would say, of the fields that were changed.
  const touched = new Set();
  let timer = 0;
  let asked = 0;

  const fieldOf = (input) => (input.name === "link" ? input.id : input.name);

  function changed(input) {
    touched.add(fieldOf(input));
    if (["min_words", "max_words"].includes(input.name)) touched.add("min_words").add("max_words");
    clearTimeout(timer);
    timer = setTimeout(ask, 350);
  }

  async function ask() {
    const mine = ++asked;
    const sent = new FormData(form);
    sent.delete("upload");
    let answer;
    try {
      answer = await fetch(form.dataset.check, { method: "POST", body: sent, headers: { "X-CSRF-Token": token, "HX-Request": "true" } });
    } catch {
      return; // the next change asks again
    }
    if (mine !== asked || !answer.ok) return;
    show(touched, (await answer.json()).problems);
  }

  function show(fields, problems) {
    for (const field of fields) {
      const place = form.querySelector(`[data-said="${field}"]`);
      if (!place) continue;
      const said = problems[field] || [];
      place.hidden = !said.length;
      place.replaceChildren(...said.map((sentence) => Object.assign(document.createElement("p"), { textContent: sentence })));
      const input = { keywords: entry, files: upload }[field] || document.getElementById(field);
      if (said.length) input?.setAttribute("aria-invalid", "true");
      else input?.removeAttribute("aria-invalid");
      const fine = form.querySelector(`[data-fine="${field}"]`);
      if (fine) fine.hidden = said.length > 0 || !input.value.trim();
    }
  }

  // Files: each is sent by itself, and what was read of it is shown.
  const files = document.getElementById("files");
  const upload = document.getElementById("upload");
  const drop = document.getElementById("drop");
  let sending = 0;

  function row(template, name) {
    const item = document.getElementById(template).content.cloneNode(true).firstElementChild;
    item.dataset.name = name;
    item.querySelector("strong").textContent = name;
    return item;
  }

  function refuse(item, name, message) {
    const refused = row("refused", name);
    refused.querySelector("p").textContent = message;
    put(item, refused);
  }

  function put(item, fresh) {
    if (fresh.classList.contains("refused")) {
      fresh.querySelector(".file-head").append(document.getElementById("dismiss").content.cloneNode(true));
      say(fill(form.dataset.refused, "name", fresh.dataset.name));
    } else {
      say(fill(form.dataset.added, "name", fresh.dataset.name));
    }
    item.replaceWith(fresh);
  }

  function send(file) {
    const item = row("sending", file.name);
    files.append(item);
    if (file.size > Number(form.dataset.largest)) return refuse(item, file.name, form.dataset.tooLarge);
    const bar = item.querySelector("progress");
    const text = item.querySelector("p");
    const request = new XMLHttpRequest(); // fetch tells nothing of how far an upload is
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      bar.value = Math.round((100 * event.loaded) / event.total);
      text.textContent = fill(form.dataset.sending, "percent", String(bar.value));
    });
    request.upload.addEventListener("load", () => { bar.removeAttribute("value"); text.textContent = form.dataset.reading; });
    request.addEventListener("loadend", () => { sending -= 1; if (!sending) form.querySelector('[data-said="files"]').hidden = true; });
    request.addEventListener("error", () => refuse(item, file.name, form.dataset.lost));
    request.addEventListener("load", () => {
      const found = new DOMParser().parseFromString(request.responseText, "text/html");
      const answer = found.querySelector("li.file");
      if (answer) return put(item, document.importNode(answer, true));
      const problem = found.querySelector(".problem p")?.textContent;
      return refuse(item, file.name, request.status === 401 ? form.dataset.signedOut : problem || form.dataset.lost);
    });
    sending += 1;
    request.open("POST", `${form.dataset.files}?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("X-CSRF-Token", token);
    request.setRequestHeader("HX-Request", "true");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.send(file);
    return undefined;
  }

  function removeFile(button) {
    const item = button.closest("li.file");
    const next = item.nextElementSibling || item.previousElementSibling;
    if ("fresh" in item.dataset) {
      const address = `${form.dataset.files}/${encodeURIComponent(button.value)}`;
      fetch(address, { method: "DELETE", headers: { "X-CSRF-Token": token, "HX-Request": "true" } }).catch(() => {}); // it stays, unused
    }
    item.remove();
    if (button.value) say(fill(form.dataset.dropped, "name", item.dataset.name));
    (next?.querySelector("button") || upload).focus();
  }

  function makeDrop() {
    drop.classList.add("live");
    drop.querySelector("[data-drop]").hidden = false;
    upload.addEventListener("change", () => {
      for (const file of upload.files) send(file);
      upload.value = "";
    });
    for (const kind of ["dragenter", "dragover"]) {
      drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
    }
    for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      for (const file of event.dataTransfer.files) send(file);
    });
    files.addEventListener("click", (event) => {
      const button = event.target.closest('button[name="drop"], button[data-dismiss]');
      if (!button) return;
      event.preventDefault();
      removeFile(button);
    });
  }

  form.addEventListener("input", (event) => {
    if (event.target === entry || event.target === upload) return;
    if (event.target === prompt) count();
    changed(event.target);
  });
  more.addEventListener("click", () => {
    const shown = showLinks(links.filter((row) => !row.hidden).length + 1);
    links[shown - 1].querySelector("input").focus();
  });

  let sent = false;
  const start = document.getElementById("start");
  const startText = start.textContent;

  function setSent(now) {
    sent = now;
    start.setAttribute("aria-disabled", String(now));
    start.textContent = now ? form.dataset.starting : startText;
  }

  form.addEventListener("submit", (event) => {
    take();
    if (sent || sending) event.preventDefault();
    if (!sent && sending) show(["files"], { files: [form.dataset.stillSending] });
    if (sent || sending) return;
    setSent(true);
    for (const item of files.children) delete item.dataset.fresh; // the task's now
  });
  window.addEventListener("pageshow", () => setSent(false));

  count();
  makeChips();
  showLinks(1);
  makeDrop();
  document.getElementById("wrong")?.focus();
})();
