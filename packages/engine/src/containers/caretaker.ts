// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { processStartTicks, writeSmallFile } from '@lading/linux';
import { type Context, runPath } from '../core/context.ts';
import { livesScript } from '../core/lives-script.ts';
import type { ContainerRecord } from '../types/containers.ts';

const script = `${livesScript}
run=$1
shift
if { read -r pid ticks < "$0"; } 2>/dev/null; then
  lives "$pid" "$ticks" && exit
else
  test -n "$run" && test ! -e "$run" && exit
fi
exec "$@"
`;

/**
 * Says that this process will clean up after a container, until it is disposed of. What the monitor runs at the end
 * leaves it to a process that lives: it would take its share of the machine just when we do the same.
 */
export function takeCare(context: Context, id: string): Disposable | undefined {
  if (context.exitCommand.length === 0) return undefined;
  const path = noteOf(context, id);
  mkdirSync(folderOf(context), { recursive: true, mode: 0o700 });
  writeSmallFile(path, `${process.pid} ${processStartTicks(process.pid) ?? ''}\n`, { mode: 0o600 });
  // That of another, who came after us, goes as well: then the clean-up is asked for once too often.
  return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
}

/**
 * What the monitor runs at the end: the command, unless somebody takes care, or has taken care already, as happens where
 * the monitor is slow to come to it. A shell looks in a millisecond.
 */
export function unlessCaredFor(
  context: Context,
  { id, options }: ContainerRecord,
  command: readonly string[],
): readonly string[] {
  if (command.length === 0) return command;
  // More than a clean-up may be left to do of one that runs again, or is removed then.
  const isAllDone = options.restartPolicy === undefined && options.autoRemove !== true;
  return ['/bin/sh', '-c', script, noteOf(context, id), isAllDone ? runPath(context, id) : '', ...command];
}

/** A killed process has left it. */
export function forgetCaretaker(context: Context, id: string): void {
  rmSync(noteOf(context, id), { force: true });
}

function noteOf(context: Context, id: string): string {
  return join(folderOf(context), id);
}

function folderOf(context: Context): string {
  return join(context.runDir, 'caretakers');
}
