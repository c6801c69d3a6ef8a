// The flow designer as an element of the page: <cb-designer> with its data in a JSON block beside it. Only the page that has one loads this.

import "@xyflow/react/dist/base.css";
import "./styles/designer.css";
import { createRoot, type Root } from "react-dom/client";
import { App } from "./designer/app";
import type { PageData } from "./designer/data";

class DesignerElement extends HTMLElement {
  private root: Root | null = null;

  connectedCallback(): void {
    const given = document.getElementById(this.dataset.from ?? "")?.textContent;
    if (!given || this.root) return;
    this.root = createRoot(this);
    this.root.render(<App data={JSON.parse(given) as PageData} root={this} />);
  }

  disconnectedCallback(): void {
    this.root?.unmount();
    this.root = null;
  }
}

if (!customElements.get("cb-designer")) customElements.define("cb-designer", DesignerElement);
