// What the desk's pages share: the form token on every request, times in the reader's zone, forms that submit on change.
(() => {
  "use strict";

  const token = document.body.dataset.csrf;

  document.addEventListener("htmx:config:request", (event) => {
    if (token) event.detail.ctx.request.headers["X-CSRF-Token"] = token;
  });

  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

  function inZone(root) {
    for (const time of root.querySelectorAll("time[datetime]:not([data-in-zone])")) {
      time.title = time.textContent;
      time.textContent = format.format(new Date(time.dateTime));
      time.dataset.inZone = "";
    }
  }

  function ready(root) {
    inZone(root);
    for (const field of root.querySelectorAll("[data-submit]:not([data-ready])")) {
      field.dataset.ready = "";
      field.addEventListener("change", () => field.form.requestSubmit());
    }
  }

  window.desk = {
    ready,
    say(text) {
      document.getElementById("said").textContent = text;
    },
  };

  document.addEventListener("htmx:after:swap", (event) => ready(event.target instanceof Element ? event.target : document));
  ready(document);
})();
