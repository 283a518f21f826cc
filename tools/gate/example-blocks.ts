// SPDX-License-Identifier: Apache-2.0

/** A fenced block of a README or of a documentation comment. */
export interface Block {
  readonly language: string;
  readonly code: string;
  readonly line: number;
}

/** The fenced blocks of a Markdown text, with the line on which each begins. */
export function blocksOf(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: { language: string; line: number; code: string[] } | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^```(\w*)/.exec(line);
    if (open === undefined && fence !== null) open = { language: fence[1] ?? '', line: index + 1, code: [] };
    else if (open !== undefined && line.startsWith('```')) {
      blocks.push({ language: open.language, line: open.line, code: `${open.code.join('\n')}\n` });
      open = undefined;
    } else open?.code.push(line);
  }
  return blocks;
}

/** The fenced blocks behind `@example` in the documentation comments of a source, with their lines there. */
export function docExamplesOf(source: string): readonly Block[] {
  return [...source.matchAll(/\/\*\*.*?\*\//gs)].flatMap((comment) => {
    const before = source.slice(0, comment.index).split('\n').length - 1;
    const lines = comment[0].split('\n').map((line) => line.replace(/^\s*\* ?/, ''));
    const from = lines.findIndex((line) => line.startsWith('@example'));
    if (from < 0) return [];
    return blocksOf(lines.slice(from).join('\n')).map((block) => ({
      ...block,
      line: block.line + before + from,
    }));
  });
}

/** What an example promises to print: the texts behind `// → `, in order. */
export function promisedLines(code: string): readonly string[] {
  return [...code.matchAll(/\/\/ → (.*)$/gm)].map((match) => (match[1] ?? '').trimEnd());
}
