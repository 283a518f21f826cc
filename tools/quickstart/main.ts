// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cargoChapters } from './cargo.ts';
import { containerChapter } from './containers.ts';
import { daemonChapter } from './daemon.ts';
import type { Journey } from './journey.ts';
import { writeNetwork } from './network.ts';
import { makeRoot } from './root.ts';
import { createTranscript } from './transcript.ts';

if (process.getuid?.() !== 0) {
  console.error(
    'Error: the quickstart makes mounts, namespaces and containers; run it as root: sudo npm run quickstart',
  );
  process.exit(1);
}

const controller = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => controller.abort(new Error(`ended by ${signal}`)));

const transcript = createTranscript(process.stdout);
console.log('Lading: an image travels from a registry into a container.');
try {
  await using stack = new AsyncDisposableStack();
  const roots = stack.use(await makeRoot());
  const network = stack.use(await writeNetwork(roots.path));
  const work = join(roots.path, 'image');
  await mkdir(work);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    HOME: join(roots.path, 'home'),
    LADING_ROOT: join(roots.path, 'root'),
    LADING_RUNROOT: join(roots.path, 'run'),
    LADING_NETWORK_CONFIG_DIR: network.configDir,
  };
  const journey: Journey = {
    transcript,
    env,
    root: roots.path,
    work,
    networkDir: network.configDir,
    signal: controller.signal,
  };
  const image = await cargoChapters(journey, stack);
  await containerChapter(journey, image, stack);
  await daemonChapter(journey, image);
  transcript.end('The cargo has arrived; everything made on the way is being cleaned up.');
} catch (error) {
  console.error(`\nError: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
