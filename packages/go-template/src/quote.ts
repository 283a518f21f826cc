// SPDX-License-Identifier: Apache-2.0

const escapes: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

/** Text between quotes as Go's %q writes it; keeps terminal escapes of hostile input out of messages. */
export function quote(text: string, mark: '"' | "'" = '"'): string {
  let out = mark as string;
  for (const char of text) {
    if (char === mark) out += `\\${char}`;
    else if (Object.hasOwn(escapes, char)) out += escapes[char];
    else if (/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(char)) out += codeOf(char);
    else out += char;
  }
  return out + mark;
}

function codeOf(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x1_0000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}
