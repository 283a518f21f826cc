// SPDX-License-Identifier: Apache-2.0
import type { TerminalSize } from './types.ts';

const longestMessage = 1024;
const largestSide = 65_535;

/** Reads `{"Width":80,"Height":24}` one behind the other; a chunk may hold several, or a part. What is none is passed over. */
export async function* readSizes(source: AsyncIterable<Uint8Array>): AsyncGenerator<TerminalSize> {
  let text = '';
  for await (const chunk of source) {
    text += Buffer.from(chunk).toString('latin1');
    for (let end = text.indexOf('}'); end !== -1; end = text.indexOf('}')) {
      const size = parseSize(text.slice(0, end + 1));
      text = text.slice(end + 1);
      if (size !== undefined) yield size;
    }
    if (text.length > longestMessage) text = '';
  }
}

function parseSize(text: string): TerminalSize | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text.slice(Math.max(text.indexOf('{'), 0)));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const columns = 'Width' in value ? value.Width : undefined;
  const rows = 'Height' in value ? value.Height : undefined;
  return isSide(columns) && isSide(rows) ? { columns, rows } : undefined;
}

/** A client whose terminal has no size yet says 0. */
function isSide(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= largestSide;
}
