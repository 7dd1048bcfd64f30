import { type Html, html, nothing } from "#pkg/html/html.ts";

/**
 * The Markdown that our own documents are written in, as markup: headings, paragraphs, lists, tables, fenced code, and
 * within a line code, strong words and links. Anything else stands as it is written; all of it is escaped.
 */
export function markdown(text: string): Html {
  return html`${toBlocks(text.split("\n")).map(blockOf)}`;
}

/** Lines that belong together: between blank lines, or between two fences. */
function toBlocks(lines: readonly string[]): string[][] {
  const blocks: string[][] = [];
  let block: string[] = [];
  const end = () => {
    if (block.length > 0) blocks.push(block);
    block = [];
  };
  for (const line of lines) {
    const isInCode = block[0]?.startsWith("```") === true;
    if (isInCode) {
      block.push(line);
      if (line === "```") end();
    } else if (line.trim() === "") end();
    else {
      if (/^(```|#)/.test(line) || (line.startsWith("- ") && block[0]?.startsWith("- ") === false)) end();
      block.push(line);
      if (line.startsWith("#")) end();
    }
  }
  end();
  return blocks;
}

function blockOf(lines: readonly string[]): Html {
  const [first = ""] = lines;
  if (first.startsWith("```")) return code(lines.slice(1, -1));
  const [, marks, title = ""] = /^(#{1,6}) (.*)$/.exec(first) ?? [];
  if (marks !== undefined) return heading(marks.length, title);
  if (first.startsWith("|")) return table(lines);
  if (first.startsWith("- ")) return list(lines);
  return html`<p>${inline(lines.join(" "))}</p>`;
}

/** The first heading is the page's own; those below it keep their order. */
function heading(depth: number, title: string): Html {
  if (depth === 1) return nothing;
  return depth === 2 ? html`<h2 class="h5">${inline(title)}</h2>` : html`<h3 class="h6">${inline(title)}</h3>`;
}

function code(lines: readonly string[]): Html {
  return html`<pre class="code" tabindex="0">${lines.join("\n")}</pre>`;
}

function list(lines: readonly string[]): Html {
  const items = lines.join("\n").split(/^- /m).filter(Boolean);
  return html`<ul>${items.map((item) => html`<li>${inline(item.trim().replace(/\s*\n\s*/g, " "))}</li>`)}</ul>`;
}

function table(lines: readonly string[]): Html {
  const [head = [], , ...rows] = lines.map((line) => line.split("|").slice(1, -1));
  return html`<div class="table-scroll" tabindex="0"><table class="table"><thead><tr>${head.map((cell) => html`<th>${inline(cell.trim())}</th>`)}</tr></thead><tbody>${rows.map(
    (row) => html`<tr>${row.map((cell) => html`<td>${inline(cell.trim())}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}

const spans = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)/g;

function inline(text: string): Html {
  const parts: Html[] = [];
  let done = 0;
  for (const match of text.matchAll(spans)) {
    const [whole, codeText, strong, label, target] = match;
    parts.push(html`${text.slice(done, match.index)}${spanOf({ codeText, strong, label, target })}`);
    done = match.index + whole.length;
  }
  return html`${parts}${text.slice(done)}`;
}

function spanOf(span: Readonly<Record<"codeText" | "strong" | "label" | "target", string | undefined>>): Html {
  if (span.codeText !== undefined) return html`<code>${span.codeText}</code>`;
  if (span.strong !== undefined) return html`<strong>${inline(span.strong)}</strong>`;
  const [, name] = /^(?:\.\/)?([a-z-]+)\.md(?:#.*)?$/.exec(span.target ?? "") ?? [];
  // other places are files of the checkout or outside: a browser at the site cannot follow them
  return name === undefined ? html`${span.label}` : html`<a href="/help/${name}">${span.label}</a>`;
}

/** The first heading of a document; undefined when it has none. */
export function titleOf(text: string): string | undefined {
  return /^# (.+)$/m.exec(text)?.[1];
}
