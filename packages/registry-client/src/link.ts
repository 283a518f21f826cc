// SPDX-License-Identifier: Apache-2.0

/** One link of a Link header. */
export interface Link {
  /** What stood between `<` and `>`: a URL, mostly without its host. */
  readonly target: string;
  /** Relation types in lower case: `next`. */
  readonly rel: readonly string[];
}

/** Servers send headers of 16 KiB at most, and a page has one next page. */
const longestHeader = 16 * 1024;
const mostLinks = 50;

/**
 * Reads a Link header. What is not well formed ends the list: the links before it are good.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8288#section-3
 */
export function parseLinks(header: string): readonly Link[] {
  const links: Link[] = [];
  if (header.length > longestHeader) return links;
  let at = 0;

  // The parser only walks forward, so that no header takes longer than its length.
  const skip = (characters: string): void => {
    while (at < header.length && characters.includes(header.charAt(at))) at++;
  };
  const until = (characters: string): string => {
    const start = at;
    while (at < header.length && !characters.includes(header.charAt(at))) at++;
    return header.slice(start, at);
  };
  const quoted = (): string => {
    let text = '';
    for (at++; at < header.length && header.charAt(at) !== '"'; at++) {
      if (header.charAt(at) === '\\') at++;
      text += header.charAt(at);
    }
    at++;
    return text;
  };

  for (;;) {
    skip(' \t,');
    if (header.charAt(at) !== '<' || links.length >= mostLinks) return links;
    at++;
    const target = until('>');
    if (header.charAt(at) !== '>') return links;
    at++;
    let rel: string | undefined;
    for (skip(' \t'); header.charAt(at) === ';'; skip(' \t')) {
      at++;
      const name = until('=;,').trim().toLowerCase();
      let value = '';
      if (header.charAt(at) === '=') {
        at++;
        skip(' \t');
        value = header.charAt(at) === '"' ? quoted() : until(';,').trim();
      }
      // The first `rel` counts, as the RFC has it.
      if (name === 'rel') rel ??= value;
    }
    links.push({
      target,
      rel: (rel ?? '')
        .toLowerCase()
        .split(/[ \t]+/)
        .filter((type) => type !== ''),
    });
  }
}
