// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import type { StoreFault, StoreRepair } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { withEngine } from '../engine.ts';

/** In podman's words; mended and lost are what Lading knows beyond it. */
export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const force = flags.boolean('force');
  const options = {
    level: flags.boolean('quick') ? ('quick' as const) : ('full' as const),
    unreferencedAgeMs: flags.durationMs('max'),
    signal: environment.signal,
  };
  return withEngine(call, async ({ store }) => {
    const found = await Array.fromAsync(store.check(options));
    await environment.stdout(told(found));
    if (!force && !flags.boolean('repair')) {
      if (found.length > 0) throw damage('damage detected in local storage');
      return 0;
    }
    if (found.length === 0) return 0;
    await environment.stdout(done(await store.repair({ ...options, faults: found, force })));
    const left = await Array.fromAsync(store.check(options));
    if (left.length === 0) return 0;
    await environment.stdout(told(left));
    throw damage('damage in local storage still present after repair attempt');
  });
}

function told(faults: readonly StoreFault[]): string {
  const blocks = new Map<string, string[]>();
  for (const { subject, id, message } of faults) {
    const title = id === undefined ? 'Damaged store' : `Damaged ${subject} ${id}`;
    blocks.set(title, [...(blocks.get(title) ?? []), `\t* ${message}\n`]);
  }
  return [...blocks].map(([title, lines]) => `${title}:\n${lines.join('')}`).join('');
}

function done({ mended, lost, removed }: StoreRepair): string {
  const lines = [
    ...mended.map((what) => `Mended: ${what}`),
    ...lost.map((what) => `Lost: ${what}`),
    ...removed.layers.map((id) => `Deleted damaged layer: ${id}`),
    ...removed.images.map((id) => `Deleted damaged image: ${id}`),
    ...removed.containers.map((id) => `Deleted damaged container: ${id}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function damage(message: string): LadingError {
  return new LadingError(Code.DataLoss, message, { reason: 'STORE_DAMAGED' });
}
