// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from './execute.ts';
import { type Ended, type Result, resultOf } from './result.ts';
import type { Line, Row } from './row.ts';
import { image, type Tool, type Tools } from './tools.ts';
import { scriptOf, wordsOf } from './words.ts';

/** Runs the lines of a row with one of the tools. `word` stands for `{row}`. */
export async function runRow(tools: Tools, tool: Tool, row: Row, word: string): Promise<readonly Result[]> {
  const { world, env, digest } = tools;
  const dir = join(world.dir, `rows-${tool.name}`, word);
  await mkdir(dir, { recursive: true });
  const known: Readonly<Record<string, string>> = {
    image,
    source: world.image,
    registry: world.image.slice(0, world.image.indexOf('/')),
    row: word,
    digest,
    dir,
    tool: tool.name,
  };
  const filled = (text: string): string =>
    text.replaceAll(
      /\{(image|source|registry|row|digest|dir|tool)\}/g,
      (all, name: string) => known[name] ?? all,
    );
  const run = (line: Line): Promise<Ended> => {
    const script = scriptOf(line);
    if (script === undefined) return tool.run(wordsOf(line).map(filled), dir);
    return execute(['sh', '-c', filled(script)], { ...env, TOOL: tool.command.join(' ') }, dir);
  };
  try {
    for (const line of row.before ?? []) {
      const { code, err } = await run(line);
      if (code !== 0) throw new Error(`${tool.name} ${String(line)}: ${code}\n${err}`);
    }
    const places = new Map([
      [dir, '{dir}'],
      [world.image, '{source}'],
    ]);
    const results: Result[] = [];
    for (const [index, line] of row.lines.entries()) {
      results.push(resultOf(row, index, line, await run(line), places));
    }
    return results;
  } finally {
    for (const line of row.after ?? []) await run(line);
  }
}
