// The desk's own script. Every page works without it.
"use strict";

(() => {
  // Times are in the newsletter's zone; beside them comes the same in the reader's own.
  const ownTime = new Intl.DateTimeFormat("en-GB", {
    weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
  });
  const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

  function showOwnTimes(within) {
    for (const time of within.querySelectorAll("time[data-own-zone]:not([data-shown])")) {
      time.dataset.shown = "";
      if (time.textContent.includes(ownZone)) continue;
      const own = document.createElement("span");
      own.className = "own-time";
      own.textContent = `${ownTime.format(new Date(time.dateTime))} for you`;
      time.after(" ", own);
    }
  }

  showOwnTimes(document);
  document.addEventListener("htmx:load", (event) => showOwnTimes(event.detail.elt));

  // A page that came without a full load is read from its start, as any other page.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target === document.body && event.detail.boosted && !location.hash) {
      document.getElementById("main")?.focus({preventScroll: true});
    }
  });
})();
