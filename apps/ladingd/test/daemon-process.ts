// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { bundled } from '../../../tools/test-support/bundled.ts';

const main = bundled(join(import.meta.dirname, '../src/main.ts'));

const flags = [
  // As `bin/ladingd.js` has it.
  ...['--optimize-for-size', '--max-semi-space-size=1'],
  // For runtimes that are modules.
  ...['--conditions=@lading/source', '--disable-warning=ExperimentalWarning'],
];

/** A ladingd of its own process. */
export interface DaemonProcess {
  readonly pid: number;
  /** Its first line on stdout. */
  readonly line: string;
  /** What it has said on stderr up to now. */
  stderr(): string;
  /** Sends SIGHUP. */
  reload(): void;
  /** Sends the signal and resolves when it has ended, to its exit code, or the signal that ended it. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | string>;
}

/** How a daemon ended that was not ready before. */
export interface EndedEarly {
  readonly code: number | string;
  readonly stderr: string;
}

/** Starts ladingd from its sources and waits for its first line, or its end. */
export async function startDaemonProcess(args: readonly string[]): Promise<DaemonProcess | EndedEarly> {
  const child = spawn(process.execPath, [...flags, main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(([code, signal]: (number | string)[]) => code ?? signal ?? '');
  const ready = new Promise<true>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.includes('\n')) resolve(true);
    });
  });
  const first = await Promise.race([ready, ended]);
  if (first !== true) return { code: first, stderr };
  return {
    pid: child.pid ?? 0,
    line: stdout.slice(0, stdout.indexOf('\n')),
    stderr: () => stderr,
    reload() {
      child.kill('SIGHUP');
    },
    end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}
