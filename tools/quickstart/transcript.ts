// SPDX-License-Identifier: Apache-2.0
import { styleText } from 'node:util';

/** What the quickstart prints: numbered chapters, the commands as typed, their output, and how long each took. */
export interface Transcript {
  chapter(title: string): void;
  /** Prints `$ command`, does the work, then its output with the time behind the last line. */
  step(command: string, work: () => Promise<string>): Promise<string>;
  end(text: string): void;
}

const width = 100;

export function createTranscript(out: NodeJS.WriteStream): Transcript {
  const started = performance.now();
  let chapters = 0;
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    styleText(style, text, { stream: out, validateStream: true });

  return {
    chapter(title) {
      chapters += 1;
      out.write(`\n${paint('bold', `${chapters}. ${title}`)}\n`);
    },
    async step(command, work) {
      out.write(`${paint('cyan', `$ ${command}`)}\n`);
      const from = performance.now();
      const text = (await work()).trimEnd();
      const took = formatMs(performance.now() - from);
      const lines = text === '' ? [''] : text.split('\n');
      const last = lines.length - 1;
      for (const [i, line] of lines.entries()) {
        const shown = `  ${line}`;
        const tail =
          i === last
            ? `${' '.repeat(Math.max(2, width - shown.length - took.length))}${paint('dim', took)}`
            : '';
        out.write(`${shown}${tail}\n`);
      }
      return text;
    },
    end(text) {
      out.write(`\n${paint('green', text)} ${paint('dim', `(${formatMs(performance.now() - started)})`)}\n`);
    },
  };
}

function formatMs(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
