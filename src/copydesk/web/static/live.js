// Parts of a page that are asked for anew: each `[data-part]` that comes out otherwise takes the place of the one before.
(() => {
  "use strict";

  const was = new Map(); // what each part was when it came, by id

  // What tells whether a part is another: its `data-version`, or else all of it.
  const mark = (part) => part.dataset.version ?? part.outerHTML;

  for (const part of document.querySelectorAll("[data-part][data-version]")) was.set(part.id, mark(part));

  function keep(before, after) {
    for (const details of before.querySelectorAll("details[id]")) {
      const same = after.querySelector(`#${CSS.escape(details.id)}`);
      if (same) same.open = details.open;
    }
  }

  function refocus(id, after) {
    const same = id ? after.querySelector(`#${CSS.escape(id)}`) : null;
    const next = same || after.querySelector("a, button, input") || document.getElementById("main");
    next.focus({ preventScroll: true });
  }

  function swap(before, after) {
    const focused = before.contains(document.activeElement) && document.activeElement !== document.body;
    const id = document.activeElement?.id;
    keep(before, after);
    before.replaceWith(after);
    if (focused) refocus(id, after);
    window.desk.ready(after);
  }

  // Ask for the page's parts; answers whether they came. Whoever is not signed in any more is led to the sign-in.
  window.desk.refresh = async (address) => {
    let answer;
    try {
      answer = await fetch(address, { headers: { "HX-Request": "true" } });
    } catch {
      return false;
    }
    if (answer.status === 401) location.assign(answer.headers.get("HX-Redirect") || location.href);
    if (!answer.ok) return false;
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of found.querySelectorAll("[data-part]")) {
      const before = document.getElementById(part.id);
      if (!before || was.get(part.id) === mark(part)) continue;
      was.set(part.id, mark(part));
      swap(before, document.importNode(part, true));
    }
    return true;
  };
})();
