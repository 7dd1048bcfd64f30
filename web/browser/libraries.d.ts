/** htmx, served as a classic script. */
declare const htmx: { ajax(method: string, url: string, context: { source: Element; swap: string }): Promise<void> };

/** uPlot, served as a classic script on pages with a chart. */
declare const uPlot: typeof import("uplot");

/** What we use of Tabulator, served as a classic script on pages with a table; it brings no types of its own. */
declare class Tabulator {
  constructor(element: HTMLElement, options: Record<string, unknown>);
  on(event: string, listener: (...values: never[]) => void): void;
  getSelectedData(): unknown[];
  replaceData(): Promise<void>;
}
declare interface TabulatorCell {
  getValue(): unknown;
  getData(): unknown;
}
