// The list of tasks: asked for anew while one of them is active, and the page is looked at.
(() => {
  "use strict";

  const EVERY = 2000; // milliseconds
  const list = () => document.getElementById("list");
  let said = list().dataset.say;

  async function follow() {
    if (!document.hidden && "active" in list().dataset) {
      await window.desk.refresh(location.href);
      if (list().dataset.say !== said) {
        said = list().dataset.say;
        window.desk.say(said);
      }
    }
    if ("active" in list().dataset) setTimeout(follow, EVERY);
  }

  setTimeout(follow, EVERY);
})();
