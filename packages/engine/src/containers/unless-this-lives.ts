// SPDX-License-Identifier: Apache-2.0
import { processStartTicks } from '@lading/linux';
import { livesScript } from '../core/lives-script.ts';

const script = `${livesScript}
lives "$0" "$1" && exit
shift
exec "$@"
`;

/**
 * A command that does nothing while this process lives, which will do the same itself: a shell looks in a
 * millisecond, where the command would take its share of the machine just when we clean up.
 */
export async function unlessThisLives(command: readonly string[]): Promise<readonly string[]> {
  if (command.length === 0) return command;
  const ticks = processStartTicks(process.pid) ?? '';
  return ['/bin/sh', '-c', script, String(process.pid), ticks, ...command];
}
