// SPDX-License-Identifier: Apache-2.0

const html: Readonly<Record<string, string>> = {
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\0': '\ufffd',
};

/** What `html` gives: text that a browser shows as it is. */
export function escapeHtml(text: string): string {
  return text.replace(/["'&<>\0]/g, (char) => html[char] ?? char);
}

const js: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
};

/** What `js` gives: text for a string in JavaScript between quotes. */
export function escapeJs(text: string): string {
  return text.replace(/[\\'"<>&=]|[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, (char) => {
    if (Object.hasOwn(js, char)) return js[char] ?? char;
    const code = char.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`;
  });
}

/** What `urlquery` gives: text for a value in the query of a URL. */
export function escapeQuery(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}
