// The figure of some paths beside their list: choosing a path dims what is not on it.
// All text is set as text, never as markup; the picture is parsed as SVG, without its scripts.

function drawn(svg) {
  const parsed = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  for (const one of parsed.querySelectorAll("script, foreignObject")) one.remove();
  parsed.removeAttribute("width");
  parsed.removeAttribute("height");
  parsed.style.maxWidth = "100%";
  return document.importNode(parsed, true);
}

function choice(path, place, model) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = `${place + 1}. (${path.sign}) ${path.label}`;
  button.setAttribute("aria-pressed", String(model.get("selected") === place));
  Object.assign(button.style, { display: "block", textAlign: "left", width: "100%", margin: "2px 0" });
  button.addEventListener("click", () => {
    model.set("selected", model.get("selected") === place ? -1 : place);
    model.save_changes();
  });
  return button;
}

function highlight(figure, path) {
  for (const mark of figure.querySelectorAll(".entity, .statement")) {
    const ids = (mark.dataset.id || mark.dataset.statements || "").split(" ");
    const on = !path || ids.some((id) => path.marks.includes(id));
    mark.style.opacity = on ? "1" : "0.15";
  }
}

function render({ model, el }) {
  const list = document.createElement("div");
  const figure = document.createElement("div");
  const show = () => {
    const paths = model.get("paths");
    const selected = model.get("selected");
    list.replaceChildren(...paths.map((path, place) => choice(path, place, model)));
    highlight(figure, paths[selected]);
  };
  const draw = () => {
    figure.replaceChildren(drawn(model.get("svg")));
    show();
  };
  model.on("change:selected", show);
  model.on("change:paths", show);
  model.on("change:svg", draw);
  el.append(list, figure);
  draw();
}

export default { render };
