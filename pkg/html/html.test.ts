import { describe, expect, it } from "vitest";
import { html, nothing, withQuery } from "./html.ts";

describe("html", () => {
  it("escapes text and attributes, and keeps other html as it is", () => {
    const hostile = `"><script>alert('1')</script>&`;
    const inner = html`<b>${hostile}</b>`;
    expect(String(html`<a title="${hostile}">${inner}</a>`)).toBe(
      '<a title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;"><b>&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;</b></a>',
    );
  });

  it("joins arrays, writes 0, and leaves out what is not there", () => {
    expect(String(html`${[html`<i>1</i>`, "<"]}${0}${null}${undefined}${false}${nothing}`)).toBe("<i>1</i>&lt;0");
  });

  it("refuses a promise", () => {
    expect(() => html`${Promise.resolve("x")}`).toThrow(/await/);
  });
});

describe("withQuery", () => {
  it("encodes and leaves out what is empty", () => {
    expect(withQuery("/devices", { search: "a&b", state: "", page: undefined, n: 0 })).toBe(
      "/devices?search=a%26b&n=0",
    );
    expect(withQuery("/devices", {})).toBe("/devices");
  });
});
