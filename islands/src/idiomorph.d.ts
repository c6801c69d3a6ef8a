declare module "idiomorph/dist/idiomorph.esm.js" {
  interface Callbacks {
    beforeNodeAdded?(node: Node): boolean | undefined;
    beforeNodeMorphed?(old: Node, fresh: Node): boolean | undefined;
    beforeNodeRemoved?(node: Node): boolean | undefined;
    beforeAttributeUpdated?(name: string, node: Element, kind: "update" | "remove"): boolean | undefined;
  }
  interface Options {
    morphStyle?: "outerHTML" | "innerHTML";
    ignoreActive?: boolean;
    ignoreActiveValue?: boolean;
    restoreFocus?: boolean;
    callbacks?: Callbacks;
  }
  export const Idiomorph: { morph(old: Element, fresh: Element | string, options?: Options): Node[] };
}
