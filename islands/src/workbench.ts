// The policy editor, on the page of a draft. The page comes and goes in the shell; the editor begins with each.

import { startPolicy } from "./workbench/page";

function look(): void {
  const data = document.getElementById("policy-editor");
  const list = document.getElementById("policy-rules");
  if (data && list && !list.dataset.editing) startPolicy(data, list);
}

document.addEventListener("htmx:afterSettle", look);
look();
