// Builds every island and the style sheet into cordboard/static/islands/, under stable names: the template tag adds the content's hash.
import { fileURLToPath } from "node:url";
import { build } from "vite";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

await build({
  root: here("."),
  configFile: false,
  logLevel: "warn",
  base: "./",
  build: {
    outDir: here("../cordboard/static/islands"),
    emptyOutDir: true,
    target: "es2022",
    sourcemap: false,
    cssCodeSplit: true,
    modulePreload: false,
    // The designer has React in it, for its own page alone.
    chunkSizeWarningLimit: 640,
    rollupOptions: {
      // htmx can evaluate expressions; we switch that off (allowEval), and the content security policy forbids it anyway.
      // React Flow marks its modules for servers that render; there is none here.
      onwarn: (warning, warn) => ["EVAL", "MODULE_LEVEL_DIRECTIVE"].includes(warning.code) || warn(warning),
      input: {
        desk: here("src/desk.ts"),
        call: here("src/call.ts"),
        page: here("src/page.ts"),
        wall: here("src/wall.ts"),
        visit: here("src/visit.ts"),
        workbench: here("src/workbench.ts"),
        tickets: here("src/tickets.ts"),
        designer: here("src/designer.tsx"),
        cordboard: here("src/styles/index.css"),
      },
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "part-[hash].js",
        assetFileNames: "[name][extname]",
      },
    },
  },
});
