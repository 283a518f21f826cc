// SPDX-License-Identifier: Apache-2.0

/**
 * The whole objects in the text of a JSON list that was cut or overwritten somewhere. An object counts when its braces
 * match and it parses; what is between objects does not matter.
 */
export function objectsIn(text: string): readonly unknown[] {
  const found: unknown[] = [];
  for (let start = text.indexOf('{'); start >= 0; ) {
    const end = endOfObject(text, start);
    const value = end === undefined ? undefined : parsed(text.slice(start, end));
    if (value !== undefined) found.push(value);
    // Behind a broken object the next one is looked for inside of it.
    start = text.indexOf('{', value === undefined || end === undefined ? start + 1 : end);
  }
  return found;
}

function endOfObject(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const c = text[at];
    if (inString) {
      if (c === '\\') at += 1;
      else if (c === '"') inString = false;
    } else if (c === '"') inString = true;
    else if (c === '{') depth += 1;
    else if (c === '}') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
