// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import type { Engine } from '@lading/engine';
import { withEngine } from '../../engine.ts';
import { forEachName } from '../../output/for-each.ts';
import { findPod, namedPods } from './named-pods.ts';

export async function runPause(call: CommandCall): Promise<number> {
  return eachContainer(call, 'running', ({ containers }, id) => containers.pause(id));
}

export async function runUnpause(call: CommandCall): Promise<number> {
  return eachContainer(call, 'paused', ({ containers }, id) => containers.unpause(id));
}

async function eachContainer(
  call: CommandCall,
  status: 'running' | 'paused',
  act: (engine: Engine, id: string) => Promise<unknown>,
): Promise<number> {
  return withEngine(call, async (engine) =>
    forEachName(call, await namedPods(call, engine), async (name) => {
      const { pod, containers } = await findPod(engine, name);
      for (const container of containers) if (container.status === status) await act(engine, container.id);
      return pod.id;
    }),
  );
}
