"use strict";
// Without this links are links, and blocks that are open at first can be read. It fills the other
// blocks when they are opened, shows all ends of a link at once, keeps blocks open that a link leads
// into, and finds and picks.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);
  const status = byId("status");

  // What a block holds is text until it is opened. The policy lets no script in it run.
  const asHtml = window.trustedTypes
    ? trustedTypes.createPolicy("blocks", {createHTML: (text) => text})
    : {createHTML: (text) => text};
  const fill = (block) => {
    const held = block.querySelector(":scope > script");
    if (!held) return;
    const place = document.createElement("template");
    place.innerHTML = asHtml.createHTML(held.textContent);
    held.replaceWith(place.content);
    dim(block);
    mark(block);
  };
  const sections = all("#contract > .block");
  // The block that a line is in: `p3-L20` names its page, `c120` is in the section that begins last
  // before it.
  const blockOf = (id) => {
    const page = /^(p\d+)-L\d+$/.exec(id);
    if (page) return byId(page[1]);
    const line = /^c(\d+)$/.exec(id);
    if (!line) return null;
    return sections.filter((one) => Number(one.dataset.first) <= Number(line[1])).pop() || null;
  };
  const find = (id) => {
    const block = byId(id) ? null : blockOf(id);
    if (block) fill(block);
    return byId(id);
  };

  const ends = (row, look = find) => {
    const named = (row.dataset.to || "").split(" ").filter(Boolean);
    return named.map(look).filter((found) => found && found.classList.contains("row"));
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
      if (at.tagName !== "DETAILS") continue;
      fill(at);
      at.open = true;
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
  const scrollTo = (row) => {
    const column = row.closest(".column");
    const gap = row.getBoundingClientRect().top - column.getBoundingClientRect().top;
    const inView = gap > 60 && gap < column.clientHeight - 40;
    if (!inView) column.scrollTop += gap - column.clientHeight / 4;
  };
  const show = (row) => {
    open(row);
    scrollTo(row);
    row.closest(".column").scrollIntoView({block: "nearest"});
  };
  const arrive = (from) => {
    let target = null;
    try {
      target = find(decodeURIComponent(location.hash.slice(1)));
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
    if (row) ends(row, byId).forEach((end) => end.classList.add("near"));
    if (row && event.type === "focusin") tell(row);
  };
  document.addEventListener("pointerover", near);
  document.addEventListener("focusin", near);

  const columns = document.querySelector(".columns");
  const dim = (root) => {
    const pressed = all(".key[aria-pressed=true]").map((one) => one.dataset.kind);
    columns.classList.toggle("dimmed", pressed.length > 0);
    all(".row, .note", root).forEach((row) => {
      row.classList.toggle("shown", pressed.includes(kind(row)));
    });
  };
  all(".key").forEach((key) => {
    key.disabled = false;
    key.addEventListener("click", () => {
      key.setAttribute("aria-pressed", String(key.getAttribute("aria-pressed") !== "true"));
      dim(document);
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
  let words = [];
  const fits = (text) => words.every((word) => text.toLowerCase().includes(word));
  const mark = (root) => {
    all(".row", root).forEach((row) => {
      row.classList.toggle("found", words.length > 0 && fits(row.querySelector(".text").textContent));
    });
  };
  byId("filter").addEventListener("input", (event) => {
    words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    all(".block").forEach((block) => {
      block.hidden = !fits(block.dataset.text);
      left += block.hidden ? 0 : 1;
    });
    mark(document);
    all(".column").forEach((column) => {
      const first = column.querySelector(".block[open]:not([hidden]) .row.found");
      if (first) scrollTo(first);
    });
    status.textContent = words.length ? left + " blocks fit" : "";
  });
  document.addEventListener("toggle", (event) => {
    if (event.target.open && event.target.classList.contains("block")) fill(event.target);
  }, true);
})();
