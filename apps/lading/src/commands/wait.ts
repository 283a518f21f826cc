// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { type CommandCall, type Flags, usageError } from '@lading/command-line';
import type { ContainerInfo, Engine } from '@lading/engine';
import { withEngine } from '../engine.ts';
import { stateName } from '../output/container-row.ts';
import { forEachName } from '../output/for-each.ts';
import { argsOrLatest } from '../output/names.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, environment, flags } = call;
  if (args.length === 0 && !flags.boolean('latest')) throw usageError('"lading wait" requires a name or id');
  const { signal } = environment;
  const conditions = flags.strings('condition').map(parseCondition);
  const intervalMs = readInterval(flags);
  const waitsForEnd = conditions.length === 0 || conditions.every((state) => state === 'exited');
  return withEngine(call, async (engine) =>
    forEachName(call, await argsOrLatest(call, engine), async (name) => {
      if (waitsForEnd) return String((await engine.containers.wait(name, { signal })).exitCode);
      const found = await waitForState(engine, name, { conditions, intervalMs, signal });
      // podman's word for "it has not ended".
      return stateName(found) === 'exited' ? String(found.exit?.exitCode ?? 0) : '-1';
    }),
  );
}

async function waitForState(
  engine: Engine,
  name: string,
  wanted: {
    readonly conditions: readonly string[];
    readonly intervalMs: number;
    readonly signal: AbortSignal;
  },
): Promise<ContainerInfo> {
  for (;;) {
    const container = await engine.containers.inspect(name);
    if (wanted.conditions.includes(stateName(container))) return container;
    await sleep(wanted.intervalMs, undefined, { signal: wanted.signal });
  }
}

/** podman's states, as the names that `ps` has for them here. */
const states: Readonly<Record<string, string>> = {
  configured: 'created',
  created: 'created',
  initialized: 'initialized',
  running: 'running',
  paused: 'paused',
  stopped: 'exited',
  exited: 'exited',
};

function parseCondition(text: string): string {
  const state = Object.hasOwn(states, text) ? states[text] : undefined;
  if (state === undefined) throw usageError(`unknown container state: ${text}: invalid argument`);
  return state;
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A duration, or a number of milliseconds. */
function readInterval(flags: Flags): number {
  const text = flags.string('interval') ?? '250ms';
  const [, amount, unit = 'ms'] = /^(\d+(?:\.\d+)?)(ms|[smh])?$/.exec(text) ?? [];
  if (amount === undefined) throw usageError(`time: invalid duration ${JSON.stringify(text)}`);
  return Number(amount) * (unitMs[unit] ?? 1);
}
