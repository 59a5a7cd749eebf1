// The article's editor: checks while one types, saves without leaving the page, and loses no text.
(() => {
  "use strict";

  const root = document.getElementById("article");
  const form = document.getElementById("editor");
  const paper = document.getElementById("paper");
  if (!root || !form) return;

  const WAIT = 300; // milliseconds without a keystroke before the text is checked
  const FIELDS = ["title", "content", "slug", "seo_title", "seo_description", "excerpt", "keywords"];
  const readOnly = "readOnly" in root.dataset;
  const key = `copydesk.article.${root.dataset.id}`;
  const said = (name) => root.dataset[`t${name.replace(/(^|_)(\w)/g, (_, __, letter) => letter.toUpperCase())}`];
  const field = (name) => form.elements.namedItem(name);
  const token = document.body.dataset.csrf;
  let saved = read(); // what the server has
  let timer = 0;
  let checking = null;
  let saving = false;

  function read() {
    return Object.fromEntries(FIELDS.map((name) => [name, field(name).value]));
  }

  function changed() {
    const now = read();
    return FIELDS.some((name) => now[name] !== saved[name]);
  }

  function tell(name, bad = false) {
    const place = document.getElementById("save-state");
    const text = name ? said(name) : "";
    if (!place || place.textContent === text) return;
    place.textContent = text;
    place.classList.toggle("bad", bad);
  }

  // Asking the desk

  async function ask(address, body, signal) {
    const headers = { "HX-Request": "true", "X-CSRF-Token": token };
    const answer = await fetch(address, body ? { method: "POST", body, headers, signal } : { headers, signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return { status: answer.status, page };
  }

  function put(page, ids) {
    for (const id of ids) {
      const fresh = page.getElementById(id);
      const old = document.getElementById(id);
      if (!fresh || !old) continue;
      const holder = old.contains(document.activeElement) ? document.activeElement : null;
      const find = holder && (holder.id ? `#${CSS.escape(holder.id)}` : holder.name ? `[name="${CSS.escape(holder.name)}"]` : null);
      if (old.querySelector("details[data-keep][open]")) fresh.querySelector("details[data-keep]")?.setAttribute("open", "");
      old.replaceWith(document.adoptNode(fresh));
      window.desk.ready(fresh);
      if (holder) ((find && fresh.querySelector(find)) || fresh.querySelector("[data-save]") || field("content")).focus({ preventScroll: true });
    }
    if (ids.includes("text")) flag();
  }

  function problems(page) {
    for (const name of FIELDS) {
      const found = page.querySelector(`#problems [data-field="${name}"]`);
      const place = document.getElementById(`${name}-problem`);
      const text = found ? found.textContent : "";
      if (place.textContent !== text) place.textContent = text;
      place.hidden = !found;
      if (found) field(name).setAttribute("aria-invalid", "true");
      else field(name).removeAttribute("aria-invalid");
    }
  }

  // Checking while one types

  async function check() {
    checking?.abort();
    const mine = (checking = new AbortController());
    try {
      const { status, page } = await ask(`${root.dataset.address}/preview`, new URLSearchParams(read()), mine.signal);
      if (status !== 200 || mine.signal.aborted) return;
      put(page, ["text", "flaws", "checks", "warnings"]);
      problems(page);
    } catch (error) {
      if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error; // offline: the next keystroke asks again
    }
  }

  function keep() {
    try {
      if (changed()) localStorage.setItem(key, JSON.stringify({ revision: field("revision").value, at: new Date().toISOString(), fields: read() }));
      else localStorage.removeItem(key);
    } catch {
      // no room, or none allowed: leaving the page asks first
    }
  }

  function typed() {
    keep();
    tell(changed() ? "unsaved" : "");
    measure();
    clearTimeout(timer);
    timer = setTimeout(check, WAIT);
  }

  // Saving

  async function save(submitter) {
    if (saving) return;
    saving = true;
    clearTimeout(timer);
    checking?.abort();
    const sent = read();
    const body = new URLSearchParams({ ...sent, revision: field("revision").value });
    if (submitter?.name) body.set(submitter.name, submitter.value);
    tell("saving");
    try {
      const { status, page } = await ask(root.dataset.address, body);
      answered(status, page, sent);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      refuse("offline");
    } finally {
      saving = false;
    }
  }

  function answered(status, page, sent) {
    if (status === 200) return stored(page, sent);
    if (status === 412) return conflict(page);
    if (status === 401) return refuse("signed_out");
    if (status === 404) return refuse("gone");
    tell("not_saved", true);
    problems(page);
    const message = page.querySelector("#refusal, .problem p");
    if (message) window.desk.say(message.textContent);
    const wrong = form.querySelector("[aria-invalid]");
    if (wrong) wrong.focus();
    else notice(message ? message.textContent : said("not_saved"));
  }

  function stored(page, sent) {
    put(page, ["state", "text", "flaws", "checks", "warnings", "versions"]);
    problems(page);
    notice("");
    const state = document.getElementById("state");
    field("revision").value = state.dataset.revision;
    document.getElementById("heading").textContent = state.dataset.title;
    saved = sent;
    keep();
    tell(changed() ? "unsaved" : "saved");
    if (changed()) typed();
  }

  function refuse(name) {
    tell("not_saved", true);
    notice(said(name));
  }

  function notice(text) {
    document.getElementById("trouble")?.remove();
    if (!text) return;
    const place = document.createElement("div");
    place.id = "trouble";
    place.className = "problem";
    place.setAttribute("role", "alert");
    place.textContent = text;
    form.before(place);
    place.scrollIntoView({ block: "center" });
  }

  // Somebody else has saved meanwhile

  function conflict(page) {
    tell("not_saved", true);
    const dialog = document.createElement("dialog");
    dialog.id = "conflict";
    dialog.setAttribute("aria-labelledby", "conflict-title");
    dialog.append(...page.body.childNodes);
    document.getElementById("conflict-place").replaceChildren(dialog);
    window.desk.ready(dialog);
    dialog.querySelector("[data-merge]").addEventListener("submit", (event) => {
      event.preventDefault();
      const merged = new FormData(event.target);
      field("content").value = merged.get("content");
      field("revision").value = merged.get("revision");
      dialog.close();
      const status = merged.get("publication_status");
      save(status ? { name: "publication_status", value: status } : null);
    });
    dialog.addEventListener("close", () => field("content").focus());
    dialog.showModal();
    dialog.querySelector("#conflict-title").tabIndex = -1;
    dialog.querySelector("#conflict-title").focus();
  }

  // Text that was not saved when the page was left

  function offer() {
    let kept = null;
    try {
      kept = JSON.parse(localStorage.getItem(key));
    } catch {
      return;
    }
    if (!kept || !kept.fields || FIELDS.every((name) => kept.fields[name] === saved[name])) return;
    const box = document.getElementById("unsaved");
    const time = box.querySelector("[data-unsaved-at]");
    time.dateTime = kept.at;
    time.textContent = kept.at;
    window.desk.ready(box);
    box.querySelector("[data-unsaved-older]").hidden = kept.revision === field("revision").value;
    box.querySelector("[data-restore]").addEventListener("click", () => {
      for (const name of FIELDS) if (typeof kept.fields[name] === "string") field(name).value = kept.fields[name];
      field("revision").value = kept.revision; // an older one: saving shows both texts
      box.hidden = true;
      field("content").focus();
      typed();
      window.desk.say(said("restored"));
    });
    box.querySelector("[data-discard]").addEventListener("click", () => {
      localStorage.removeItem(key);
      box.hidden = true;
      field("content").focus();
    });
    box.hidden = false;
  }

  // Footnotes and what supports them

  function blockOf(node) {
    return node.closest("p, li, td, th, blockquote, h1, h2, h3, h4, h5, h6") || node.parentElement;
  }

  function textBefore(mark) {
    const range = document.createRange();
    range.setStart(blockOf(mark), 0);
    range.setEndBefore(mark);
    const part = range.cloneContents();
    for (const other of part.querySelectorAll(".footnote-ref")) other.remove();
    return part.textContent;
  }

  async function showSupport(link) {
    const number = link.getAttribute("href").slice(3);
    const before = textBefore(link.closest(".footnote-ref")).slice(-600);
    for (const other of paper.querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    const place = document.getElementById("support");
    try {
      const address = `${root.dataset.address}/support?${new URLSearchParams({ number: /^\d+$/.test(number) ? number : "0", before })}`;
      const { page } = await ask(address);
      place.replaceChildren(...page.body.childNodes);
      window.desk.ready(place);
      const claim = place.querySelector(".claim");
      light("supported", claim ? [claim.textContent] : []);
      const panel = document.getElementById("evidence");
      panel.scrollIntoView({ block: "nearest" });
      panel.focus({ preventScroll: true });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      place.textContent = said("offline");
    }
  }

  // Sentences are found in the text as it is shown, whatever elements they run through.
  function places(sentences) {
    const nodes = [];
    let text = "";
    const walker = document.createTreeWalker(paper, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node.parentElement.closest(".footnote-ref, .footnotes")) continue;
      nodes.push([text.length, node]);
      text += node.data.replace(/\s/g, " ");
    }
    const at = (offset, end) => {
      let low = 0;
      let high = nodes.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (nodes[middle][0] < offset || (!end && nodes[middle][0] === offset)) low = middle;
        else high = middle - 1;
      }
      return [nodes[low][1], offset - nodes[low][0]];
    };
    const ranges = [];
    for (const sentence of sentences) {
      const start = text.indexOf(sentence);
      if (start < 0) continue;
      const range = new Range();
      range.setStart(...at(start, false));
      range.setEnd(...at(start + sentence.length, true));
      ranges.push(range);
    }
    return ranges;
  }

  function light(name, sentences) {
    if (!window.Highlight || !CSS.highlights) return [];
    const ranges = places(sentences);
    CSS.highlights.set(name, new Highlight(...ranges));
    return ranges;
  }

  function flag() {
    const found = [...document.querySelectorAll("#flaws .flawed")];
    light("flawed", found.map((place) => place.textContent));
    light("supported", []);
    for (const place of found) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = place.textContent;
      button.dataset.find = "";
      place.replaceChildren(button);
    }
  }

  function goTo(sentence) {
    const [range] = places([sentence]);
    range?.startContainer.parentElement.scrollIntoView({ block: "center" });
    const area = field("content");
    for (let length = sentence.length; length >= 12; length = Math.floor(length / 2)) {
      const start = area.value.indexOf(sentence.slice(0, length));
      if (start < 0) continue;
      area.focus();
      area.setSelectionRange(start, start + length);
      return;
    }
  }

  // Search results, as wide as a browser sets them

  const canvas = document.createElement("canvas").getContext("2d");

  function fitted(text, font, limit) {
    canvas.font = font;
    const width = Math.round(canvas.measureText(text).width);
    if (width <= limit) return [text, width];
    let low = 0;
    let high = text.length;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (canvas.measureText(`${text.slice(0, middle)} …`).width <= limit) low = middle;
      else high = middle - 1;
    }
    return [`${text.slice(0, low).trimEnd()} …`, width];
  }

  function measure() {
    for (const result of document.querySelectorAll(".result")) {
      const size = result.dataset.device === "phone" ? 18 : 20;
      const sizes = { seo_title: [`${size}px Arial, Helvetica, sans-serif`, Number(result.dataset.titlePixels)], seo_description: ["14px Arial, Helvetica, sans-serif", Number(result.dataset.descriptionPixels)] };
      result.querySelector('[data-part="slug"]').textContent = field("slug").value;
      for (const [name, [font, limit]] of Object.entries(sizes)) {
        const [text, width] = fitted(field(name).value.trim(), font, limit);
        result.querySelector(`[data-part="${name}"]`).textContent = text;
        const meter = result.querySelector(`[data-meter="${name}"]`);
        meter.max = limit;
        meter.value = Math.min(width, limit);
        const place = result.querySelector(`[data-width="${name}"]`);
        place.textContent = `${said("pixels").replace("%n", width).replace("%m", limit)}, ${said(width > limit ? "cut" : "fits")}`;
        place.classList.toggle("bad", width > limit);
      }
    }
    for (const place of document.querySelectorAll("[data-count-of]")) {
      place.textContent = said("counted").replace("%n", [...field(place.dataset.countOf).value.trim()].length);
    }
  }

  // What people do

  form.addEventListener("input", (event) => {
    if (FIELDS.includes(event.target.name)) typed();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!readOnly) save(event.submitter);
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") {
      event.preventDefault();
      if (!readOnly && !document.querySelector("dialog[open]")) save(null);
    }
    if (event.key === "Escape") for (const menu of document.querySelectorAll(".menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  paper.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    if (link.closest(".footnote-ref")) {
      event.preventDefault();
      showSupport(link);
    }
  });
  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-delete], [data-close], [data-find], [data-take-theirs]");
    for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(event.target)) menu.open = false;
    if (!target) return;
    const dialog = document.getElementById("delete");
    if ("delete" in target.dataset) {
      event.preventDefault();
      dialog.showModal();
      dialog.querySelector("[data-close]").focus();
    } else if ("close" in target.dataset && target.closest("dialog")) {
      event.preventDefault();
      target.closest("dialog").close();
    } else if ("find" in target.dataset) goTo(target.textContent);
    else if ("takeTheirs" in target.dataset) leaving = true; // this text is kept, and offered on the page that follows
  });
  let leaving = false;
  window.addEventListener("beforeunload", (event) => {
    if (changed() && !leaving && !kept()) event.preventDefault();
  });

  function kept() {
    try {
      return localStorage.getItem(key) !== null;
    } catch {
      return false;
    }
  }

  document.querySelector("#delete form").addEventListener("submit", () => {
    leaving = true;
    try {
      localStorage.removeItem(key);
    } catch {
      // nothing is kept then
    }
  });
  document.getElementById("results").hidden = false;
  measure();
  flag();
  if (!readOnly) offer();
  if (form.querySelector('[aria-invalid="true"]')) form.querySelector('[aria-invalid="true"]').focus();
})();
