// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MediaType, parseManifest } from '@lading/image-spec';
import { afterAll } from 'vitest';
import {
  createMemorySource,
  destinationConformance,
  makeTestImage,
  pairConformance,
  sourceConformance,
} from '../src/conformance.ts';
import { openDestination, openSource, type TransportContext } from '../src/index.ts';
import { createMemoryTransport } from './memory-transport.ts';
import { copy, makeFolder, makePodman } from './programs.ts';

// The transports whose cases are in no other file.

const atEnd: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const action of atEnd.splice(0).reverse()) await action();
});

/** Opens both sides of a reference. */
function sidesOf(reference: string, context: TransportContext) {
  return {
    destination: () => openDestination(reference, context),
    source: () => openSource(reference, context),
  };
}

/** A folder that the case takes away itself. */
async function newFolder(): Promise<{ cwd: string; dispose: () => Promise<void> }> {
  const cwd = await makeFolder(() => undefined);
  return { cwd, dispose: () => rm(cwd, { recursive: true, force: true }) };
}

// A user's own, under its name.
function memory() {
  const context = { transports: [createMemoryTransport()] };
  return { ...sidesOf('memory:app', context), context, dispose: async () => {} };
}
destinationConformance('memory:', async () => memory());
sourceConformance('memory:', async (image) => {
  const { source, context, dispose } = memory();
  await copy(createMemorySource(image), 'memory:app', context);
  return { source: await source(), dispose };
});
pairConformance([
  { name: 'memory:', start: async () => memory() },
  {
    name: 'oci:',
    async start() {
      const { cwd, dispose } = await newFolder();
      return { ...sidesOf('oci:image:name', { cwd }), dispose };
    },
  },
]);

sourceConformance('containers-storage:', async (image) => {
  const { cwd, dispose } = await newFolder();
  const reference = `containers-storage:[overlay@${cwd}/graph+${cwd}/run]example.com/app:1`;
  await copy(createMemorySource(image), reference, { cwd });
  const source = await openSource(reference);
  // Layers are given as they were unpacked.
  const given = (await source.layersToCopy?.(parseManifest(image.top.bytes))) ?? [];
  return { source, image: { ...image, layers: given.map(({ layer }) => layer) }, dispose };
});

sourceConformance('tarball:', async () => {
  const { cwd, dispose } = await newFolder();
  const saved = await makeTestImage({ seed: 'rootfs', saved: true });
  const names = saved.layers.map((_, i) => `${i}.tar`);
  for (const [i, layer] of saved.layers.entries()) {
    await writeFile(join(cwd, names[i] ?? ''), saved.blobs.get(layer.digest) ?? '');
  }
  const source = await openSource(`tarball:${names.join(':')}`, { cwd });
  // The image is made of the files: only its layers are known before.
  const top = await source.manifest();
  const { config, layers } = parseManifest(top.bytes);
  const { digest } = saved.layers[0] ?? config;
  if (layers[0]?.digest !== digest || top.mediaType !== MediaType.ImageManifest)
    throw new Error('other layers');
  if (top.digest !== `sha256:${createHash('sha256').update(top.bytes).digest('hex')}`) {
    throw new Error('the digest is of other bytes');
  }
  return { source, image: { ...saved, top, config, layers }, dispose };
});

/** One for all cases: it takes seconds to start. */
let daemon: Promise<string> | undefined;
let images = 0;
async function inDaemon() {
  daemon ??= makePodman((action) => atEnd.push(action)).then((podman) => podman.service());
  images += 1;
  const context = { daemonHost: await daemon };
  const reference = `docker-daemon:example.com/app-${images}:1`;
  return { ...sidesOf(reference, context), reference, context, dispose: async () => {} };
}
destinationConformance('docker-daemon:', async () => ({
  ...(await inDaemon()),
  keeps: 'config',
  keepsBlobs: false,
}));
sourceConformance('docker-daemon:', async (image) => {
  const { source, reference, context, dispose } = await inDaemon();
  await copy(createMemorySource(image), reference, context);
  return { source: await source(), image: await makeTestImage({ seed: 'source', saved: true }), dispose };
});
