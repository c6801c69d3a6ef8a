// Under the bar: where the flow runs. In it: the menu of what is done seldom.

import type { ReactNode } from "react";
import { DesignerContext, wordsOf } from "./context";
import type { PageData } from "./data";
import { Icon } from "./parts";

export function More({ data }: { data: PageData }): ReactNode {
  const w = wordsOf(data.words);
  return (
    <>
      <button
        type="button"
        className="btn cb-btn"
        popoverTarget="designer-more"
        aria-haspopup="menu"
        aria-label={w("more")}
        title={w("more")}
      >
        <Icon name="dots" />
      </button>
      {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a menu is a list, as all menus of the product are */}
      <ul className="cb-menu" id="designer-more" popover="auto" role="menu">
        <li role="none">
          <a role="menuitem" href={data.urls.export} download>
            <Icon name="download" /> {w("export")}
          </a>
        </li>
        <li role="none">
          <a role="menuitem" href={data.urls.outline} target="_blank" rel="noreferrer">
            <Icon name="external-link" /> {w("outline")}
          </a>
        </li>
        <li role="none">
          <a role="menuitem" href={data.urls.list}>
            <Icon name="sitemap" /> {w("all_flows")}
          </a>
        </li>
      </ul>
    </>
  );
}

/** Where the flow runs, and whether all of it can be done there. */
export function Surfaces(): ReactNode {
  return (
    <DesignerContext.Consumer>
      {(designer) => {
        if (!designer) return null;
        const { data, doc, problems, w } = designer;
        return (
          <div className="cb-surfaces">
            <span className="cb-soft">{w("runs_on")}</span>
            {doc.surfaces.map((code) => {
              const words = data.surfaces.find(([one]) => one === code)?.[1] ?? code;
              const own = problems.filter(
                (problem) => problem.code === "surface" && (problem.surface ?? "").split(" ").includes(code),
              ).length;
              return (
                <span key={code} className={own ? "cb-warn" : ""}>
                  <Icon name={own ? "alert-triangle" : "check"} size={12} />
                  {own ? w("surface_problems", { surface: words, number: own }) : words}
                </span>
              );
            })}
          </div>
        );
      }}
    </DesignerContext.Consumer>
  );
}
