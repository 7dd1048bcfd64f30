import type { IConfiguration } from "dependency-cruiser";

/** Modules in the order of the loop: each may import the types of earlier ones' `contract.ts` only. */
const moduleOrder = [
  "inventory",
  "autodeploy",
  "fleet",
  "ingest",
  "metrics",
  "rule",
  "analyzer",
  "alert",
  "contacts",
  "notifier",
  "automation",
  "reporter",
  "healthcheck",
  "orchestrator",
  "plugins",
];

const tests = "\\.test\\.ts$";

function notLater(module: string, index: number) {
  const later = moduleOrder.slice(index + 1);
  return {
    name: `${module}-looks-back-only`,
    comment: "data goes down the loop; a module knows only those before it",
    severity: "error" as const,
    from: { path: `^internal/${module}/`, pathNot: tests },
    to: { path: `^internal/(${later.join("|")})/` },
  };
}

/** Who may import whom (docs/architecture.md). A test seeds a breach of each rule and sees it caught. */
export const rules: NonNullable<IConfiguration["forbidden"]> = [
  {
    name: "no-cycles",
    comment: "two files that need each other are one idea, or one of them needs an interface",
    severity: "error",
    from: { pathNot: tests },
    to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
  },
  {
    name: "resolvable",
    comment: "an import that leads nowhere",
    severity: "error",
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: "contracts-know-nobody",
    comment: "what crosses a plugin or process line depends on nothing of ours",
    severity: "error",
    from: { path: "^pkg/contracts/", pathNot: tests },
    to: { path: "^(apps|internal|pkg|plugins|services|web)/", pathNot: "^pkg/contracts/" },
  },
  {
    name: "pkg-knows-no-product",
    comment: "a technical block could be lifted into another project",
    severity: "error",
    from: { path: "^pkg/", pathNot: tests },
    to: { path: "^(apps|internal|plugins|services|web|conf)/" },
  },
  {
    name: "pkg-sees-ports-of-pkgs",
    comment: "a pkg imports other pkgs' port.ts, and the small blocks without a port",
    severity: "error",
    from: { path: "^pkg/([^/]+)/", pathNot: tests },
    to: {
      path: "^pkg/",
      pathNot: [
        "^pkg/$1/",
        "^pkg/contracts/",
        "^pkg/errors/",
        "^pkg/env/",
        "^pkg/clock/deadline\\.ts$",
        "^pkg/config/duration\\.ts$",
        "^pkg/config/size\\.ts$",
        // The one way to reach a Redis, for the adapters of cache and bus; a port over it would only say less.
        "^pkg/redis/(client|config)\\.ts$",
        "/port\\.ts$",
      ],
    },
  },
  {
    name: "modules-see-contracts",
    comment: "of another module only contract.ts is seen",
    severity: "error",
    from: { path: "^internal/([^/]+)/", pathNot: tests },
    to: { path: "^internal/", pathNot: ["^internal/$1/", "/contract\\.ts$"] },
  },
  ...moduleOrder.slice(0, -1).map(notLater),
  {
    name: "modules-know-no-outside",
    comment: "modules are handed plugins, pages and wiring; they never import them",
    severity: "error",
    from: { path: "^internal/", pathNot: tests },
    to: { path: "^(apps|plugins|services|web|conf)/" },
  },
  {
    name: "adapters-belong-to-apps",
    comment: "which adapter serves a port is decided in the wiring",
    severity: "error",
    from: { path: "^(internal|plugins|web|services)/", pathNot: tests },
    to: { path: "^pkg/[^/]+/adapters/" },
  },
  {
    name: "plugins-know-contracts",
    comment:
      "a plugin gets what it needs handed in by the host; plugins of one kind may share a file beside their folders",
    severity: "error",
    from: { path: "^plugins/([^/]+)/([^/]+)/", pathNot: tests },
    to: {
      path: "^(apps|internal|pkg|plugins|services|web|conf)/",
      pathNot: ["^plugins/$1/$2/", "^plugins/$1/[^/]+\\.ts$", "^pkg/contracts/"],
    },
  },
  {
    name: "plugin-index-is-for-apps",
    comment: "only the wiring knows which plugins there are",
    severity: "error",
    from: { path: "^(internal|pkg|web|services)/", pathNot: tests },
    to: { path: "^plugins/" },
  },
  {
    name: "services-know-pkgs",
    comment: "a service is replaceable by one in another language",
    severity: "error",
    from: { path: "^services/", pathNot: tests },
    to: { path: "^(apps|internal|plugins|web)/" },
  },
  {
    name: "web-sees-contracts",
    comment: "pages see types of contracts, ports and the html writer",
    severity: "error",
    from: { path: "^web/", pathNot: tests },
    to: {
      path: "^(apps|internal|pkg|plugins|services)/",
      pathNot: [
        "^internal/[^/]+/contract\\.ts$",
        "^pkg/contracts/",
        "^pkg/html/",
        "^pkg/i18n/",
        "^pkg/[^/]+/port\\.ts$",
      ],
    },
  },
  {
    name: "views-only-draw",
    comment: "a view and the parts beside it are html from view data, worded by i18n",
    severity: "error",
    from: { path: "^web/pages/[^/]+/view\\.ts$" },
    to: {
      path: "^(apps|internal|pkg|plugins|services|web)/",
      pathNot: ["^pkg/html/", "^pkg/i18n/", "^web/components/", "^web/pages/[^/]+/", "^web/layouts/"],
    },
  },
  {
    name: "product-knows-no-tests",
    comment: "tests depend on the product, never the other way",
    severity: "error",
    from: { path: "^(apps|internal|pkg|plugins|services|web|bin)/", pathNot: tests },
    to: { path: "^test/" },
  },
];

/** How the tree is read: type-only imports count, `#` names resolve by package.json. */
export const options: NonNullable<IConfiguration["options"]> = {
  tsPreCompilationDeps: true,
  doNotFollow: { path: "node_modules" },
  exclude: { path: ["node_modules", "\\.gen\\.ts$"] },
  tsConfig: { fileName: "tsconfig.json" },
  enhancedResolveOptions: {
    exportsFields: ["exports"],
    conditionNames: ["import", "require", "node", "default", "types"],
    extensions: [".ts", ".mjs", ".js", ".json"],
  },
};
