"use strict";
// Shows the cases in which every word occurs.
const field = document.getElementById("words");
const message = document.querySelector("#filter output");
const cases = [...document.querySelectorAll("[data-words]")];
const groups = [...document.querySelectorAll("details.list, section.step, #wrong")];
const anyOf = (group) => group.querySelector("[data-words]:not([hidden])") !== null;

field.addEventListener("input", () => {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const one of cases) {
    one.hidden = !words.every((word) => one.dataset.words.includes(word));
  }
  for (const group of groups) {
    group.hidden = !anyOf(group);
    if (group.tagName === "DETAILS") {
      group.open = words.length > 0 && !group.hidden;
    }
  }
  const found = groups.some(anyOf);
  message.textContent = words.length > 0 && !found ? "no case" : "";
});
document.getElementById("filter").hidden = false;
