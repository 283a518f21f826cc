// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, singleLine } from '@lading/command-line';
import type { PullProgress } from '@lading/engine';

/** A line on stderr about what happens. */
export async function say({ environment, flags }: CommandCall, line: string): Promise<void> {
  if (flags.string('log-format') === 'json') {
    await environment.stderr(`${JSON.stringify({ level: 'info', message: line })}\n`);
  } else await environment.stderr(`${singleLine(line)}\n`);
}

/** A line for every part that has come. */
export function progressPrinter(call: CommandCall): (event: PullProgress) => void {
  const told = new Set<string>();
  const json = call.flags.string('log-format') === 'json';
  return (event) => {
    const key = `${event.kind} ${event.id} ${event.state}`;
    if (told.has(key)) return;
    told.add(key);
    if (json) void call.environment.stderr(`${JSON.stringify({ level: 'info', progress: event })}\n`);
    else if (event.state === 'done') {
      const id = event.id.replace(/^sha256:/, '').slice(0, 12);
      void call.environment.stderr(`${singleLine(`Copying ${event.kind} ${id} done`)}\n`);
    }
  };
}
