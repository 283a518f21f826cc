// SPDX-License-Identifier: Apache-2.0
import { closeSync } from 'node:fs';
import {
  type DescriptorStream,
  makePipe,
  openDescriptorStream,
  openPseudoTerminal,
  type ProgramEnd,
  type PseudoTerminal,
  spawnProgram,
} from '@lading/linux';
import { childEnvironment } from './child-environment.ts';
import { sendSignal } from './send-signal.ts';
import type { ExecRequest } from './types.ts';

/** The runtime's program while it runs a process, and our ends of what the process reads and writes. */
export interface ExecProcess extends Disposable {
  readonly ended: Promise<ProgramEnd>;
  isOver(): boolean;
  /** Silent when it is over. */
  kill(signal: NodeJS.Signals): void;
  /** Lets Node end before it does. */
  unref(): void;
  /** Only one that has input, and no terminal. */
  readonly stdin: DescriptorStream | undefined;
  /** Not of one that is detached, nor of one at a terminal. */
  readonly stdout: DescriptorStream | undefined;
  readonly stderr: DescriptorStream | undefined;
  /** The runtime joins its own terminal to that of the process; its complaints come by `stderr`. */
  readonly terminal: PseudoTerminal | undefined;
}

/** Starts the program; signals reach the process by the caller's will only. */
export function startExec(program: string, args: readonly string[], request: ExecRequest): ExecProcess {
  const ours: Disposable[] = [];
  const theirs: number[] = [];
  try {
    return start();
  } catch (error) {
    dispose();
    throw error;
  } finally {
    for (const fd of theirs) closeSync(fd);
  }

  function start(): ExecProcess {
    const terminal = request.process.terminal === true ? own(openPseudoTerminal()) : undefined;
    // A process that outlives the call must not hold our pipes, nor be held by them.
    const hasPipes = request.detach !== true;
    const stdin = hasPipes && terminal === undefined && request.stdin ? pipe('writeEnd') : undefined;
    const stdout = hasPipes && terminal === undefined ? pipe('readEnd') : undefined;
    const stderr = hasPipes ? pipe('readEnd') : undefined;
    const fds = [
      ...[terminal?.processFd ?? stdin?.their ?? null, terminal?.processFd ?? stdout?.their ?? null],
      ...[stderr?.their ?? null, ...(request.fds ?? [])],
    ];
    const { pid, ended, unref } = spawnProgram(program, { args, env: childEnvironment(), fds });
    terminal?.closeProcessEnd();
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    ended.then(over, over);
    return {
      ended,
      isOver: () => isOver,
      kill(signal) {
        if (!isOver) sendSignal(pid, signal);
      },
      unref,
      stdin: stdin?.our,
      stdout: stdout?.our,
      stderr: stderr?.our,
      terminal,
      [Symbol.dispose]: dispose,
    };
  }

  function pipe(our: 'readEnd' | 'writeEnd'): { readonly our: DescriptorStream; readonly their: number } {
    const ends = makePipe();
    const their = ends[our === 'readEnd' ? 'writeEnd' : 'readEnd'];
    theirs.push(their);
    return { our: own(openDescriptorStream(ends[our])), their };
  }

  function own<T extends Disposable>(end: T): T {
    ours.push(end);
    return end;
  }

  function dispose(): void {
    for (const end of ours) end[Symbol.dispose]();
  }
}
