// A task, live: its events come as a stream; the text of sections is written as it comes, and whatever else changes is
// asked for anew. After a reload, or a lost connection, the stream goes on behind the last event that was heard.
(() => {
  "use strict";

  const root = document.getElementById("task");
  const lost = document.getElementById("lost");
  const address = location.pathname;
  const head = () => document.getElementById("head");
  const active = () => "active" in head().dataset;

  // Sections, as they are written.
  const texts = new Map();
  const places = () => root.querySelectorAll("[data-section]");
  for (const place of places()) texts.set(place.dataset.section, place.textContent);

  function write({ section_id: id, text, replaces }) {
    const whole = replaces ? text : (texts.get(id) ?? "") + text;
    texts.set(id, whole);
    const place = root.querySelector(`[data-section="${CSS.escape(id)}"]`);
    if (!place) return; // its outline comes with the next parts
    if (replaces) place.textContent = whole;
    else place.append(text);
  }

  function rewrite() {
    for (const place of places()) {
      const text = texts.get(place.dataset.section) ?? "";
      if (place.textContent !== text) place.textContent = text;
    }
  }

  // Parts: soon after an event, one request at a time.
  let timer = 0;
  let due = Infinity;
  let asking = false;
  let said = head().dataset.say;
  let offset = Date.parse(head().dataset.now) - Date.now(); // of the server's clock from this one's

  function soon(delay) {
    const at = Date.now() + delay;
    if (at >= due) return;
    due = at;
    clearTimeout(timer);
    timer = setTimeout(refresh, delay);
  }

  async function refresh() {
    if (asking) { due = Infinity; soon(200); return; }
    asking = true;
    due = Infinity;
    const came = await window.desk.refresh(address);
    asking = false;
    if (!came) { soon(3000); return; }
    rewrite();
    offset = Date.parse(head().dataset.now) - Date.now();
    tick();
    if (head().dataset.say !== said) {
      said = head().dataset.say;
      window.desk.say(said);
    }
    if (!active()) close();
  }

  // Events.
  let source = null;
  let last = Number(root.dataset.after);
  let waiting = 0;
  let pause = 1000;

  function heard(event, delay) {
    if (event.lastEventId) last = Number(event.lastEventId);
    soon(delay);
  }

  function close() {
    clearTimeout(waiting);
    source?.close();
    source = null;
    lost.hidden = true;
  }

  function connect() {
    close();
    source = new EventSource(`${root.dataset.events}?after=${last}`);
    source.addEventListener("open", () => { pause = 1000; lost.hidden = true; });
    for (const kind of ["status", "stage", "source", "outline"]) source.addEventListener(kind, (event) => heard(event, 150));
    source.addEventListener("section", (event) => {
      const told = JSON.parse(event.data);
      told.sections.forEach(write);
      heard(event, told.final ? 50 : 2000);
    });
    source.addEventListener("end", (event) => { heard(event, 0); close(); });
    source.addEventListener("error", () => {
      if (!source) return;
      lost.hidden = false;
      soon(1000); // the task may have ended meanwhile
      if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      source = null;
      waiting = setTimeout(connect, pause);
      pause = Math.min(pause * 2, 30000);
    });
  }

  // Times that go on.
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  function tick() {
    for (const place of root.querySelectorAll("[data-since]")) {
      const all = Math.max(0, Math.floor((Date.now() + offset - Date.parse(place.dataset.since)) / 1000));
      const hours = Math.floor(all / 3600);
      const minutes = Math.floor((all % 3600) / 60);
      const form = hours ? "hours" : minutes ? "minutes" : "seconds";
      place.textContent = fill(root.dataset[form], { hours, minutes, seconds: all % 60 });
    }
  }

  if (!active()) return;
  const ticking = setInterval(() => (active() ? tick() : clearInterval(ticking)), 1000);
  document.addEventListener("visibilitychange", () => { // a browser has few connections for all its tabs
    if (document.hidden) close();
    else if (active()) { soon(0); connect(); }
  });
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => { if (event.persisted && active()) { soon(0); connect(); } });
  connect();
})();
