// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { quote } from '@lading/go-template';
import { withEngine } from '../engine.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const [name = ''] = args;
  const tail = flags.int('tail') ?? -1;
  const since = parseMoment(flags.string('since'));
  const until = parseMoment(flags.string('until'));
  const timestamps = flags.boolean('timestamps');
  return withEngine(call, async (engine) => {
    const { id } = await engine.containers.inspect(name);
    const entries = engine.containers.logs(id, {
      follow: flags.boolean('follow'),
      signal: environment.signal,
      ...(tail < 0 ? {} : { tail }),
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
    });
    const open = { stdout: false, stderr: false };
    for await (const { stream, text, time, partial } of entries) {
      const write = (data: string | Uint8Array) =>
        stream === 'stderr' ? environment.stderr(data) : environment.stdout(data);
      if (timestamps && !open[stream]) await write(`${time.replace('+00:00', 'Z')} `);
      await write(text);
      if (!partial) await write('\n');
      open[stream] = partial;
    }
    return 0;
  });
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A date, a Unix time in seconds, or how long ago: `10m`, `1h30m`. */
export function parseMoment(text: string | undefined, now: number = Date.now()): Date | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return new Date(Number(text) * 1000);
  if (/^(\d+(\.\d+)?(ms|[smhd]))+$/.test(text)) {
    let ago = 0;
    for (const [, amount, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) {
      ago += Number(amount) * (unitMs[unit] ?? 0);
    }
    return new Date(now - ago);
  }
  const time = /^\d{4}-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw usageError(`failed to parse time: ${quote(text)} is no date, Unix time or duration`);
  return new Date(time);
}
