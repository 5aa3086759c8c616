"use strict";
// Everything works without this: links are links, blocks open by themselves. It shows all ends of
// a link at once, keeps blocks open that a link leads into, and finds and picks.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);
  const status = byId("status");

  const ends = (row) => {
    const named = (row.dataset.to || "").split(" ").filter(Boolean);
    return named.map(byId).filter((found) => found && found.classList.contains("row"));
  };
  const clear = (name) => all("." + name).forEach((row) => row.classList.remove(name));
  const kind = (row) => ["stated", "sample", "assumed", "overlay", "heading", "furniture"]
    .find((name) => row.classList.contains(name)) || "blank";
  const name = (row) => {
    const source = row.querySelector(".source");
    if (!source) return "page line " + row.querySelector(".no").textContent;
    return source.getAttribute("aria-label").split(": " + kind(row) + ", ")[0];
  };

  const open = (element) => {
    for (let at = element; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
    }
  };
  const tell = (row) => {
    const others = ends(row).map(name);
    const shown = others.slice(0, 6).join(", ") + (others.length > 6 ? ", ..." : "");
    status.textContent = name(row) + ": " + kind(row) + (shown ? "; linked with " + shown : "");
  };
  const choose = (row) => {
    clear("chosen");
    row.classList.add("chosen");
    ends(row).forEach((end) => end.classList.add("chosen"));
    tell(row);
  };
  // Moves a column, not the whole page, so that both sides stay in view.
  const show = (row) => {
    open(row);
    const column = row.closest(".column");
    const gap = row.getBoundingClientRect().top - column.getBoundingClientRect().top;
    const inView = gap > 60 && gap < column.clientHeight - 40;
    if (!inView) column.scrollTop += gap - column.clientHeight / 4;
    column.scrollIntoView({block: "nearest"});
  };
  const arrive = (from) => {
    let target = null;
    try {
      target = byId(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return;
    }
    if (!target) return;
    if (target.classList.contains("row")) {
      const [end] = ends(target).filter((one) => one.closest(".column"));
      if (end && !ends(target).some((one) => one.classList.contains("chosen"))) show(end);
      show(target);
      choose(target);
      if (from) from.classList.add("chosen");
    } else {
      open(target);
      target.scrollIntoView({block: "start"});
    }
    if (target.tabIndex < 0) target.setAttribute("tabindex", "-1");
    target.focus({preventScroll: true});
  };
  document.documentElement.classList.add("scripted");
  addEventListener("popstate", () => arrive(null));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const from = link.closest(".row");
    if (from) choose(from);
    history.pushState(null, "", link.getAttribute("href"));
    arrive(from);
  });
  // After the browser's own way to a fragment, which moves the whole page.
  addEventListener("load", () => requestAnimationFrame(() => arrive(null)));

  // A click beside the text of a line is a click on its link.
  document.addEventListener("click", (event) => {
    const row = event.target.closest(".row");
    if (!row || event.target.closest("a") || String(getSelection())) return;
    const link = row.querySelector("a");
    if (link) link.click();
  });
  const near = (event) => {
    clear("near");
    const row = event.target.closest && event.target.closest(".row");
    if (row) ends(row).forEach((end) => end.classList.add("near"));
    if (row && event.type === "focusin") tell(row);
  };
  document.addEventListener("pointerover", near);
  document.addEventListener("focusin", near);

  const columns = document.querySelector(".columns");
  all(".key").forEach((key) => {
    key.disabled = false;
    key.addEventListener("click", () => {
      key.setAttribute("aria-pressed", String(key.getAttribute("aria-pressed") !== "true"));
      const pressed = all(".key[aria-pressed=true]").map((one) => one.dataset.kind);
      columns.classList.toggle("dimmed", pressed.length > 0);
      all(".row, .note").forEach((row) => {
        row.classList.toggle("shown", pressed.includes(kind(row)));
      });
    });
  });

  byId("finder").hidden = false;
  byId("finder").addEventListener("submit", (event) => event.preventDefault());
  const picker = byId("picker");
  if (picker) {
    picker.addEventListener("change", () => {
      const page = byId(picker.value);
      page.open = true;
      show(page.querySelector("summary"));
      page.querySelector("summary").focus({preventScroll: true});
    });
  }
  byId("filter").addEventListener("input", (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    all(".block").forEach((block) => {
      const text = block.dataset.text.toLowerCase();
      block.hidden = !words.every((word) => text.includes(word));
      left += block.hidden ? 0 : 1;
    });
    status.textContent = words.length ? left + " blocks fit" : "";
  });
})();
