// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import type { ContainerInfo, Containers } from '@lading/engine';
import { parseEnd, parseMoment } from './moment.ts';

/** Prints the logs of containers; of several, each line says whose it is. */
export type PrintLogs = (containers: Containers, chosen: readonly ContainerInfo[]) => Promise<void>;

/** Reads the flags of `logs`. @throws InvalidArgument for a time that is none */
export function logPrinter({ flags, environment }: CommandCall): PrintLogs {
  const tail = flags.int('tail') ?? -1;
  const since = parseMoment(flags.string('since'));
  const until = parseEnd(flags.string('until'));
  const follow = flags.boolean('follow');
  const options = {
    follow,
    signal: environment.signal,
    ...(tail < 0 ? {} : { tail }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };

  function prefixOf({ id, name }: ContainerInfo, position: number): string {
    const word = flags.boolean('names') ? name : id.slice(0, 12);
    return flags.boolean('color') ? `\x1b[${31 + (position % 6)}m${word}\x1b[0m ` : `${word} `;
  }

  async function print(containers: Containers, id: string, prefix: string): Promise<void> {
    const open = { stdout: false, stderr: false };
    for await (const { stream, text, time, partial } of containers.logs(id, options)) {
      const write = (data: string | Uint8Array) =>
        stream === 'stderr' ? environment.stderr(data) : environment.stdout(data);
      const before = `${prefix}${flags.boolean('timestamps') ? `${time.replace('+00:00', 'Z')} ` : ''}`;
      if (!open[stream] && before !== '') await write(before);
      await write(text);
      if (!partial) await write('\n');
      open[stream] = partial;
    }
  }

  return async (containers, chosen) => {
    const prints = chosen.map(
      (container, position) => () =>
        print(containers, container.id, chosen.length < 2 ? '' : prefixOf(container, position)),
    );
    if (follow) await Promise.all(prints.map((start) => start()));
    else for (const start of prints) await start();
  };
}
