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

  // A page that came without a full load is read from its start, as any other page; or from where
  // a form of it was sent. What happened is said again, because a reader hears only changes.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target !== document.body || !event.detail.boosted) return;
    const wanted = document.querySelector("[autofocus]");
    if (wanted) wanted.focus();
    else if (!location.hash) document.getElementById("main")?.focus({preventScroll: true});
    announce(document.querySelector("#said")?.textContent.trim());
  });

  // Of a full load that fails the browser tells; of all others the page does.
  document.addEventListener("htmx:sendError", showUnanswered);

  // A proxy answers for a server that is down; what was typed is not to be lost to its page.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const {detail} = event;
    if (!detail.shouldSwap || detail.serverResponse.includes('<main id="main"')) return;
    detail.shouldSwap = false;
    showUnanswered(event);
  });

  function showUnanswered({detail}) {
    const problem = document.createElement("p");
    problem.className = "problem unanswered";
    problem.setAttribute("role", "alert");
    problem.textContent = detail.requestConfig.verb === "get"
      ? "The server does not answer. Try again in a moment."
      : "The server does not answer, so it is not known whether this was done. What you typed is still here: try again in a moment.";
    document.getElementById("said").replaceChildren(problem);
  }

  function announce(words) {
    if (!words) return;
    const said = document.createElement("div");
    said.className = "visually-hidden";
    said.setAttribute("role", "status");
    document.body.append(said);
    setTimeout(() => { said.textContent = words; }, 120);
  }
})();

// --- compose: live counts, the inbox, and stories that are dragged --------------------------------
(() => {
  const field = (id) => document.getElementById(id);
  const many = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

  document.addEventListener("input", (event) => {
    const {id, value, dataset} = event.target;
    if (!id) return;
    const text = value || dataset.automatic || "";
    const length = [...text].length;
    for (const shown of document.querySelectorAll(`[data-count-of="${CSS.escape(id)}"]`)) {
      const words = text.trim() ? text.trim().split(/\s+/u).length : 0;
      const isLine = event.target.tagName === "INPUT";
      shown.textContent = isLine ? many(length, "character") : `${many(words, "word")}, ${many(length, "character")}`;
      shown.classList.toggle("bad", Boolean(shown.dataset.mostWords) && words > Number(shown.dataset.mostWords));
    }
    for (const bar of document.querySelectorAll(`[data-bar-of="${CSS.escape(id)}"]`)) bar.setAttribute("width", Math.min(length, 150));
    if (event.target.closest("form")?.querySelector("#subject")) {
      for (const line of document.querySelectorAll(`[data-shows="${CSS.escape(id)}"]`)) line.textContent = text;
    }
  });

  // Dragging by pointer, also on touch screens; the arrows do the same without it.
  let drag = null;

  document.addEventListener("pointerdown", (event) => {
    const story = event.target.closest?.(".grip")?.closest("[data-movable]");
    if (!story || event.button !== 0) return;
    event.preventDefault();
    drag = {story, target: null, isAfter: false};
    story.classList.add("is-dragged");
    event.target.setPointerCapture?.(event.pointerId);
  });

  document.addEventListener("pointermove", (event) => {
    if (!drag) return;
    clearMark();
    const list = document.elementFromPoint(event.clientX, event.clientY)?.closest("section")?.querySelector("[data-section]");
    drag.list = list;
    drag.target = null;
    if (list) {
      const others = [...list.children].filter((each) => each !== drag.story);
      const below = others.find((each) => event.clientY < each.getBoundingClientRect().top + each.offsetHeight / 2);
      drag.target = below ?? others.at(-1) ?? null;
      drag.isAfter = !below;
      drag.target?.classList.add(drag.isAfter ? "drop-after" : "drop-before");
      list.classList.add("drop-here");
    }
    const edge = 60;
    if (event.clientY < edge) scrollBy(0, -12);
    if (event.clientY > innerHeight - edge) scrollBy(0, 12);
  });

  document.addEventListener("pointerup", () => {
    if (!drag) return;
    const {story, list, target, isAfter} = drag;
    stop();
    if (!list) return;
    const others = [...list.children].filter((each) => each !== story);
    const at = target ? others.indexOf(target) + (isAfter ? 1 : 0) : 0;
    const start = Number(others[0]?.dataset.place ?? 1) === 0 ? 0 : 1;
    const isSame = list === story.parentElement && [...list.children].indexOf(story) === at;
    if (!isSame) send(story, list.dataset.section, at + start);
  });

  document.addEventListener("pointercancel", stop);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") stop();
  });

  function send(story, section, place) {
    const form = field("drop");
    if (!form) return;
    form.setAttribute("action", form.dataset.action + story.dataset.post);
    form.elements.do.value = place ? "move" : "lead";
    form.elements.section.value = section;
    form.elements.place.value = place;
    window.htmx?.process(form);
    form.requestSubmit();
  }

  function clearMark() {
    for (const each of document.querySelectorAll(".drop-before, .drop-after, .drop-here")) {
      each.classList.remove("drop-before", "drop-after", "drop-here");
    }
  }

  function stop() {
    if (!drag) return;
    drag.story.classList.remove("is-dragged");
    clearMark();
    drag = null;
  }
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
