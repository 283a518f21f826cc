// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import type { CommandCall } from '@lading/command-line';
import { Code, hasCode, LadingError } from '@lading/errors';
import { renderTable } from '@lading/go-template';
import { withEngine } from '../engine.ts';
import { isRunning } from '../output/names.ts';

export async function run(call: CommandCall): Promise<number> {
  const [name = ''] = call.args;
  const pids = await withEngine(call, async (engine) => {
    if (!isRunning(await engine.containers.inspect(name))) {
      throw new LadingError(Code.FailedPrecondition, 'top can only be used on running containers');
    }
    return engine.containers.processes(name);
  });
  const rows = await Promise.all(pids.map(processRow));
  const header = ['USER', 'PID', 'PPID', '%CPU', 'ELAPSED', 'TTY', 'TIME', 'COMMAND'];
  const cells = rows.filter((row) => row !== undefined).toSorted((a, b) => Number(a[1]) - Number(b[1]));
  await call.environment.stdout(renderTable(cells, { header }));
  return 0;
}

/** Clock ticks a second in /proc, the same on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Undefined when the process has ended since it was listed. */
async function processRow(pid: number): Promise<string[] | undefined> {
  try {
    const [stat, status, commandLine, uptime] = await Promise.all(
      [`/proc/${pid}/stat`, `/proc/${pid}/status`, `/proc/${pid}/cmdline`, '/proc/uptime'].map((path) =>
        readFile(path, 'utf8'),
      ),
    );
    const fields = (stat ?? '').slice((stat ?? '').lastIndexOf(')') + 2).split(' ');
    const line = (key: string): string[] =>
      (new RegExp(`^${key}:\\s*(.*)$`, 'm').exec(status ?? '')?.[1] ?? '').split(/\s+/);
    const elapsed = Number((uptime ?? '').split(' ')[0]) - Number(fields[19]) / ticksPerSecond;
    const used = (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
    const words = (commandLine ?? '').split('\0').filter((word) => word !== '');
    return [
      line('Uid')[0] ?? '',
      line('NSpid').at(-1) ?? String(pid),
      await innerParent(Number(fields[1])),
      (elapsed > 0 ? (used / elapsed) * 100 : 0).toFixed(3),
      `${elapsed.toFixed(3)}s`,
      fields[4] === '0' ? '?' : `pts/${Number(fields[4]) & 0xff}`,
      `${used}s`,
      words.length > 0 ? words.join(' ') : `[${line('Name')[0]}]`,
    ];
  } catch (reason) {
    const error = LadingError.from(reason);
    if (hasCode(error, Code.NotFound)) return undefined;
    throw error;
  }
}

/** The parent's number inside the container, 0 when it is outside. */
async function innerParent(pid: number): Promise<string> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const numbers = (/^NSpid:\s*(.*)$/m.exec(status)?.[1] ?? '').split(/\s+/);
    return numbers.length > 1 ? (numbers.at(-1) ?? '0') : '0';
  } catch (reason) {
    if (hasCode(LadingError.from(reason), Code.NotFound)) return '0';
    throw reason;
  }
}
