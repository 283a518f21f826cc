// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import type { CommandCall } from '@lading/command-line';
import { type Engine, openEngine } from '@lading/engine';
import { LadingError } from '@lading/errors';
import { defaultListen } from '../config/settings.ts';
import { containerMetadataOf, podMetadataOf } from '../cri/metadata.ts';
import { isPinned } from '../cri/pinned-images.ts';
import { refuseTaken, socketPath } from '../socket.ts';
import { configured } from './config-flags.ts';

/** Removes what an earlier boot has left, or all. Ends with 1 when something could not be removed. */
export async function run(call: CommandCall): Promise<number> {
  const { flags, environment } = call;
  const settings = await configured(call);
  const graphRoot = flags.string('root') ?? settings.graphRoot;
  const runRoot = flags.string('runroot') ?? settings.runRoot;
  const { listen: _listen, insecureRegistries: _insecure, ...options } = settings;
  // A daemon that runs would make again what is removed, and look for what is gone.
  await refuseTaken(socketPath(flags.string('listen') ?? settings.listen ?? defaultListen));
  await using engine = await openEngine({
    ...options,
    ...(graphRoot !== undefined && { graphRoot }),
    ...(runRoot !== undefined && { runRoot }),
  });
  let failures = 0;
  const attempt = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
      await environment.stdout(`removed ${what}\n`);
    } catch (error) {
      failures += 1;
      await environment.stderr(`Error: ${what}: ${LadingError.from(error).message}\n`);
    }
  };
  await removePods(engine, flags.boolean('force'), attempt);
  if (flags.boolean('images')) await removeImages(engine, settings.pinnedImages ?? [], attempt);
  return failures === 0 ? 0 : 1;
}

type Attempt = (what: string, work: () => Promise<unknown>) => Promise<void>;

/** Those of `lading` on the same store are not the daemon's. */
async function removePods(engine: Engine, isForced: boolean, attempt: Attempt): Promise<void> {
  const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  const kept = new Set<string>();
  for (const pod of await engine.pods.list()) {
    if (podMetadataOf(pod) === undefined) continue;
    if (isForced || pod.bootId !== boot) {
      await attempt(`sandbox ${pod.name}`, () => engine.pods.remove(pod.id, { force: true }));
    } else kept.add(pod.id);
  }
  // Of sandboxes that are gone.
  for (const container of await engine.containers.list({ all: true })) {
    if (containerMetadataOf(container) === undefined || kept.has(container.podId ?? '')) continue;
    await attempt(`container ${container.name}`, () =>
      engine.containers.remove(container.id, { force: true }),
    );
  }
}

async function removeImages(engine: Engine, pinned: readonly string[], attempt: Attempt): Promise<void> {
  const containers = await engine.containers.list({ all: true });
  const used = new Set(
    containers.flatMap(({ imageId, options }) => [
      imageId,
      ...(options.mounts ?? []).flatMap((mount) => (mount.type === 'image' ? [mount.source] : [])),
    ]),
  );
  for (const { id, names } of await engine.images.list()) {
    if (used.has(id) || isPinned(names, pinned)) continue;
    await attempt(`image ${names[0] ?? id}`, () => engine.images.remove(id, { allNames: true }));
  }
}
