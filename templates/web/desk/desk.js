// The desk's own script. Every page works without it.
"use strict";

(() => {
  // Times are in the newsletter's zone; beside them comes the same in the reader's own.
  const ownTime = new Intl.DateTimeFormat("en-GB", {
    weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
  });
  const place = ownTime.resolvedOptions().timeZone.split("/").pop().replaceAll("_", " ");

  function showOwnTimes(within) {
    for (const time of within.querySelectorAll("time[data-own-zone]:not([data-shown])")) {
      time.dataset.shown = "";
      if (time.textContent.trim().endsWith(place)) continue;
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
      const first = document.querySelector("[autofocus]") ?? document.getElementById("main");
      first?.focus({preventScroll: true});
    }
  });
})();

(() => {
  // A send is watched: the server sends the part of the page that changes, already drawn.
  function watch(within) {
    const live = within.querySelector?.("[data-events]:not([data-watched])");
    if (!live) return;
    live.dataset.watched = "";
    const said = document.getElementById("live-said");
    const source = new EventSource(live.dataset.events);
    const stop = () => source.close();
    let tenth = -1;

    source.addEventListener("progress", (event) => {
      if (!live.isConnected) return stop();
      // Somebody who reads a link there with the keyboard keeps their place.
      if (live.contains(document.activeElement)) return;
      live.innerHTML = event.data;
      const bar = live.querySelector("progress");
      const now = bar ? Math.floor(10 * bar.value / bar.max) : 0;
      if (said && bar && now !== tenth) said.textContent = `${now * 10} % of the mails have ended`;
      tenth = now;
    });
    source.addEventListener("done", () => {
      stop();
      if (live.isConnected) location.reload();
    });
    addEventListener("pagehide", stop, {once: true});
  }

  watch(document);
  document.addEventListener("htmx:load", (event) => watch(event.detail.elt));
})();
