import { describe, expect, it } from "vitest";
import { markdown, titleOf } from "./markdown.ts";

const rendered = (text: string) => String(markdown(text));

describe("markdown of our own documents", () => {
  it.each([
    ["# Title\n\none\ntwo", "<p>one two</p>"],
    ["## A `b`\n### C", '<h2 class="h5">A <code>b</code></h2><h3 class="h6">C</h3>'],
    ["- one\n  more\n- **two `x`**", "<ul><li>one more</li><li><strong>two <code>x</code></strong></li></ul>"],
    ["so:\n- one", "<p>so:</p><ul><li>one</li></ul>"],
    ["```js\na\n\n# b\n```\nend", '<pre class="code" tabindex="0">a\n\n# b</pre><p>end</p>'],
    [
      "see [plugins](plugins.md) and [far](https://x.example)",
      '<p>see <a href="/help/plugins">plugins</a> and far</p>',
    ],
  ])("%j", (text, markup) => expect(rendered(text)).toBe(markup));

  it("makes tables that scroll in themselves", () => {
    expect(rendered("| a | b |\n|---|---|\n| `1` | 2 |")).toContain(
      "<thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td><code>1</code></td><td>2</td></tr></tbody>",
    );
  });

  it("escapes everything", () => {
    expect(rendered("<img src=x> `<b>` [<i>](a.md)\n\n```\n</pre><script>\n```")).toBe(
      '<p>&lt;img src=x&gt; <code>&lt;b&gt;</code> <a href="/help/a">&lt;i&gt;</a></p><pre class="code" tabindex="0">&lt;/pre&gt;&lt;script&gt;</pre>',
    );
  });

  it("knows a document's title", () => {
    expect([titleOf("# Plugins\n\n## x"), titleOf("text")]).toEqual(["Plugins", undefined]);
  });
});
